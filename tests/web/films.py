"""Films on servers."""

import time
from typing import Any

from tests.web.conftest import Server

FILMS = "/api/v1/films"


def ready_film(server: Server, content: bytes, **query: Any) -> str:
    """The path of a new film that was read."""
    answer = server.post(FILMS, content=content, params=query)
    assert answer.status_code == 201, answer.text
    path = answer.headers["location"]
    assert settled(server, path)["state"] == "ready"
    return path


def settled(server: Server, path: str, seconds: float = 60) -> dict[str, Any]:
    """What is told of a film, once nothing is done with it any more."""
    deadline = time.monotonic() + seconds
    while (told := server.get(path).json())["state"] in ("reading", "waiting", "coloring"):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told
