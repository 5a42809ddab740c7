"""A folder on disk, or behind a URL of any kind that fsspec knows."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from colornet.errors import (
    ColornetError,
    OptionError,
    UnreadablePicture,
    UnwritablePicture,
    system_reason,
)
from colornet.stores import explained, patiently, reaching
from colornet.urls import is_object_store, is_url, local, refuse_password, stripped
from colornet.whole_files import whole_file

ABSENT = (FileNotFoundError, NotADirectoryError)
"""Errors of what is not there."""
BUSY = 0.2
"""Seconds until a file that another process is writing is looked at again."""

T = TypeVar("T")


def unless_busy(write: Callable[[], T]) -> T:
    """Write a file once no other process is writing it: they make the same."""
    while True:
        try:
            return write()
        except UnwritablePicture as error:
            if "by another process" not in error.reason:
                raise
            time.sleep(BUSY)


def absolute(name: str) -> str:
    """The same from anywhere: a path in full, or the URL as it is.

    Raises:
        OptionError: the URL names nothing, or holds a password.
    """
    if not is_url(name):
        return os.path.abspath(local(name))
    if name.rstrip("/").endswith(":"):
        raise OptionError(name, "names nothing", "name what is there, as in s3://bucket/scans")
    refuse_password(name)
    return name


def read(name: str, start: int | None = None, end: int | None = None) -> bytes:
    """The content of a file, or a part of it.

    Raises:
        OSError: it cannot be read, also after trying again.
    """
    if is_url(name):
        fs, path = stripped(name)
        return bytes(patiently(fs, fs.cat_file, path, start=start, end=end))
    with open(name, "rb") as file:
        file.seek(start or 0)
        return file.read(-1 if end is None else end - (start or 0))


@dataclass(frozen=True)
class Place:
    """A folder, by its path in full or its URL. It need not be there yet.

    Attributes:
        name: the path or URL.
    """

    name: str

    @classmethod
    def of(cls, name: str) -> Place:
        """The place that a user named."""
        return cls(absolute(name).rstrip("/") or "/")

    @property
    def path(self) -> Path | None:
        """On disk; None: behind a URL."""
        return None if is_url(self.name) else Path(self.name)

    def __truediv__(self, name: str) -> str:
        return f"{self.name}/{name}"

    def names(self, folder: str = "") -> Iterator[tuple[str, float | None]]:
        """What is in it, or in a folder of it: names, and when each was written, if known.

        Raises:
            UnreadablePicture: it cannot be listed.
        """
        where = f"{self.name}/{folder}".rstrip("/")
        try:
            if self.path is not None:
                with os.scandir(where) as entries:
                    for entry in entries:
                        with contextlib.suppress(FileNotFoundError):  # it vanished meanwhile
                            yield entry.name, entry.stat(follow_symlinks=False).st_mtime
                return
            with reaching(where, *ABSENT):
                fs, path = stripped(where)
                found = patiently(fs, fs.ls, path, detail=True)
            for info in found:
                name = info["name"].rstrip("/").rpartition("/")[2]
                if info["name"].rstrip("/") != path.rstrip("/"):
                    yield name, _time(info)
        except ABSENT:
            return
        except OSError as error:
            reason = f"cannot be read ({system_reason(error)})"
            raise UnreadablePicture(where, reason, "allow reading the folder (chmod +rx)") from None

    def exists(self, name: str) -> bool:
        """Whether a file is there."""
        if self.path is not None:
            return (self.path / name).is_file()
        with reaching(self / name, *ABSENT):  # `isfile` takes any fault for an answer
            try:
                fs, path = stripped(self / name)
                return bool(patiently(fs, fs.info, path)["type"] == "file")
            except ABSENT:
                return False

    def read(self, name: str) -> bytes:
        """A file's content; raises `OSError`, or `UnreadablePicture` of a store."""
        with reaching(self / name, *ABSENT) if self.path is None else contextlib.nullcontext():
            return read(self / name)

    def write(self, name: str, data: bytes) -> None:
        """Write a file of our own whole, or not at all.

        Raises:
            UnwritablePicture: the place cannot be written.
        """
        with writing(self.name):
            if self.path is None:
                fs, path = stripped(self / name)
                _put(fs, path, lambda to: fs.pipe_file(to, data))
                return

            def write() -> None:
                with buffered(self.folder_of(name)) as file:
                    file.write(data)

            unless_busy(write)

    def mark(self, name: str) -> None:
        """Make an empty file of our own.

        Raises:
            UnwritablePicture: the place cannot be written.
        """
        if self.path is None:
            self.write(name, b"")
        else:
            with writing(self.name):
                self.folder_of(name).touch()

    def put(self, file: Path, name: str) -> None:
        """Write a file that is on this disk, whole or not at all; it may be moved.

        Raises:
            UnwritablePicture: it cannot be written.
        """
        with writing(self / name):
            if self.path is None:
                fs, path = stripped(self / name)
                _put(fs, path, lambda to: fs.put_file(str(file), to))
                return

            def write() -> None:
                with buffered(self.folder_of(name)) as target, file.open("rb") as content:
                    shutil.copyfileobj(content, target, 1 << 20)

            unless_busy(write)

    def folder_of(self, name: str) -> Path:
        """The path of a file on disk, whose folder is made."""
        assert self.path
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone is no error."""
        try:
            if self.path is not None:
                (self.path / name).unlink()
            else:
                with reaching(self / name, *ABSENT):
                    fs, path = stripped(self / name)
                    patiently(fs, fs.rm_file, path)
        except FileNotFoundError:
            return


@contextlib.contextmanager
def buffered(path: Path) -> Iterator[BinaryIO]:
    """A file that is written whole or not at all, each write to its end."""
    with whole_file(path) as raw:
        yield (file := io.BufferedWriter(raw, 1 << 20))  # type: ignore[type-var]
        file.flush()
        file.detach()


@contextlib.contextmanager
def writing(name: str) -> Iterator[None]:
    """Turns errors of writing into `UnwritablePicture`; not that of a package that is missing."""
    try:
        yield
    except (ColornetError, ModuleNotFoundError):
        raise
    except Exception as error:  # every file system has its own
        if is_url(name):
            said, remedy = explained(error)
        else:
            told = str(error) or type(error).__name__
            said = system_reason(error) if isinstance(error, OSError) else told
            remedy = "check the place, its permissions, the space left and the name"
        raise UnwritablePicture(name, f"cannot be written ({said})", remedy) from None


def _put(fs: Any, path: str, write: Callable[[str], object]) -> None:
    if is_object_store(fs):
        patiently(fs, write, path)
        return
    folder, _, name = path.rpartition("/")
    temporary = f"{folder}/.{name}.part"

    def write_and_move() -> None:  # together: the answer to the move may be lost
        write(temporary)
        fs.mv(temporary, path)

    patiently(fs, fs.makedirs, folder, exist_ok=True)
    patiently(fs, write_and_move)


def _time(info: dict[str, Any]) -> float | None:
    """When a file was written, in seconds since 1970, by what its file system calls it."""
    for key in ("LastModified", "mtime", "last_modified", "updated", "created"):
        value = info.get(key)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return None
