"""The application as a whole."""

import socket

import pytest

from tests.web.conftest import Server

PATHS = [
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/app.py",
    "//etc/passwd",
    "/js/../../app.py",
    "/js/..%5c..%5capp.py",
    "/%00",
    "/static/../app.py",
    "/api/v1/canvases/..%2f..%2fhealthz",
    "/js",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_file_of_the_machine_can_be_read(server: Server, path: str) -> None:
    with socket.create_connection(server.address, timeout=10) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert int(answer.split()[1]) in (400, 404), answer
    assert b"root:" not in answer
    assert b"import" not in answer
