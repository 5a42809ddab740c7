"""Files that are written whole or not at all, by one process at a time."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from colornet.access import access_of, give_access
from colornet.errors import UnwritablePicture

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows, where a file that is open cannot be replaced anyway
    flock = None  # type: ignore[assignment]


class _WholeWrites(io.FileIO):
    """An unbuffered file whose writes take all data.

    Those of the system take a part where a disk has no room for the rest, and tell no error.
    """

    def write(self, data: Any) -> int:
        """Write all data; raises `OSError` if that is not possible."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            rest = rest[super().write(rest) :]
        return size


@contextlib.contextmanager
def whole_file(
    target: Path, overwrite: bool = True, permissions: int = 0o666
) -> Iterator[BinaryIO]:
    """Write a temporary file that replaces the target on success, and is removed on failure.

    Its name depends on the target's, so that the next process that writes the same target removes
    the file of a killed one; a lock keeps running processes apart. A file that is replaced gives
    its owner, permissions and access list to the new one, which nobody else can read before that.
    """
    remove_leftover(target)  # whose permissions may be others
    temporary = temporary_path(target)
    access = access_of(target) if overwrite else None
    with locked(temporary, target, 0o600 if access else permissions) as file:
        try:
            file.truncate(0)
            yield file
            os.fsync(file.fileno())
            if access:
                give_access(temporary, access)
            if overwrite:
                temporary.replace(target)
            else:
                _rename_unless_there(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def remove_leftover(target: Path) -> None:
    """Remove the temporary file that a killed process left, unless another is writing it."""
    temporary = temporary_path(target)
    if os.path.lexists(temporary):
        with (
            contextlib.suppress(UnwritablePicture, OSError),
            locked(temporary, target, 0o600),
        ):
            temporary.unlink()


def temporary_path(target: Path) -> Path:
    """The hidden name under which a file or folder is made; it depends on the target's alone."""
    number = zlib.crc32(os.fsencode(target.name))
    return target.with_name(f".{target.name[:40]}.{number:08x}.part")


def _rename_unless_there(temporary: Path, target: Path) -> None:
    """Rename the temporary file, unless the target exists by now."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "the file exists by now") from None
        temporary.replace(target)
    else:
        temporary.unlink()


@contextlib.contextmanager
def locked(path: Path, target: Path, permissions: int = 0o666) -> Iterator[BinaryIO]:
    """Open or create the file, locked for this process where the file system has locks.

    Raises:
        UnwritablePicture: another process has locked it, as it is writing the target.
    """
    busy = UnwritablePicture(target, "is being written by another process", "wait for its end")
    with _WholeWrites(os.open(path, os.O_RDWR | os.O_CREAT, permissions), "rb+") as file:
        try:
            if flock is not None:
                _flock(file)
            if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
                raise busy  # it was finished between opening and locking
        except (BlockingIOError, FileNotFoundError):
            raise busy from None
        yield file


def _flock(file: BinaryIO) -> None:
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks, such as that of some clusters
        pass
