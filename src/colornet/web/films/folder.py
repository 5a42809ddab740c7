"""The folder on disk that holds all films of a server; it is removed with the server."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows
    flock = None  # type: ignore[assignment]

PREFIX = "colornet-films-"
LOCK = "lock"


class FilmsFolder:
    """A folder in the system's folder for temporary files, made when it is first needed.

    A lock on a file in it tells it from one that a server left behind when it was killed. Several
    threads may use it.
    """

    def __init__(self) -> None:
        self._root: tempfile.TemporaryDirectory[str] | None = None
        self._lock: BinaryIO | None = None
        self._making = threading.Lock()

    def make(self, name: str) -> Path:
        """Make a folder in it, and give its path.

        Raises:
            OSError: there is no space, or no permission.
        """
        with self._making:
            if self._root is not None and not Path(self._root.name).is_dir():
                self.close()  # it was unused for days, and what tidies up there has removed it
            root = self._root = self._root or self._begin()
        folder = Path(root.name, name)
        folder.mkdir()
        return folder

    def _begin(self) -> tempfile.TemporaryDirectory[str]:
        root = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
        new = Path(root.name, f"{LOCK}.new")
        self._lock = new.open("wb")
        if flock is not None:
            flock(self._lock, LOCK_EX | LOCK_NB)
        new.rename(new.with_name(LOCK))
        return root

    def close(self) -> None:
        """Remove it with all that is in it."""
        if self._lock is not None:
            self._lock.close()
        if self._root is not None:
            self._root.cleanup()
        self._root = self._lock = None


def remove_leftovers() -> None:
    """Remove the folders of servers of this user that were killed."""
    if flock is None:
        return
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError:  # nowhere can be written: photographs need no disk, and films are refused
        return
    for folder in temporary.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # such as that another server removes it, too
            if folder.lstat().st_uid == os.getuid():
                _remove_unless_locked(folder)


def _remove_unless_locked(folder: Path) -> None:
    with (folder / LOCK).open("rb") as lock:
        flock(lock, LOCK_EX | LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
