"""The pictures that a source names, in a fixed order, and where their results go.

A source is a folder, a picture, a pattern such as `scans/**/*.tif`, a list of names (.txt), a tar
file or a Parquet file; on disk, or behind a URL.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import os
import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from colornet.archive import inside
from colornet.archive.listing import (
    Faults,
    address,
    entries,
    exists,
    files,
    is_folder,
    matches,
    name_of,
    split,
    unreadable,
)
from colornet.archive.lists import read_list
from colornet.archive.places import absolute
from colornet.batch.scan import SYSTEM_FILES, SYSTEM_FOLDERS, LeftOut
from colornet.errors import ColornetError, OptionError, UnreadablePicture
from colornet.picture import Format, is_picture_name, result_name
from colornet.stores import reaching
from colornet.urls import is_url, refuse_password, stripped

LIST = ".txt"


class Picture(NamedTuple):
    """A picture of an archive.

    Attributes:
        file: its path in full or its URL; or that of the file which it is in.
        output: its result's name in the destination; "": it gets none.
        member: its name in the file which it is in.
        at: where it is in there, see `Inside`.
        error: why nothing can be done with it.
    """

    file: str
    output: str
    member: str = ""
    at: tuple[int, ...] = ()
    error: str = ""

    @property
    def input(self) -> str:
        """For people, and for the manifest."""
        return f"{self.file}::{self.member}" if self.member else self.file


class Finder:
    """Finds the pictures of sources.

    Attributes:
        left_out: what is not colored, and why; counts.
    """

    def __init__(self, output: str, format: Format | None) -> None:
        """Results go to `output`, a path in full or a URL, which is never a source."""
        self.left_out = LeftOut()
        self._output = output
        self._format = format

    def find(self, sources: Iterable[str]) -> Iterator[Picture]:
        """All pictures. One source's results have their names in it; those of several go under the
        names of their sources.

        Raises:
            UnreadablePicture: a source is not there, or cannot be reached.
        """
        names = [absolute(source) for source in sources]
        for name in names:
            with reaching(name) if is_url(name) else contextlib.nullcontext():
                yield from self._of_source(name, len(names) > 1)

    def _of_source(self, name: str, several: bool) -> Iterator[Picture]:
        base = _base(name)
        under = f"{inside.without_suffix(base) if inside.is_container(name) else base}/" * several
        if _is_pattern(name):
            yield from self._of_pattern(name)
        elif name.lower().endswith(inside.COMPRESSED):
            raise OptionError(name, "is a compressed tar file", "unpack it to a plain .tar file")
        elif inside.is_container(name) and exists(name):
            yield from self._inside(name, under)
        elif name.lower().endswith(LIST):
            yield from self._of_list(name)
        elif is_folder(name):
            yield from self._of_folder(name.rstrip("/"), under)
        elif not exists(name):
            raise UnreadablePicture(name, "there is no such file or folder", "check the name")
        else:
            yield Picture(name, self._target(base) or base)

    def _of_folder(self, root: str, under: str) -> Iterator[Picture]:
        faults: Faults = {}
        walk = _walk_url if is_url(root) else _walk
        yield from self._of_files(walk(root, self._output, self.left_out, faults), root, under)
        yield from _faults(faults)

    def _of_pattern(self, pattern: str) -> Iterator[Picture]:
        faults: Faults = {}
        found, (fixed, _) = matches(pattern, faults), split(pattern)
        if not found and not faults:
            raise UnreadablePicture(pattern, "matches nothing", "check the pattern")
        for name in found:
            relative = name[len(fixed) + 1 :]
            if inside.is_container(name):
                yield from self._inside(name, f"{inside.without_suffix(relative)}/")
            else:
                yield from self._of_files([name], fixed, "")
        yield from _faults(faults)

    def _of_list(self, name: str) -> Iterator[Picture]:
        """Of a list of names, a line each; they count from the folder of the list on."""
        folder = name.rpartition("/")[0]
        for line in read_list(name):
            whole = own = line
            if is_url(line):
                refuse_password(line)
                own = line.partition("://")[2]
            elif not line.startswith("/"):
                whole = f"{folder}/{line}"
            own = _safe(own)
            yield Picture(whole, self._target(own) or own)

    def _of_files(self, files: Iterable[str], root: str, under: str) -> Iterator[Picture]:
        start = len(root) + 1
        for file in files:
            if target := self._target(file[start:]):
                yield Picture(file, under + target)
            else:
                self._leave_out(file)

    def _inside(self, file: str, under: str) -> Iterator[Picture]:
        try:
            for name, at in inside.find(file):
                safe = _safe(name)
                target = self._target(safe)
                if target is None and file.lower().endswith(inside.PARQUET):
                    target = safe  # rows need no suffix: all are pictures
                if target and not _is_hidden(safe):
                    yield Picture(file, under + target, name, at)
                else:
                    self._leave_out(safe)
        except ColornetError as error:
            if isinstance(error, OptionError):
                raise
            yield Picture(file, "", error=str(error))

    def _target(self, name: str) -> str | None:
        """The name of a picture's result; None: it is no picture."""
        ending = _ending(os.path.splitext(name)[1], self._format)
        return None if ending is None else name + ending

    def _leave_out(self, file: str) -> None:
        name = _base(file)
        if _is_hidden(name):
            self.left_out.hidden[name] += 1
        elif not name.endswith(".hints.json"):
            self.left_out.kinds[os.path.splitext(name)[1][1:].upper() or "no suffix"] += 1


