"""Errors of every kind have one shape."""

from urllib.parse import unquote

import pytest

from tests.web.conftest import Server
from tests.web.helpers import COLORIZE


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", COLORIZE, "POST"),
        ("DELETE", COLORIZE, "POST"),
        ("GET", "/api/v1/canvases", "POST"),
        ("PUT", "/api/v1/canvases/some", "DELETE, GET, HEAD"),
        ("GET", "/api/v1/canvases/some/colorize", "POST"),
        ("GET", "/api/v1/canvases/some/variants", "POST"),
        ("POST", "/api/v1/canvases/some/suggestions", "GET, HEAD"),
        ("POST", "/api/v1/models", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("PUT", "/js/main.js", "GET, HEAD"),
    ],
)
def test_a_method_that_a_path_does_not_take(
    server: Server, method: str, path: str, allowed: str
) -> None:
    answer = server.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    error = answer.json()["error"]
    assert error == {
        "code": "method_not_allowed",
        "subject": path,
        "reason": f"does not take {method}",
        "remedy": f"use {allowed}",
    }


NOWHERE = ["/nothing", "/api/v1/nothing", "/js/nothing.js", "/api", "/%00", "/api/v1/canvases/"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", [*NOWHERE, "/api/v1/films/", "/api/v1/films/some/color/"])
def test_a_path_that_is_not_there(server: Server, path: str, method: str) -> None:
    answer = server.request(method, path)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["subject"]) == ("not_found", unquote(path))
