"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from colornet.errors import UnwritablePicture

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows, where a file that is open cannot be replaced anyway
    flock = None  # type: ignore[assignment]


@contextlib.contextmanager
def whole_file(target: Path, overwrite: bool = True) -> Iterator[BinaryIO]:
    """A file beside the target, which takes its place if all goes well and vanishes if not.

    Its name follows from the target's, so that what a killed process left is taken over by the
    next that writes the same target; a lock keeps living ones apart.
    """
    temporary = _beside(target)
    with _locked(temporary, target) as file:
        try:
            file.truncate(0)
            yield file
            os.fsync(file.fileno())
            if overwrite:
                temporary.replace(target)
            else:
                _name(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def remove_leftover(target: Path) -> None:
    """What a killed process left of a file, if no living one is writing it."""
    temporary = _beside(target)
    if os.path.lexists(temporary):
        with (
            contextlib.suppress(UnwritablePicture, OSError),
            _locked(temporary, target),
        ):
            temporary.unlink()


def _beside(target: Path) -> Path:
    number = zlib.crc32(os.fsencode(target.name))
    return target.with_name(f".{target.name[:40]}.{number:08x}.part")


def _name(temporary: Path, target: Path) -> None:
    """Give the file its name unless another process was faster."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "there is one by now") from None
        temporary.replace(target)
    else:
        temporary.unlink()


@contextlib.contextmanager
def _locked(path: Path, target: Path) -> Iterator[BinaryIO]:
    """The file, made if need be, for this process alone."""
    busy = UnwritablePicture(target, "is being written by another process", "wait for its end")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "rb+", buffering=0) as file:
        try:
            if flock is not None:
                flock(file, LOCK_EX | LOCK_NB)
            if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
                raise busy  # it was finished between opening and locking
        except (BlockingIOError, FileNotFoundError):
            raise busy from None
        yield file
