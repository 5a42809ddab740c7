"""Checks of paths that also work for names that are too long, loops of links, and closed folders.

Those of pathlib raise errors of the system then.
"""

from __future__ import annotations

import errno
import os
import reprlib
from pathlib import Path
from unicodedata import normalize

from colornet.errors import OptionError
from colornet.urls import is_url, local

SMALL = 32 << 20
"""Most bytes of a file that is read at once; the longest guidance that is allowed has a tenth."""


def path_of(name: str, value: object) -> Path:
    """A path that a user gave, as an argument of that name; file:///a.jpg is one, too.

    "-" stays what it is, a pipe to commands, and ./- becomes the full path of a file of that name.

    Raises:
        OptionError: it is something else, such as a URL, empty, or contains a character that no
            path can have.
    """
    if isinstance(value, str):
        if is_url(value):  # as a path, it would be a folder of the current one
            reason = f"{value} is a URL, and has to be a path on this machine"
            remedy = "name a path, and copy from or to the URL by another program"
            raise OptionError(name, reason, remedy)
        value = local(value)
    try:
        path = Path(value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(
            name, f"{reprlib.repr(value)} is not a path", "use a str or Path"
        ) from None
    if value == "":  # as a path, it would stand for the current folder
        raise OptionError(name, "is empty", "give a name, or leave it out")
    if "\0" in str(path):
        raise OptionError(name, f"{reprlib.repr(value)} contains a NUL character", "remove it")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        reason = f"{reprlib.repr(value)} contains a character that no name of a file can have"
        raise OptionError(name, reason, "remove it") from None
    return path.absolute() if path == Path("-") and value not in ("-", path) else path


def path_of_source(source: str | os.PathLike[str]) -> Path:
    """The path of a file to be read; file:///a.jpg is one, and a `DirEntry` may hold bytes."""
    return Path(local(os.fsdecode(source)))


def read_small(path: Path) -> bytes:
    """The content of a file that is small, such as JSON or YAML.

    Raises:
        OSError: it cannot be read, or is larger, as a device without end is.
    """
    with path.open("rb") as file:
        content = file.read(SMALL + 1)
    if len(content) > SMALL:
        raise OSError(errno.EFBIG, f"it has over {SMALL >> 20} MB", str(path))
    return content


def is_file(path: Path) -> bool:
    """Whether a path is a file or a link to one; False if that cannot be known."""
    return os.path.isfile(path)  # noqa: PTH113  it raises no errors


def exists(path: Path) -> bool:
    """Whether a path leads to anything; False if that cannot be known."""
    return os.path.exists(path)  # noqa: PTH110  it raises no errors


def is_link(path: Path) -> bool:
    """Whether a path is a symbolic link; False if that cannot be known."""
    return os.path.islink(path)  # noqa: PTH114  it raises no errors


def is_folder(path: Path) -> bool:
    """Whether a path is a folder or a link to one; False if that cannot be known."""
    return os.path.isdir(path)  # noqa: PTH112  it raises no errors


def is_same(path: Path, other: Path) -> bool:
    """Whether both paths exist and lead to the same file or folder."""
    try:
        return path.samefile(other) or _is_one_name(path, other)
    except (OSError, ValueError):
        return False


def folded(name: str | Path) -> str:
    """A form that is the same for all names that a file system might consider the same."""
    return normalize("NFKC", normalize("NFKC", str(name)).casefold())


def _is_one_name(path: Path, other: Path) -> bool:
    """Whether two paths to something differ in names that are one to the file system.

    Some in user space (FUSE) give `A.jpg` and `a.jpg` numbers of their own all the same: that they
    are one shows in what the folder lists.
    """
    if folded(path.name) != folded(other.name):
        return False
    first, second = (Path(os.path.realpath(one)) for one in (path, other))
    if first == second or len(first.parts) != len(second.parts):
        return False
    for depth, (name, another) in enumerate(zip(first.parts, second.parts, strict=True)):
        if name != another:
            if folded(name) != folded(another):
                return False
            if {name, another} <= {one.name for one in Path(*first.parts[:depth]).iterdir()}:
                return False
    return True


def refuse_file(folder: Path) -> None:
    """Check that a folder can be made at a path.

    Raises:
        OptionError: the path, or a part of it, is a file.
    """
    for path in (folder, *folder.parents):
        if is_file(path):
            raise OptionError(path, "is a file", "name a folder")


def refuse_current(folder: Path) -> None:
    """Check that a folder that is made elsewhere and then moved is not the current one.

    The processes in it would stay in one that was removed.

    Raises:
        OptionError: it is.
    """
    if is_same(folder, Path.cwd()):
        raise OptionError(folder, "is the current folder", "name a folder in it, or another")
