"""Whatever is wrong with a request is said in plain words: where, what, and what to do."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from tests.web.conftest import Server
from tests.web.helpers import COLORIZE

RAW = re.compile(
    "(?i:input should|expecting|codec|decode|recursion|multipart data|header field|valid dict|"
    r"pydantic|starlette|char \d|traceback|validation)|\b(None|True|False)\b"
)
"""Words of the libraries that read requests."""
HEAD = 'Content-Disposition: form-data; name="{name}"'
FORM = "multipart/form-data; boundary=x"

BODIES: list[bytes] = [
    *(b'{"side": ', b"side", b"{'side': 3}", b'{"side": 3,}', b"{} {}", b'{"side": NaN}'),
    *(b'{"side": 1e999}', b'{"side": ' + b"9" * 5000 + b"}", b'{"reference": "\xe9"}', b"null"),
    *(b"[]", b"4", b"true", b"[" * 100_000, b'{"guidance":' * 50_000, b"{}\0", b"\xff\xd8\xff"),
    *(b"side=4&format=png", b"<html>", b'{"": 1}', b'{"side": 4, "side": 5}', b'{"a\\ud800": 1}'),
]
WRONG_VALUES: list[Any] = [None, True, False, "", "x", -1, 1.5, 10**30, [], {}, [5], {"a": 1}]
FIELDS = ["guidance", "reference", "format", "quality", "metadata", "mark", "notices", "side"]
FIELDS += ["before_after", "region", "unknown"]


def said(answer: httpx.Response) -> str:
    """The sentence, which has all its parts and no raw words."""
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert all(error[part].strip() for part in ("code", "subject", "reason", "remedy")), error
    sentence = f"{error['subject']} {error['reason']}; {error['remedy']}"
    assert not RAW.search(sentence), sentence
    return sentence


def part(head: str, content: bytes = b"1") -> bytes:
    return b"--x\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


@pytest.mark.parametrize("body", BODIES)
def test_json_that_is_none(server: Server, canvas: str, body: bytes) -> None:
    for path in ("colorize", "variants", "matches"):
        said(server.post(f"{canvas}/{path}", content=body))


@pytest.mark.parametrize("field", FIELDS)
def test_values_of_fields(server: Server, canvas: str, field: str) -> None:
    for value in WRONG_VALUES:
        body = json.dumps({field: value})
        answer = server.post(f"{canvas}/colorize", content=body)
        if answer.status_code != 200:
            said(answer)


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"", "multipart/form-data", "the form has no boundary in the header Content-Type; leave"),
        (b"", FORM, "the form ends too early; send multipart/form-data with the picture in the"),
        (part("Content-Type: a/b"), FORM, "the form has a part without a name; send"),
        (b"--y\r\n", "multipart/mixed", "the form has no boundary in the header"),
        (part("\x00"), FORM, "the form is damaged; send"),
        (b"garbage", FORM, "the form is damaged; send"),
        (part(HEAD.format(name="quality"), b"9") + b"--x", FORM, "the form ends too early; send"),
        (part(HEAD.format(name="quality"), b"\xff") + b"--x--", FORM, "picture is missing; send a"),
        (
            part(HEAD.format(name="photo")) + b"--x--",
            FORM,
            "photo is unknown; use picture, ",
        ),
        (part(HEAD.format(name="a")) * 17 + b"--x--", FORM, "the form has more than 16 fields;"),
        (
            part(HEAD.format(name="a") + '; filename="b"') * 4,
            FORM,
            "the form has more than 3 files",
        ),
        (part(HEAD.format(name="model"), b"a" * (5 << 20)), FORM, "the form has a field of more"),
    ],
)
def test_forms(server: Server, body: bytes, kind: str, expected: str) -> None:
    answer = server.post(COLORIZE, content=body, headers={"Content-Type": kind})
    assert said(answer).startswith(expected)


def test_a_form_that_was_cut_off_is_not_colored(server: Server, gray: bytes) -> None:
    head = HEAD.format(name="picture") + '; filename="a.jpg"'
    for content in (part(head, gray), part(head, gray)[:-40]):
        answer = server.post(COLORIZE, content=content, headers={"Content-Type": FORM})
        assert said(answer).startswith("the form ends too early")


@pytest.mark.parametrize(
    "query", ["x=1", "x=nan&y=1", "x=1&y=1&n=" + "9" * 5000, "x=%FF&y=1", "=1"]
)
def test_queries(server: Server, canvas: str, query: str) -> None:
    said(server.get(f"{canvas}/suggestions?{query}"))


def test_numbers_too_large_are_out_of_range(server: Server, canvas: str) -> None:
    answer = server.get(f"{canvas}/suggestions?x=1&y=1&n=" + "9" * 5000)
    assert said(answer).endswith("is out of range; use a smaller number")


def test_a_place_outside_says_which_are_inside(server: Server, canvas: str) -> None:
    answer = server.get(f"{canvas}/suggestions?x=500&y=1")
    expected = "500,1 lies outside the picture; use a place within its 64 x 64 pixels"
    assert said(answer) == expected


def test_compressed_bodies(server: Server, canvas: str, gray: bytes) -> None:
    headers = {"Content-Encoding": "gzip"}
    for path in (COLORIZE, f"{canvas}/colorize"):
        sentence = said(server.post(path, content=gray, headers=headers))
        assert sentence.startswith(
            "Content-Encoding 'gzip' is not supported; send the body uncompressed"
        )
    assert server.post(COLORIZE, content=gray, headers={"Content-Encoding": "identity"}).is_success


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/js/", "/" + "a" * 5000, "/%ff", "/a%00b"])
def test_paths(server: Server, path: str) -> None:
    assert "is not there; see the description of the API at /docs" in said(server.get(path))
