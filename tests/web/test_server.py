"""What is printed when a server starts."""

import httpx

from tests.web.conftest import running


def test_other_machines_get_in_with_a_warning() -> None:
    logged: list[str] = []
    with running("--host=0.0.0.0", "--model=faces", logged=logged) as server:
        assert server.get("/healthz").status_code == 200
        assert server.process.stdout
        own = httpx.get(f"http://localhost:{server.address[1]}/healthz")
        assert own.status_code == 200
    assert len(logged) == 1
    assert "no token is set: whoever can reach this machine can use this server" in logged[0]


def test_with_a_token_there_is_no_warning() -> None:
    with running("--host=0.0.0.0", "--model=faces", "--token=sesame") as server:
        answer = server.get("/api/v1/models", headers={"Authorization": "Bearer sesame"})
        assert answer.status_code == 200
