"""Folders for what is on its way, in the system's folder for temporary files.

Each is locked while its process lives; what killed ones left is removed by the next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows
    flock = None  # type: ignore[assignment]

JUST_MADE = 60.0
"""Seconds for which an empty folder may be one that is not locked yet."""


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder that vanishes with its user.

    Args:
        prefix: of its name; folders with the same one, whose processes were killed, are removed.

    Raises:
        OSError: it cannot be made.
    """
    if flock is None:
        with tempfile.TemporaryDirectory(prefix=prefix) as name:
            yield Path(name)
        return
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        _remove_abandoned(left)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    held = os.open(folder, os.O_RDONLY)
    try:
        flock(held, LOCK_EX | LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_abandoned(folder: Path) -> None:
    try:
        held = os.open(folder, os.O_RDONLY)
    except OSError:  # another user's, or gone by now
        return
    try:
        flock(held, LOCK_EX | LOCK_NB)
        if any(folder.iterdir()) or time.time() - folder.stat().st_mtime > JUST_MADE:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return
    finally:
        os.close(held)
