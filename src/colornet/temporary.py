"""Folders for what is on its way, in the system's folder for temporary files.

Each is locked while its process lives; what killed ones left is removed by the next on the same
system. Machines that share the folder may not see the locks of one another.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows
    flock = None  # type: ignore[assignment]

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Linux's name for itself from its start to its end, the same in all of its containers."""


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder that vanishes with its user.

    Args:
        prefix: of its name; those with the same one, whose processes were killed, are removed.

    Raises:
        OSError: it cannot be made.
    """
    if flock is None:
        with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    remove_leftovers(prefix)
    folder, held = _made(prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def remove_leftovers(prefix: str) -> None:
    """Remove folders with this prefix whose processes were killed.

    Raises:
        OSError: there is no folder for temporary files.
    """
    if flock is None:
        return
    for left in Path(tempfile.gettempdir()).glob(f"{_of_this_system(prefix)}*"):
        with contextlib.suppress(OSError):  # another user's, in use, or no folder
            held = _lock(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)


def _made(prefix: str) -> tuple[Path, int]:
    """A new folder, and its lock."""
    folder = Path(tempfile.mkdtemp(prefix=_of_this_system(prefix)))
    try:
        return folder, _lock(folder)
    except (BlockingIOError, FileNotFoundError):  # another process took it for a leftover
        return _made(prefix)


def _lock(folder: Path) -> int:
    """Lock a folder; gives what is to be closed in the end.

    Raises:
        BlockingIOError: another process holds it.
        OSError: it is gone, or no folder, or another user's.
    """
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        flock(held, LOCK_EX | LOCK_NB)
        folder.stat()  # another process may have removed it before
    except BaseException:
        os.close(held)
        raise
    return held


def _of_this_system(prefix: str) -> str:
    try:
        system = BOOT.read_bytes()
    except OSError:
        system = platform.node().encode()
    return f"{prefix}{zlib.crc32(system):08x}-"
