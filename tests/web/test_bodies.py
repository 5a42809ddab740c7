"""Requests that are malicious or careless: each is told what is wrong with it."""

import json
from typing import Any

import httpx
import numpy as np
import pytest
from skimage import data

from tests.web.conftest import Server, encoded

COLORIZE = "/api/v1/colorize"
DEEP = b"[" * 900 + b"]" * 900
DIGITS = b"9" * 4000
HINT = "hints[0].color"


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert len(answer.content) < 2000
    return answer.status_code, answer.json()["error"]["subject"]


@pytest.fixture(scope="module")
def canvas(server: Server) -> str:
    return server.open(encoded(data.camera()[:64, :64]))


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (rb'{"guidance": {"version": 1, "setting": "\ud800"}}', "general"),
        (rb'{"\ud800": 1}', "the body"),
        (rb'{"guidance": {"\ud800": 1}}', "?"),
        (b'{"guidance": {"version": 1, "strength": ' + DIGITS + b"}}", "strength"),
        (b'{"guidance": {"version": 1, "saturation": NaN}}', "saturation"),
        (b'{"guidance": ' + DEEP + b"}", "guidance"),
        (b'{"guidance": {"version": 1, "strength": ' + DEEP + b"}}", "strength"),
        (b"[" * 1_000_000, "the JSON"),
        (json.dumps({"k" * 1_000_000: 1}).encode(), "k" * 500),
        (json.dumps({f"k{i}": 1 for i in range(100_000)}).encode(), "k0"),
        (b'{"guidance": {"version": 1, "hints": [' + b"[]," * 1_000_000 + b"[]]}}", "hints"),
        (b'{"quality": ' + DIGITS + b"}", "quality"),
        (b"\xff\xfe{", "the JSON"),
        (b"[]", "the body"),
        (b"null", "the body"),
        (b'{"guidance": null}', "guidance"),
        (b'{"guidance": "{}"}', "guidance"),
        (b'{"guidance": {"version": true}}', "version"),
        (b'{"guidance": {"version": 1, "version": 1}}', "version"),
        (b'{"guidance": {"version": 1}, "guidance": {"version": 1}}', "guidance"),
        (b'{"guidance": {"version": 1, "hints": [{"color": "red", "color": "teal"}]}}', HINT),
        (b'{"guidance": {"version": 1, "strength": ' + DIGITS * 2 + b"}}", "strength"),
        (b'{"reference": 1}', "reference"),
        (b'{"quality": true}', "quality"),
        (b'{"quality": "4"}', "quality"),
        (b'{"quality": 4.0}', "quality"),
        (b'{"quality": 4, "quality": 4}', "quality"),
    ],
)
@pytest.mark.parametrize("what", ["colorize", "variants"])
def test_json_of_any_kind(
    server: Server, canvas: str, what: str, body: bytes, subject: str
) -> None:
    if what == "variants" and b"quality" in body:
        body = body.replace(b"quality", b"n")
        subject = "n"
    assert problem(server.post(f"{canvas}/{what}", content=body)) == (422, subject)


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


@pytest.mark.parametrize(
    "what", [{"metadata": 1}, {"metadata": "yes"}, {"region": [0, 0, 9, True]}]
)
def test_values_of_another_type(server: Server, canvas: str, what: dict[str, Any]) -> None:
    status, told = problem(server.post(f"{canvas}/colorize", json=what))
    assert (status, told.partition(".")[0]) == (422, next(iter(what)))


@pytest.mark.parametrize("query", ["model=general&model=faces", "partial=1&partial=0"])
def test_a_query_that_says_something_twice(server: Server, gray: bytes, query: str) -> None:
    name = query.partition("=")[0]
    for path in (COLORIZE, "/api/v1/canvases"):
        assert problem(server.post(f"{path}?{query}", content=gray)) == (422, name)


@pytest.mark.parametrize("query", ["strength=0.5", "models=faces", "x=1&y=1"])
def test_a_query_that_nothing_would_be_done_with(server: Server, canvas: str, query: str) -> None:
    name = query.partition("=")[0]
    for path in (COLORIZE, f"{canvas}/colorize", "/api/v1/models"):
        method = server.get if path.endswith("models") else server.post
        assert problem(method(f"{path}?{query}")) == (422, name)


def test_what_is_wrong_with_a_reference_is_said_of_it(server: Server, gray: bytes) -> None:
    for file, subject in (
        (("sunset.jpg", b"no picture"), "sunset.jpg"),
        ((None, b"no picture", "image/jpeg"), "reference"),
    ):
        files = {"picture": ("portrait.jpg", gray), "reference": file}
        assert problem(server.post(COLORIZE, files=files)) == (422, subject)
    files = {"picture": ("portrait.jpg", b"no picture"), "reference": ("sunset.jpg", gray)}
    assert problem(server.post(COLORIZE, files=files)) == (422, "portrait.jpg")


@pytest.mark.parametrize("origin", ["http://[::1", "http://[", "null", "\udcff"])
def test_an_origin_that_is_none(server: Server, origin: str) -> None:
    headers = {b"origin": origin.encode("utf-8", "surrogateescape")}
    assert problem(server.get("/api/v1/models", headers=headers)) == (403, "the request")


def test_many_notices_fit_a_header(server: Server, gray: bytes) -> None:
    places = np.random.default_rng(0).random((2000, 1, 2)).tolist()
    hints = [{"points": point, "color": "#ff00ff", "unit": "fractions"} for point in places]
    guidance = json.dumps({"version": 1, "hints": hints})
    answer = server.post(COLORIZE, files={"picture": gray}, data={"guidance": guidance})
    assert answer.status_code == 200
    told = answer.headers["colornet-notices"]
    assert len(told) < 5000
    summary = json.loads(told)
    assert summary["count"] > 1000
    assert 1 < len(summary["first"]) < 20
    assert all("hint" in one["subject"] for one in summary["first"])
