"""Folders that one process at a time writes, whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from colornet.picture.files import locked, temporary_path

OLD = "old"
"""In `building`'s folder: what is replaced, until something else is in its place."""


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
    """A hidden folder beside a place, to build in what will be there; it is removed at the end.

    Its name depends on the place's alone, so that the next process removes what a killed one left;
    but what is called OLD in it goes back to its place while there is nothing else.

    Raises:
        UnwritablePicture, OSError: as for `alone`.
    """
    with alone(place):
        folder = temporary_path(place).with_suffix(".building")
        _remove(folder, place)
        folder.mkdir()
        try:
            yield folder
        finally:  # after Ctrl-C, too
            _remove(folder, place)


def _remove(folder: Path, place: Path) -> None:
    if (folder / OLD).exists() and not place.exists():
        (folder / OLD).rename(place)
    shutil.rmtree(folder, ignore_errors=True)
