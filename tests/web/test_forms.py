"""Forms: each field is used, or refused by its name."""

from typing import Any

import numpy as np
import pytest

from tests.web.conftest import Server, encoded
from tests.web.helpers import CANVASES, COLORIZE, MEGABYTE, problem


def test_nothing_is_written_to_disk(server: Server) -> None:
    """Not even a picture of 100 MB of pixels, nor a form of several megabytes."""
    noise = np.random.default_rng(1).integers(0, 255, (2000, 3000), np.uint8)
    files = {"picture": ("noise.jpg", encoded(np.tile(noise, (2, 2)), quality=60))}
    assert len(files["picture"][1]) > 8 * MEGABYTE
    before = written(server)
    assert server.post(CANVASES, files=files).status_code == 201
    assert written(server) - before < MEGABYTE // 4


def written(server: Server) -> int:
    """Bytes that the server has handed to files; its answers go to sockets and count too."""
    with open(f"/proc/{server.process.pid}/io", encoding="ascii") as counters:  # noqa: PTH123
        values = dict(line.split(": ") for line in counters)
    return int(values["wchar"])


NO_GUIDANCE = ["null", '"null"', "", " ", "[]", "{", "true", "1"]


FORMS: list[tuple[dict[str, Any], str]] = [
    ({"files": {"picture": b"", "photo": b""}}, "photo"),
    ({"files": [("picture", b"1"), ("picture", b"2")]}, "picture"),
    ({"files": {"pictures": b""}}, "pictures"),
    ({"files": {"reference": b""}}, "picture"),
    ({"files": {"picture": b""}, "data": {"reference": "sunset.jpg"}}, "reference"),
    ({"files": {"picture": b""}, "data": {"strength": "0.5"}}, "strength"),
    *(({"files": {"picture": b""}, "data": {"guidance": it}}, "guidance") for it in NO_GUIDANCE),
    *(({"files": {"picture": b"", "guidance": it.encode()}}, "guidance") for it in NO_GUIDANCE),
    *(({"params": {"guidance": it}}, "guidance") for it in NO_GUIDANCE),
    ({"files": {"guidance": b" " * (5 << 20), "picture": b""}}, "the upload"),
]


@pytest.mark.parametrize(("form", "subject"), FORMS)
def test_fields_that_nothing_would_be_done_with(
    server: Server, form: dict[str, Any], subject: str
) -> None:
    status, told = problem(server.post(COLORIZE, **form))
    assert (status, told) == (413 if subject == "the upload" else 422, subject)


def test_guidance_may_be_a_file(server: Server, gray: bytes) -> None:
    guidance = b'{"version": 1, "saturation": 0}'
    answer = server.post(COLORIZE, files={"picture": gray, "guidance": guidance})
    typed = server.post(COLORIZE, files={"picture": gray}, data={"guidance": guidance.decode()})
    assert answer.content == typed.content
    twice = server.post(
        COLORIZE, params={"guidance": '{"version": 1}'}, files={"picture": gray, "guidance": b"{}"}
    )
    assert problem(twice) == (422, "guidance")


def test_what_is_wrong_with_a_reference_is_said_of_it(server: Server, gray: bytes) -> None:
    for file, subject in (
        (("sunset.jpg", b"no picture"), "sunset.jpg"),
        ((None, b"no picture", "image/jpeg"), "reference"),
    ):
        files = {"picture": ("portrait.jpg", gray), "reference": file}
        assert problem(server.post(COLORIZE, files=files)) == (422, subject)
    files = {"picture": ("portrait.jpg", b"no picture"), "reference": ("sunset.jpg", gray)}
    assert problem(server.post(COLORIZE, files=files)) == (422, "portrait.jpg")
