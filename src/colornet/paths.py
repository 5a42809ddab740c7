"""Checks of paths that also work for names that are too long, and for loops of links."""

from __future__ import annotations

import reprlib
from pathlib import Path

from colornet.errors import OptionError


def path_of(name: str, value: object) -> Path:
    """A path that a user gave, as an argument of that name.

    Raises:
        OptionError: it is something else.
    """
    try:
        return Path(value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(
            name, f"{reprlib.repr(value)} is not a path", "use a str or Path"
        ) from None


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