@functools.cache
def _ending(suffix: str, format: Format | None) -> str | None:
    """What a result's name has behind its source's, by its suffix; None: it is no picture's."""
    path = Path(f"a{suffix}")
    if not is_picture_name(path):
        return None
    return result_name(path, format).name[len(path.name) :]


def _walk(root: str, output: str, left_out: LeftOut, faults: Faults) -> Iterator[str]:
    """The files of a folder's tree, sorted folder by folder; links to folders are not followed."""
    real = os.path.realpath(output)

    def note(error: OSError) -> None:
        folder = os.fsdecode(error.filename)
        faults[folder] = unreadable(folder, error)

    for folder, folders, names in os.walk(root, onerror=note):
        entered = []
        for name in sorted(folders):
            path = f"{folder}/{name}"
            if _is_hidden(name):
                left_out.folders[name] += 1
            elif os.path.islink(path):
                left_out.links[name] += 1
            elif os.path.realpath(path) != real:
                entered.append(name)
        folders[:] = entered
        yield from (f"{folder}/{name}" for name in sorted(names) if not _hide(name, left_out))


def _walk_url(root: str, output: str, left_out: LeftOut, faults: Faults) -> Iterator[str]:
    """Folder by folder at the top, and below that a whole tree at a time: stores list it so."""
    fs, top = stripped(root)
    other, out = stripped(output) if is_url(output) else (None, "")
    out = out if other == fs else ""  # another store may have the same names
    for entry in entries(fs, top):
        name = name_of(entry)
        if name == out:
            continue
        if entry["type"] == "directory" and _is_hidden(_base(name)):
            left_out.folders[_base(name)] += 1
            continue
        for file in files(fs, entry, faults):
            inner = file[len(name) + 1 :] if file != name else ""
            if any(map(_is_hidden, inner.split("/")[:-1])) or (out and file.startswith(f"{out}/")):
                continue
            if not _hide(_base(file), left_out) and not file.endswith("/"):
                yield address(fs, file, root)


def _hide(name: str, left_out: LeftOut) -> bool:
    hidden = _is_hidden(name)
    if hidden:
        left_out.hidden[name] += 1
    return hidden


def _is_hidden(name: str) -> bool:
    """Whether a file or folder, or one of those that it is in, is hidden or a system's."""
    if name[:1] != "." and "/" not in name:
        lower = name.lower()
        return lower in SYSTEM_FILES or lower in SYSTEM_FOLDERS
    return any(part.startswith(".") or _is_hidden(part) for part in name.split("/") if part)


def _is_pattern(name: str) -> bool:
    """Whether it stands for other names; what is there by this very name, or has a query, not."""
    if not is_url(name):
        return glob.has_magic(name) and not os.path.lexists(name)
    return "*" in name or (glob.has_magic(name) and not name.lower().startswith("http"))


def _faults(faults: Faults) -> Iterator[Picture]:
    for folder, error in faults.items():
        yield Picture(folder, "", error=error)


def _base(name: str) -> str:
    return posixpath.basename(name.rstrip("/")) or "root"


def _safe(name: str) -> str:
    """A name that leads to no place outside of the destination."""
    return "/".join(part for part in name.split("/") if part not in ("", ".", ".."))
