"""Clients that are slow, or too many."""

import contextlib
import resource
import socket
import time

import httpx
import pytest

from colornet.web.settings import Settings
from tests.web.conftest import Server, running
from tests.web.helpers import (
    code,
)


def test_too_slow_a_head(small: Server) -> None:
    """A client that sends a line now and then holds no connection for long."""
    with socket.create_connection(small.address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        with pytest.raises(OSError, match=r"."):  # noqa: PT012
            for number in range(60):
                connection.sendall(f"X-{number}: more\r\n".encode())
                time.sleep(0.2)
        assert time.monotonic() - began < 10


def test_too_many_connections() -> None:
    with running("--model=faces") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(Settings().max_connections):
                stack.enter_context(socket.create_connection(server.address))
            answer = httpx.get(server.url + "healthz")
            assert code(answer) == (503, "busy")
            assert answer.headers["retry-after"] == "2"
            assert answer.headers["connection"] == "close"
            assert server.get("/healthz").status_code == 200  # its connection is an older one
        assert httpx.get(server.url + "healthz").status_code == 200


def test_more_connections_than_there_are_file_descriptors() -> None:
    """A process has 1024 of them by default."""
    own, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1500, most))
    try:
        with running("--model=faces", "--timeout=5") as server, contextlib.ExitStack() as open_:
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
            for _ in range(1200):
                open_.enter_context(socket.create_connection(server.address, timeout=20))
            time.sleep(6)
            assert server.get("/healthz").status_code == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (own, most))
