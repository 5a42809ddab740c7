"""Films in forms, and a disk that is full."""

import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.full_disk import NOTHING_COMPILED
from tests.video.films import write_film
from tests.web.conftest import Server, running
from tests.web.film_helpers import FILMS, ready_film, settled
from tests.web.helpers import code, problem

PART = b"Content-Disposition: form-data"


def test_a_film_in_a_form(film_server: Server, film: bytes) -> None:
    files = {"film": ("grandma's reel.mp4", film)}
    told = film_server.post(FILMS, files=files).json()
    assert told["name"] == "grandma's reel.mp4"
    film_server.delete(f"{FILMS}/{told['id']}")
    told = film_server.post(FILMS, files=files, data={"name": "other"}).json()
    assert told["name"] == "other"
    film_server.delete(f"{FILMS}/{told['id']}")


@pytest.mark.parametrize(
    ("form", "subject"),
    [
        ({"data": {"name": "a"}, "files": {}}, "film"),
        ({"files": {"picture": b""}}, "picture"),
        ({"files": {"film": ("a.mp4", b""), "name": ("b", b"c")}}, "name"),
        ({"files": {"film": (None, "text")}}, "film"),
        ({"files": {"film": b""}, "data": {"partial": "perhaps"}}, "partial"),
        ({"files": {"film": b""}, "data": {"name": "a" * 5000}}, "name"),
        ({"files": {"film": b""}, "params": {"name": "a"}, "data": {"name": "b"}}, "name"),
        ({"files": [("film", b"1"), ("film", b"2")]}, "film"),
        ({"files": {"film": b""}}, "upload"),
    ],
)
def test_forms_of_any_kind(
    film_server: Server, films_folder: Path, form: dict[str, Any], subject: str
) -> None:
    if not form.get("files"):
        boundary = "b"
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--b--\r\n'
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        form = {"content": body.encode(), "headers": headers}
    assert problem(film_server.post(FILMS, **form)) == (422, subject)
    assert [folder.name for folder in films_folder.glob("*/*") if folder.is_dir()] == []


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("form-data", b"", "has no boundary in its Content-Type"),
        ("form-data; boundary=b", b"--x\r\n\r\n--x--", "is damaged"),
        ("form-data; boundary=b", b"--b\r\n" + PART + b'; name="film"', "ends too early"),
        ("form-data; boundary=b", b"--b\r\n" + PART + b"\r\n\r\n\r\n", "has a part without a name"),
        ("mixed; boundary=b", b"--b--", "is multipart/mixed"),
    ],
)
def test_damaged_forms(film_server: Server, kind: str, body: bytes, reason: str) -> None:
    answer = film_server.post(FILMS, content=body, headers={"content-type": f"multipart/{kind}"})
    assert problem(answer) == (422, "the form")
    assert answer.json()["error"]["reason"] == reason


def test_a_disk_that_is_full(
    guided_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stood in for by a limit on the size of files, of 200 kB."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name, value in NOTHING_COMPILED.items():
        monkeypatch.setenv(name, value)
    content = b"0" * 300_000
    with running(f"--model={guided_model}") as server:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))
        for upload in ({"content": content}, {"files": {"film": content}}):
            answer = server.post(FILMS, **upload)
            assert code(answer) == (507, "no_space")
            assert "TMPDIR" in answer.json()["error"]["remedy"]
        rng = np.random.default_rng(0)
        noise = [rng.integers(0, 255, (120, 160), np.uint8) for _ in range(12)]
        film = write_film(tmp_path / "a.mp4", noise, options={"crf": "30"})
        path = ready_film(server, film.read_bytes(), name="a.mp4")
        server.post(f"{path}/color", json={"crf": 0})
        told = settled(server, path)["error"]
        assert (told["code"], told["subject"]) == ("unwritable_film", "the server")
        assert str(tmp_path) not in str(told)
        film.unlink()
    assert list(tmp_path.iterdir()) == []
