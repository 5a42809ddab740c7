"""Films on servers, and the processes that work on them."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.web.conftest import Server

FILMS = "/api/v1/films"
Info = dict[str, Any]


def ready_film(server: Server, content: bytes, **query: Any) -> str:
    """The path of a new film that was read."""
    answer = server.post(FILMS, content=content, params=query)
    assert answer.status_code == 201, answer.text
    path: str = answer.headers["location"]
    assert settled(server, path)["state"] == "ready"
    return path


@contextmanager
def film_on(server: Server, content: bytes, **query: Any) -> Iterator[str]:
    """The same, removed at the end."""
    path = ready_film(server, content, **query)
    try:
        yield path
    finally:
        server.delete(path)


def settled(server: Server, path: str) -> Info:
    """What is told of a film once nothing is done with it any more."""
    at_rest = ("ready", "failed")
    return wait_for(lambda: server.get(path).json(), lambda told: told["state"] in at_rest)


def colored(server: Server, path: str, **how: Any) -> Info:
    """What is told of a film once it is colored like this."""
    answer = server.post(f"{path}/color", json=how)
    assert answer.status_code == 202, answer.text
    told = settled(server, path)
    assert told["state"] == "ready", told
    return told


def wait_for(look: Callable[[], Any], fits: Callable[[Any], bool], seconds: float = 120) -> Any:
    """What is seen as soon as it fits."""
    deadline = time.monotonic() + seconds
    while not fits(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)
    return seen


def workers(server: Server) -> list[int]:
    """The processes that work on its films."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (folder / "stat").read_text("ascii").rpartition(") ")[2].split()[1]
            if int(parent) == server.process.pid and b"films.worker" in _command(folder):
                found.append(int(folder.name))
    return found


def is_running(process: int) -> bool:
    """Whether there is a worker of that number."""
    with contextlib.suppress(OSError):
        return b"films.worker" in _command(Path(f"/proc/{process}"))
    return False


def _command(folder: Path) -> bytes:
    return (folder / "cmdline").read_bytes()
