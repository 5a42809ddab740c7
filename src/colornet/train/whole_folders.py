"""Folders that one process at a time writes, whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from colornet.whole_files import locked, temporary_path

OLD = "old"
"""Beside the folder of `building`: what is replaced, until something else is in its place."""


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """Keep other processes from writing at a place, beside which there is a hidden file meanwhile.

    Raises:
        UnwritablePicture: another process is writing there.
        OSError: the file cannot be made.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = temporary_path(place)
    with locked(lock, place):
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink()


@contextlib.contextmanager
def building(place: Path) -> Iterator[Path]:
    """A folder to build in what will be at a place, in a hidden one that is removed at the end.

    The hidden one's name depends on the place's alone, so that the next process removes what a
    killed one left; but what is called OLD in it goes back to its place while there is nothing
    else. The folder's own name is like no other, so that on a file system without locks nobody
    takes what another process has begun for their own.

    Raises:
        UnwritablePicture, OSError: as for `alone`.
    """
    with alone(place):
        hidden = temporary_path(place).with_suffix(".building")
        _remove(hidden, place)
        folder = hidden / uuid.uuid4().hex
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:  # after Ctrl-C, too
            _remove(hidden, place)


def _remove(hidden: Path, place: Path) -> None:
    if (hidden / OLD).exists() and not place.exists():
        (hidden / OLD).rename(place)
    shutil.rmtree(hidden, ignore_errors=True)
