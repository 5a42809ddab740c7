"""Who may ask."""

from collections.abc import Iterator

import pytest

from tests.web.conftest import Server, running
from tests.web.helpers import problem


@pytest.mark.parametrize("origin", ["http://[::1", "http://[", "null", "\udcff"])
def test_an_origin_that_is_none(server: Server, origin: str) -> None:
    headers = {b"origin": origin.encode("utf-8", "surrogateescape")}
    assert problem(server.get("/api/v1/models", headers=headers)) == (403, "the request")


ORIGIN = "https://photos.example.org"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server with a token, behind a proxy of that name."""
    with running("--token", "sesame", "--origin", ORIGIN) as server:
        yield server


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


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic c2VzYW1l"}])
def test_a_missing_token_is_said_to_be_missing(guarded: Server, headers: dict[str, str]) -> None:
    error = guarded.get("/api/v1/models", headers=headers).json()["error"]
    assert (error["code"], error["reason"]) == ("no_token", "is missing")


@pytest.mark.parametrize("token", ["wrong", "sesam", "sesamesesame", "sésame"])
def test_a_wrong_token_is_said_to_be_wrong(guarded: Server, token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".encode()}
    error = guarded.get("/api/v1/models", headers=headers).json()["error"]
    assert (error["code"], error["reason"]) == ("wrong_token", "is wrong")


@pytest.mark.parametrize(
    ("token", "encodings"),
    [
        ("пароль 密 🗝 ﷽", ["utf-8"]),
        ("clé à l'été", ["utf-8", "latin-1"]),
        ('a+b/c=d%20&e;f,"g" <h>', ["ascii"]),
    ],
)
def test_a_token_of_any_characters(token: str, encodings: list[str]) -> None:
    with running("--model=faces", f"--token={token}") as server:
        for encoding in encodings:
            headers = {b"Authorization": b"Bearer " + token.encode(encoding)}
            assert server.get("/api/v1/models", headers=headers).status_code == 200, encoding
        headers = {b"Authorization": b"Bearer " + token.encode()[:-1]}
        assert server.get("/api/v1/models", headers=headers).status_code == 401


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
