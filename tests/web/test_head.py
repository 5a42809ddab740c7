"""HEAD is answered like GET, without the body."""

import pytest

from tests.web.conftest import Server
from tests.web.helpers import exchange

PATHS = [
    *("/", "/docs", "/js/main.js", "/example.jpg", "/healthz", "/metrics", "/openapi.json"),
    *("/api/v1/models", "{canvas}", "{canvas}/suggestions?x=3&y=3", "{canvas}/uncertainty"),
    *("/nothing", "/api/v1/nothing", "/api/v1/canvases/gone", "{canvas}/suggestions"),
]


@pytest.mark.parametrize("path", PATHS)
def test_head_is_the_head_of_get(server: Server, canvas: str, path: str) -> None:
    path = path.format(canvas=canvas)
    got = server.get(path, headers={"Accept-Encoding": "identity"})
    head = server.head(path, headers={"Accept-Encoding": "identity"})
    assert head.status_code == got.status_code
    assert head.content == b""
    varying = ("date",) if path != "/metrics" else ("date", "content-length")
    for name, value in got.headers.items():
        assert name in varying or head.headers[name] == value, name


def test_head_sends_no_body_and_keeps_the_connection(server: Server) -> None:
    request = b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = exchange(server, request * 3 + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.count(b'{"status":"ok"}') == 1


def test_every_path_that_takes_get_takes_head(server: Server) -> None:
    for path, operations in server.get("/openapi.json").json()["paths"].items():
        assert (server.head(path).status_code == 405) == ("get" not in operations), path
    assert server.head("/api/v1/colorize").headers["allow"] == "POST"


def test_head_is_counted_with_its_route(server: Server) -> None:
    server.head("/healthz")
    counted = [line for line in server.get("/metrics").text.splitlines() if "/healthz" in line]
    assert any(line.startswith("colornet_requests_total") for line in counted)
