"""What there is, on disk or behind a URL, and what of it cannot be listed.

fsspec's `exists` and `isfile`, its `glob` and `find` where a store lists folder by folder, and
Python's `glob` pass over errors: what they could not read would be left out in silence.
"""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from colornet.errors import UnreadablePicture, system_reason
from colornet.stores import explained, is_final, patiently
from colornet.urls import is_object_store, is_url, stripped

Faults = dict[str, str]
"""Errors, by the folder that could not be listed."""


def exists(name: str) -> bool:
    """Whether a file or folder is there; an address of the web is seen when it is fetched."""
    if not is_url(name):
        return os.path.lexists(name)
    return name.lower().startswith("http") or kind(name) is not None


def is_folder(name: str) -> bool:
    """Whether it is one; a pattern is none."""
    if not is_url(name):
        return os.path.isdir(name)
    fs, path = stripped(name)
    if name.lower().startswith("http"):  # of which everything can be read as a file
        return bool(patiently(fs, fs.isdir, path))
    return kind(name) == "directory"


def kind(name: str) -> str | None:
    """What is behind a URL, "file" or "directory"; None: nothing."""
    fs, path = stripped(name)
    try:
        return str(patiently(fs, fs.info, path)["type"])
    except FileNotFoundError:
        return None


def files(
    fs: Any, entry: Mapping[str, Any], faults: Faults, levels: Sequence[str] | None = None
) -> Iterator[str]:
    """The names of the files below something that a store lists, or its own, sorted by folders.

    Args:
        fs: what reaches the store.
        entry: as it is listed there.
        faults: gets the folders that cannot be listed by any means, such as without permission.
        levels: patterns of what is below it, folder by folder, where the last may be one as well;
            None: all files.

    Raises:
        Exception: the store cannot be reached, even after trying again.
    """
    name = name_of(entry)
    if entry["type"] == "link" and levels:  # as SFTP lists one, also to a folder
        with contextlib.suppress(FileNotFoundError):
            entry = patiently(fs, fs.info, name)
    if entry["type"] != "directory" or not (levels or levels is None):
        if not levels:
            yield name
        return
    try:
        if levels is None and is_object_store(fs):  # they list a tree at a time
            yield from sorted(patiently(fs, fs.find, name))
            return
        inner = entries(fs, name)
    except Exception as error:  # every file system has its own
        if not is_final(error):
            raise
        host = getattr(fs, "host", "")  # which FTP and SFTP leave out
        where = fs.unstrip_protocol(name).replace(":///", f"://{host}/", 1)
        faults[name] = _unlisted(where, *explained(error))
        return
    yield from _among(fs, inner, faults, levels)


def _among(
    fs: Any, inner: Iterable[Mapping[str, Any]], faults: Faults, levels: Sequence[str] | None
) -> Iterator[str]:
    for entry in inner:
        if levels is None:
            yield from files(fs, entry, faults)
        elif fnmatch.fnmatchcase(name_of(entry).rpartition("/")[2], levels[0]):
            yield from files(fs, entry, faults, levels[1:])


def entries(fs: Any, folder: str) -> list[dict[str, Any]]:
    """What is in a folder behind a URL, sorted, but for itself and those above it."""
    found = patiently(fs, fs.ls, folder, detail=True)
    above = {"", ".", ".."}
    inner = [e for e in found if name_of(e)[len(folder.rstrip("/")) + 1 :] not in above]
    return sorted(inner, key=name_of)


def name_of(entry: Mapping[str, Any]) -> str:
    """The name of something that a store lists."""
    return str(entry["name"]).rstrip("/")


def matches(pattern: str, faults: Faults) -> list[str]:
    """What a pattern stands for, on disk or behind a URL, sorted.

    Args:
        pattern: with `*`, `?`, `[..]` or `**`.
        faults: gets the folders that cannot be listed, though the pattern may have a match in them.
    """
    fixed, levels = split(pattern)
    if not is_url(pattern):
        faults |= _unreadable(fixed, levels)
        return sorted(glob.glob(pattern, recursive=True))
    fs, path = stripped(pattern)
    whole = "**" in pattern
    if is_object_store(fs) and (whole or len(levels) == 1):  # these raise, and ask for less
        return sorted(address(fs, name, fixed) for name in patiently(fs, fs.glob, path))
    try:
        top = entries(fs, stripped(fixed)[1])
    except FileNotFoundError:
        return []
    found = _among(fs, top, faults, None if whole else levels)
    if whole:
        from fsspec.utils import glob_translate

        found = filter(re.compile(glob_translate(path)).match, found)
    return sorted(address(fs, name, fixed) for name in found)


def address(fs: Any, name: str, folder: str) -> str:
    """The URL of what a store lists below a folder, whose URL it begins with.

    fsspec's own has the first protocol of a store that has several, such as abfs:// for az://.
    """
    top = stripped(folder)[1].rstrip("/") if is_url(folder) else name
    if name.startswith(f"{top}/"):
        return folder.rstrip("/") + name[len(top) :]
    return str(fs.unstrip_protocol(name))


def split(pattern: str) -> tuple[str, list[str]]:
    """The folder above what is variable in a pattern, and the names below it."""
    fixed = pattern[: min(pattern.find(c) for c in "*?[" if c in pattern)].rpartition("/")[0]
    return fixed, pattern[len(fixed) + 1 :].split("/")


def _unreadable(fixed: str, levels: list[str]) -> Faults:
    """Folders on disk that a pattern leads into, and that cannot be read."""
    faults, top = Faults(), fixed or "/"

    def note(error: OSError) -> None:
        folder = os.fsdecode(error.filename)
        faults[folder] = unreadable(folder, error)

    for folder, folders, _ in os.walk(top, onerror=note):
        depth = len(os.path.relpath(folder, top).split("/")) if folder != top else 0
        if "**" not in levels:
            wanted = levels[depth] if depth + 1 < len(levels) else ""
            folders[:] = fnmatch.filter(folders, wanted)
        folders[:] = [name for name in folders if not name.startswith(".")]
    return faults


def unreadable(folder: str, error: OSError) -> str:
    """Why a folder on disk cannot be listed."""
    remedy = "allow reading the folder (chmod +rx)"
    if isinstance(error, FileNotFoundError):
        remedy = "it was there before; --retry looks again"
    return _unlisted(folder, system_reason(error), remedy)


def _unlisted(folder: str, why: str, remedy: str) -> str:
    return str(UnreadablePicture(folder, f"cannot be read ({why})", remedy))
