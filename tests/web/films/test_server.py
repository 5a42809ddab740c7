"""Servers that end while films are worked on, and what they leave behind."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.video.films import gray_frames, write_film
from tests.web.conftest import Server, running
from tests.web.film_helpers import FILMS, is_running, ready_film, wait_for, workers


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
