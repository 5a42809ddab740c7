"""Answers, their notices, and clients that do not read them."""

import contextlib
import json
import re
import socket
import time

import numpy as np
import pytest

from tests.web.conftest import Server, encoded, running
from tests.web.helpers import (
    COLORIZE,
    metric,
    open_sockets,
)


@pytest.mark.slow
def test_too_slow_a_reader() -> None:
    """Who asks and never reads is left alone with what was sent."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1400), np.uint8)
    body = b'{"format": "tiff"}'
    with running("--timeout", "15", "--model", "faces") as server:
        canvas = server.open(encoded(noise, quality=20))
        ask = f"POST {canvas}/colorize HTTP/1.1\r\nHost: localhost\r\n"
        with socket.create_connection(server.address, timeout=30) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            connection.sendall(f"{ask}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            start = connection.recv(1 << 10)
            time.sleep(17)
            rest = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        head, _, received = (start + rest).partition(b"\r\n\r\n")
        announced = int(re.findall(rb"content-length: (\d+)", head)[0])
        assert announced > len(received) > 0
        assert metric(server, "jobs_pending") == 0


def test_a_client_that_never_reads_is_left_alone() -> None:
    """Its memory and its connection are free again."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1400), np.uint8)
    with running("--timeout=2", "--model=faces") as server:
        canvas = server.open(encoded(noise, quality=20))
        body = b'{"format": "tiff"}'
        server.post(f"{canvas}/colorize", content=body)  # what it keeps is not what is sent
        held, sockets = metric(server, "bytes"), open_sockets(server)
        ask = f"POST {canvas}/colorize HTTP/1.1\r\nHost: localhost\r\n"
        page = b"GET /example-color.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40
        with contextlib.ExitStack() as stack:
            for request in (f"{ask}Content-Length: {len(body)}\r\n\r\n".encode() + body, page):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
                connection.connect(server.address)
                stack.enter_context(connection)
                connection.sendall(request)
            deadline = time.monotonic() + 20
            while metric(server, "bytes") <= held and time.monotonic() < deadline:
                time.sleep(0.05)
            assert metric(server, "bytes") > held, "what is sent counts"
            while open_sockets(server) > sockets and time.monotonic() < deadline:
                time.sleep(0.1)
            assert open_sockets(server) <= sockets, "fewer where an idle one was closed meanwhile"
        assert metric(server, "bytes") == held


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
