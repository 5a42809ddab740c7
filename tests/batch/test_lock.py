"""Locks between processes, by each of the ways that systems have."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from colornet.batch import lock, plan, run
from colornet.colorizer import Colorizer
from tests.batch.conftest import Tree, counts, names

fcntl: Any = pytest.importorskip("fcntl", reason="Windows has no such locks")

HOLDER = """
import sys
from colornet.batch import lock
file = open(sys.argv[1], "r+b")
assert lock.acquire(file, int(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""


def without_locks_of_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.delattr(fcntl, "F_OFD_SETLK")


def without_any_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.setattr(lock, "fcntl", None)


@pytest.mark.parametrize("system", [None, without_locks_of_open_files, without_any_locks])
def test_one_process_at_a_time(system, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, place = tmp_path / "report", lock.offset_of("a.jpg")
    path.touch()
    if system:
        system(monkeypatch)
    command = [sys.executable, "-c", HOLDER, str(path), str(place)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
        path.open("r+b") as file,
    ):
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert lock.acquire(file, place) is (system is without_any_locks)
        assert lock.acquire(file, lock.offset_of("b.jpg"))
        lock.release(file, lock.offset_of("b.jpg"))
        other.communicate(b"")
        with lock.locked(file, place):
            pass
        assert lock.acquire(file, place)


def test_a_folder_without_locks_is_colored(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    without_any_locks(monkeypatch)
    assert counts(colorizer, root, out) == {"done": 2}
    assert counts(colorizer, root, out) == {"skipped": 2}


def test_a_file_system_without_locks_is_told(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(lock, "_set", refuse)
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    (result,) = run(colorizer, plan([root], out))
    assert [notice.code for notice in result.notices] == ["no-locks"]
    assert str(result.notices[0]).startswith(f"{out}: has no locks: let only one process")
    assert result.status == "done"
    assert names(out)[0] == "a.jpg"
