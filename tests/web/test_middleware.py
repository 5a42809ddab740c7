"""Who may ask, and what no answer may lack."""

import socket
from collections.abc import Iterator

import pytest

from tests.web.conftest import Server, running

ORIGIN = "https://photos.example.org"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server with a token, behind a proxy of that name."""
    with running("--token", "sesame", "--origin", ORIGIN) as server:
        yield server


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/api/v1/models", "/healthz", "/nothing"])
def test_every_answer_has_strict_headers(server: Server, path: str) -> None:
    headers = server.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_origins_are_refused(
    server: Server, gray: bytes, headers: dict[str, str]
) -> None:
    for path in ("/api/v1/colorize", "/api/v1/canvases"):
        answer = server.post(path, content=gray, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "cross_origin"
    assert server.get("/metrics", headers=headers).status_code == 403
    preflight = headers | {"Access-Control-Request-Method": "POST"}
    answer = server.options("/api/v1/colorize", headers=preflight)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_own_page_is_welcome(server: Server, gray: bytes) -> None:
    own = {"Origin": server.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert server.post("/api/v1/colorize", content=gray, headers=own).status_code == 200
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert server.get("/", headers=visit).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "["])
def test_names_that_the_server_does_not_know(server: Server, host: str) -> None:
    """Such as those that a page makes resolve to this machine."""
    answer = server.get("/api/v1/models", headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "unknown_host"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:8000", "192.168.1.5:8000"])
def test_addresses_are_known(server: Server, host: str) -> None:
    assert server.get("/api/v1/models", headers={"Host": host}).status_code == 200


def test_token(guarded: Server, gray: bytes) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic sesame"}):
        for path in ("/api/v1/models", "/metrics", "/openapi.json", "/api/v1/nothing"):
            answer = guarded.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    right = {"Authorization": "Bearer sesame"}
    assert guarded.get("/api/v1/models", headers=right).status_code == 200
    assert guarded.post("/api/v1/colorize", content=gray, headers=right).status_code == 200
    assert guarded.get("/").status_code == 200
    assert guarded.get("/healthz").status_code == 200


def test_a_named_origin_may_use_the_server(guarded: Server) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Host": "localhost"}
    answer = guarded.options("/api/v1/colorize", headers=asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    headers = {"Origin": ORIGIN, "Host": "photos.example.org", "Authorization": "Bearer sesame"}
    answer = guarded.get("/api/v1/models", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN


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
    assert int(answer.split()[1]) in (307, 400, 404), answer
    assert b"root:" not in answer
    assert b"import" not in answer
