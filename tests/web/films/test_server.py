"""Servers that end while films are worked on, and what they leave behind."""

import os
import select
import shutil
import signal
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.full_disk import full_disk
from tests.video.films import gray_frames, write_film
from tests.web.conftest import Server, running
from tests.web.film_helpers import FILMS, is_running, ready_film, wait_for, workers
from tests.web.helpers import metric


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of servers."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def slow_film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("films") / "slow.mp4"
    return write_film(path, gray_frames(150)).read_bytes()


def begin(server: Server, film: bytes) -> int:
    """Begin to color a film; gives the process."""
    path = ready_film(server, film)
    server.post(f"{path}/color", json={})
    (worker,) = wait_for(lambda: workers(server), bool)
    return int(worker)


def test_nothing_is_left_of_a_server_that_ends_or_is_killed(
    guided_model: Path, temporary: Path, slow_film: bytes
) -> None:
    with suppress(AssertionError), running(f"--model={guided_model}") as server:  # of its end
        worker = begin(server, slow_film)
        server.process.kill()
        server.process.wait()
    wait_for(lambda: is_running(worker), lambda there: not there, 20)
    assert [path.name.startswith("colornet-films-") for path in temporary.iterdir()] == [True]
    with running(f"--model={guided_model}") as server:
        assert list(temporary.iterdir()) == []
        worker = begin(server, slow_film)
        with running(f"--model={guided_model}"):
            assert len(list(temporary.iterdir())) == 1, "this is in use"
    assert not is_running(worker)
    assert list(temporary.iterdir()) == []


def test_a_folder_that_cannot_be_written(
    guided_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, film: bytes
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running(f"--model={guided_model}") as server:
        tmp_path.rename(tmp_path.with_name("elsewhere"))
        answer = server.post(FILMS, content=film)
        assert answer.status_code == 507
        assert answer.json()["error"]["code"] == "no_space"
        tmp_path.with_name("elsewhere").rename(tmp_path)


def test_without_room_for_temporary_files_photographs_are_colored(
    guided_model: Path, film: bytes, gray: bytes
) -> None:
    with ExitStack() as running_server:
        with full_disk(0):
            server = running_server.enter_context(running(f"--model={guided_model}"))
        answer = server.post(FILMS, content=film)
        assert answer.status_code == 507
        assert "no usable temporary directory" in answer.json()["error"]["reason"]
        assert server.post("/api/v1/colorize", content=gray).status_code == 200


def test_a_folder_that_was_tidied_away(guided_model: Path, temporary: Path, film: bytes) -> None:
    """As systems do with what is old in the folder for temporary files."""
    with running(f"--model={guided_model}") as server:
        server.delete(ready_film(server, film))
        (folder,) = temporary.iterdir()
        shutil.rmtree(folder)
        ready_film(server, film)
    assert list(temporary.iterdir()) == []


def send_film(server: Server, film: bytes) -> tuple[socket.socket, int]:
    """A connection with a film that is uploaded, and the process that stands still at it."""
    head = f"POST {FILMS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(film)}\r\n\r\n"

    def begin() -> tuple[socket.socket, int] | None:
        connection = socket.create_connection(server.address, timeout=20)
        connection.sendall(head.encode() + film)
        seen = wait_for(lambda: workers(server) or select.select([connection], (), (), 0)[0], bool)
        if seen == [connection]:  # the place of the film before is not free yet
            assert b"too_many_films" in connection.recv(10_000)
            connection.close()
            return None
        (worker,) = seen
        os.kill(worker, signal.SIGSTOP)
        return connection, worker

    begun: tuple[socket.socket, int] = wait_for(begin, bool)
    return begun


def test_a_film_that_nobody_waits_for(guided_model: Path, temporary: Path, film: bytes) -> None:
    """Nobody would know its id, and it would keep its place for the idle time."""
    with running(f"--model={guided_model}", "--max-films=1", "--timeout=3") as server:
        connection, worker = send_film(server, film)
        connection.close()
        wait_for(lambda: is_running(worker), lambda there: not there, 20)
        connection, worker = send_film(server, film)
        assert b" 503 " in connection.recv(1000), "it takes too long"
        connection.close()
        wait_for(lambda: is_running(worker), lambda there: not there, 20)
        assert not [path for path in temporary.glob("*/*") if path.is_dir()]
        assert metric(server, "films") == 0
        server.delete(ready_film(server, film))
