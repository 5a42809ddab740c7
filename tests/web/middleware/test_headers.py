"""What no answer may lack."""

import pytest

from tests.web.conftest import Server


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
