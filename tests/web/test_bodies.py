"""Bodies that are too large, too slow, or not the JSON that was expected."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from skimage import data
from starlette.requests import Request

from colornet.web.bodies import stream_body
from colornet.web.errors import ApiError
from colornet.web.settings import Settings
from tests.web.conftest import Server, encoded
from tests.web.helpers import CANVASES, COLORIZE, MEGABYTE, code, exchange, metric, problem


def test_too_many_bytes(small: Server) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(32):
            yield bytes(MEGABYTE // 16)

    for path in (COLORIZE, CANVASES):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n"
        assert b" 413 " in exchange(small, head.encode())
        try:
            answer = small.post(path, content=pieces())
        except httpx.TransportError:
            continue  # the server hung up while pieces were still being sent
        assert code(answer) == (413, "upload_too_large")
    canvas = small.open(encoded(data.camera()))
    answer = small.post(f"{canvas}/colorize", content=b" " * (MEGABYTE + 1))
    assert code(answer) == (413, "upload_too_large")


def test_too_slow_an_upload(small: Server) -> None:
    head = b"POST /api/v1/colorize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    began = time.monotonic()
    answer = exchange(small, head + b"only this")
    assert b" 408 " in answer
    assert b"too_slow" in answer
    assert 3 < time.monotonic() - began < 10


def test_time_runs_out_for_a_body_but_not_for_what_is_done_with_it() -> None:
    """Such as writing it to a disk that is slow."""
    pieces = [b"1", b"2", None]

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        if piece is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": piece, "more_body": True}

    async def run() -> None:
        request = Request({"type": "http", "method": "POST", "headers": []}, receive)
        async for _ in stream_body(request, Settings(timeout=0.2), 100):
            await asyncio.sleep(0.3)

    with pytest.raises(ApiError, match="took more than"):
        asyncio.run(run())
    assert pieces == []


def test_aborted_uploads(small: Server, gray: bytes) -> None:
    for _ in range(50):
        with socket.create_connection(small.address) as connection:
            head = f"POST {COLORIZE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(gray)}"
            connection.sendall(head.encode() + b"\r\n\r\n" + gray[: len(gray) // 2])
    for _ in range(5):  # complete, but nobody waits for the answer
        with socket.create_connection(small.address) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + gray)
    time.sleep(0.5)
    deadline = time.monotonic() + 10
    while metric(small, "jobs_pending") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert metric(small, "jobs_pending") == 0
    assert small.post(COLORIZE, content=gray).status_code == 200
    time.sleep(2)
    assert metric(small, "bytes") < 24 * MEGABYTE


DEEP = b"[" * 900 + b"]" * 900


DIGITS = b"9" * 4000


HINT = "hints[0].color"


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (rb'{"guidance": {"version": 1, "setting": "\ud800"}}', "general"),
        (rb'{"\ud800": 1}', "?"),
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
        (b'"text"', "the body"),
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
