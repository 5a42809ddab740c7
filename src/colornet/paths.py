"""Checks of paths that also work for names that are too long, and for loops of links."""

from __future__ import annotations

from pathlib import Path

from colornet.errors import OptionError


def is_folder(path: Path) -> bool:
    """Whether a path is a folder or a link to one; False for names that are too long."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_same(path: Path, other: Path) -> bool:
    """Whether both paths exist and lead to the same file or folder."""
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def refuse_file(folder: Path) -> None:
    """Check that a folder can be made at a path.

    Raises:
        OptionError: the path, or a part of it, is a file.
    """
    for path in (folder, *folder.parents):
        if path.is_file():
            raise OptionError(path, "is a file", "name a folder")
