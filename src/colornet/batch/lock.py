"""Locks on the bytes of a file, which end with the process that holds them.

They work on every file system that has locks at all, network shares among them: there is no lock
file that a killed process could leave behind. On Windows there are none.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

RECORDS = 0
"""The byte whose holder may read and write the file's end."""
TO_THE_END = 0
"""A length."""


class NoLocks(OSError):
    """The file system has no locks."""


def offset_of(name: str) -> int:
    """The offset of the byte whose lock stands for a name, far beyond the end of any file."""
    digest = blake2b(name.encode(errors="surrogateescape"), digest_size=7).digest()
    return (1 << 56) + int.from_bytes(digest)


def acquire(file: BinaryIO, start: int, length: int = 1, wait: bool = False) -> bool:
    """Lock some bytes of an open file for this process; False: another one holds them.

    Raises:
        NoLocks: the file system has no locks.
    """
    if fcntl is None:
        return True
    try:
        _set(file, fcntl.F_WRLCK, start, length, wait)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise NoLocks(error.errno, error.strerror) from None
    return True


def release(file: BinaryIO, start: int) -> None:
    """Unlock one byte of an open file."""
    if fcntl is not None:
        with contextlib.suppress(OSError):
            _set(file, fcntl.F_UNLCK, start, 1, wait=False)


@contextlib.contextmanager
def locked(file: BinaryIO, start: int) -> Iterator[None]:
    """Hold the lock of one byte; waits while another process holds it.

    Raises:
        NoLocks: the file system has no locks.
    """
    acquire(file, start, wait=True)
    try:
        yield
    finally:
        release(file, start)


def _set(file: BinaryIO, kind: int, start: int, length: int, wait: bool) -> None:
    if hasattr(fcntl, "F_OFD_SETLK"):  # of this open file, which another in this process lacks
        command = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
        fcntl.fcntl(file, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0))
    elif kind == fcntl.F_UNLCK:
        fcntl.lockf(file, fcntl.LOCK_UN, length, start)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), length, start)
