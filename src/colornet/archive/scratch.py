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

from colornet.errors import DISK_FULL, UnwritablePicture, system_reason

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows
    flock = None  # type: ignore[assignment]

PREFIX = "colornet-archive-"
JUST_MADE = 60.0
"""Seconds for which an empty folder may be one that is not locked yet."""


def no_scratch(reason: str) -> UnwritablePicture:
    """An error about the folder for temporary files as a whole, not about a file in there."""
    remedy = "make room there, or set TMPDIR to another folder"
    try:
        return UnwritablePicture(tempfile.gettempdir(), reason, remedy)
    except FileNotFoundError:
        return UnwritablePicture("TMPDIR", reason, remedy)


def reason_of(error: OSError) -> str:
    """Why a temporary file cannot be written, in the operating system's words."""
    return f"cannot be written ({system_reason(error)})"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that vanishes with its user.

    Raises:
        UnwritablePicture: it cannot be made, or there was no room in it for its user.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(_folder())
        except OSError as error:
            raise no_scratch(reason_of(error)) from None
        try:
            yield folder
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            raise no_scratch(reason_of(error)) from None


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    if flock is None:
        with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
            yield Path(name)
        return
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_abandoned(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
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
