"""Folders among the temporary files: gone with their processes, and not before."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from colornet import temporary
from colornet.temporary import remove_leftovers, temporary_folder

PREFIX = "colornet-test-"
HOLD = (
    "import os, sys, time; from colornet.temporary import temporary_folder\n"
    f"with temporary_folder({PREFIX!r}) as folder:\n"
    "    (folder / 'a').touch(); child = os.fork() if sys.argv[1:] else None\n"
    "    child == 0 or print(child or folder, flush=True); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def hold(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A process that holds a folder, and its first line."""
    command = [sys.executable, "-c", HOLD, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_what_a_killed_process_left_is_removed_but_not_what_a_stopped_one_holds() -> None:
    process, line = hold()
    try:
        process.send_signal(signal.SIGSTOP)
        os.utime(line, (0, 0))
        remove_leftovers(PREFIX)
        assert Path(line, "a").exists()
    finally:
        process.kill()
        process.communicate()
    with temporary_folder(PREFIX) as folder:
        assert not Path(line).exists()
    assert not folder.exists()


def test_a_fork_of_a_killed_process_keeps_the_folder(shared: Path) -> None:
    process, line = hold("fork")
    process.kill()
    process.wait()
    try:
        remove_leftovers(PREFIX)
        assert list(shared.glob("*/a"))
    finally:
        os.kill(int(line), signal.SIGKILL)
        process.communicate()
    remove_leftovers(PREFIX)
    assert not list(shared.iterdir())


def test_what_another_system_made_is_left_as_its_locks_may_not_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boot").write_text("another")
    with monkeypatch.context() as there:
        there.setattr(temporary, "BOOT", tmp_path / "boot")
        folder, held = temporary._made(PREFIX)
        os.close(held)
    remove_leftovers(PREFIX)
    assert folder.exists()
    monkeypatch.setattr(temporary, "BOOT", tmp_path / "boot")
    remove_leftovers(PREFIX)
    assert not folder.exists()


def test_what_only_has_such_a_name_is_left(shared: Path) -> None:
    with temporary_folder(PREFIX) as folder:
        name = folder.name[:-8]
    (shared / "album").mkdir()
    (shared / "album/photo.jpg").touch()
    (shared / f"{PREFIX}results").mkdir()  # of a user
    (shared / f"{name}file").touch()
    (shared / f"{name}link").symlink_to("album")
    os.mkfifo(shared / f"{name}pipe")  # which opening waits for
    there = sorted(shared.rglob("*"))
    with temporary_folder(PREFIX):
        pass
    assert sorted(shared.rglob("*")) == there


@pytest.mark.parametrize("tidy", [shutil.rmtree, temporary._lock])
def test_another_process_that_tidies_up_before_a_new_folder_is_locked(
    tidy: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = tempfile.mkdtemp, []

    def make_and_lose(prefix: str) -> str:
        made.append(make(prefix=prefix))
        if len(made) == 1:
            tidy(Path(made[0]))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_lose)
    with temporary_folder(PREFIX) as folder:
        assert str(folder) == made[1]
        (folder / "a").touch()
