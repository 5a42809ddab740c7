"""Answers, their notices, and clients that do not read them."""

import contextlib
import email
import email.policy
import json
import socket
import time
from dataclasses import asdict, replace
from typing import Any

import httpx
import numpy as np
import pytest

from colornet.notices import Notice
from colornet.web.responses import MAX_HEADER, MAX_IN_HEADER, notices_header
from tests.web.conftest import Server, decoded, encoded, running
from tests.web.helpers import (
    COLORIZE,
    metric,
    open_sockets,
)


def test_a_client_that_never_reads_is_left_alone() -> None:
    """Its memory and its connection are free again."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1400), np.uint8)
    with running("--timeout=10", "--model=faces") as server:
        canvas = server.open(encoded(noise, quality=20))
        body = b'{"format": "tiff"}'
        while server.post(f"{canvas}/colorize", content=body).status_code == 503:
            pass  # what the server keeps of the canvas is not what it sends
        held, sockets = metric(server, "bytes"), open_sockets(server)
        head = f"POST {canvas}/colorize HTTP/1.1\r\nHost: localhost\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        page = b"GET /example-color.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40
        with contextlib.ExitStack() as stack:
            stack.enter_context(never_reading(server, page))
            deadline = time.monotonic() + 120
            while metric(server, "bytes") <= held and time.monotonic() < deadline:
                if not metric(server, "jobs_pending"):  # the last one took too long, and got 503
                    stack.enter_context(never_reading(server, request))
                time.sleep(0.05)
            assert metric(server, "bytes") > held, "what is sent counts"
            while open_sockets(server) > sockets and time.monotonic() < deadline:
                time.sleep(0.1)
            assert open_sockets(server) <= sockets, "fewer where an idle one was closed meanwhile"
        assert metric(server, "bytes") == held
        assert metric(server, "jobs_pending") == 0


def never_reading(server: Server, request: bytes) -> socket.socket:
    """A connection on which a request was sent."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
    connection.connect(server.address)
    connection.sendall(request)
    return connection


JPEG = "image/jpeg"
NOTICE = Notice("color-unreachable", "too bright there for this color", "scan.jpg, hint 7")


@pytest.mark.parametrize("count", [1, 3, 3000])
def test_the_header_has_their_number_and_the_first(count: int) -> None:
    told = json.loads(notices_header([NOTICE] * count))
    assert told["count"] == count
    assert told["first"] == [asdict(NOTICE)] * min(count, MAX_IN_HEADER)


@pytest.mark.parametrize("text", ["ü" * 3000, "\r\nSet-Cookie: a=b", '"\\', "\ud800", "\0"])
def test_the_header_is_short_and_ascii_whatever_they_say(text: str) -> None:
    header = notices_header([NOTICE, replace(NOTICE, text=text)])
    assert len(header) <= MAX_HEADER
    assert header.isascii()
    assert header.isprintable()
    told = json.loads(header)
    assert told["count"] == 2
    assert told["first"][0] == asdict(NOTICE)


def test_thousands_of_notices(server: Server, gray: bytes) -> None:
    """Clients take only so long a header; all of them are in the body, if asked for."""
    places = np.random.default_rng(0).random((3000, 1, 2)).tolist()
    hints = [{"points": point, "color": "#ff00ff", "unit": "fractions"} for point in places]
    guidance = json.dumps({"version": 1, "hints": hints})
    files = {"picture": ("scan.jpg", gray)}
    answer = server.post(COLORIZE, files=files, data={"guidance": guidance})
    assert answer.status_code == 200
    header = answer.headers["colornet-notices"]
    assert len(header) <= MAX_HEADER
    told = json.loads(header)
    assert told["count"] > 1000
    assert len(told["first"]) == MAX_IN_HEADER

    form = {"guidance": guidance, "notices": "true"}
    answer = server.post(COLORIZE, files=files, data=form)
    picture, notices = parts(answer)
    assert decoded(picture).shape == (200, 300, 3)
    assert len(notices) == told["count"]
    assert notices[: len(told["first"])] == told["first"]
    subjects = [notice["subject"] for notice in notices]
    assert all(subject.startswith("scan.jpg, hint ") for subject in subjects)
    assert len(set(subjects)) > 1000


@pytest.mark.parametrize("asked", [{}, {"side": 50}, {"region": [0, 0, 20, 20]}])
def test_a_form_of_notices_and_picture(server: Server, canvas: str, asked: dict[str, Any]) -> None:
    plain = server.post(f"{canvas}/colorize", json=asked)
    picture, notices = parts(server.post(f"{canvas}/colorize", json=asked | {"notices": True}))
    assert picture == plain.content
    assert notices == []


def parts(answer: httpx.Response) -> tuple[bytes, list[dict[str, str]]]:
    """The picture and the notices of an answer that is a form."""
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    form: Any = email.message_from_bytes(head + answer.content, policy=email.policy.HTTP)
    notices, picture = form.get_payload()
    for part, name, kind in (notices, "notices", "application/json"), (picture, "picture", JPEG):
        assert part.get_param("name", header="content-disposition") == name
        assert part.get_content_type() == kind
    content = answer.content.split(f"Content-Type: {JPEG}\r\n\r\n".encode())[1]
    return content.rpartition(b"\r\n--")[0], json.loads(notices.get_payload())
