"""Questions about paths that have an answer also for names that are too long, and for loops."""

from __future__ import annotations

from pathlib import Path

from colornet.errors import OptionError


def is_folder(path: Path) -> bool:
    """Whether it is one, or a link to one; False also for names that are too long."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_same(path: Path, other: Path) -> bool:
    """Whether both are there and one file or folder."""
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def refuse_file(folder: Path) -> None:
    """For a folder that is to be made, before any work is done.

    Raises:
        OptionError: it, or a part of its path, is a file.
    """
    for path in (folder, *folder.parents):
        if path.is_file():
            raise OptionError(path, "is a file", "name a folder")
