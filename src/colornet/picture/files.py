"""Files and streams, opened with clear errors."""

from __future__ import annotations

import lzma
import os
import re
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Literal

from colornet.errors import UnreadablePicture, how_to_read, system_reason
from colornet.picture.formats import Limits
from colornet.picture.libvips_errors import one_line

URL = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:/[^/]")
"""As a path, an address has one slash."""
PIECE = 1 << 26  # bytes of a stream that are read at a time
Kind = Literal["path", "bytes", "array", "pil", "stream"]
"""The kind of source that a picture was given as."""


def read_bytes(source: Any, limits: Limits) -> tuple[str, Kind, bytes]:
    """Read bytes or a binary stream to its end: name, kind and content.

    Raises:
        UnreadablePicture: it is neither bytes nor a binary stream, or cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return "the picture", "bytes", bytes(source)
    if not hasattr(source, "read"):
        raise UnreadablePicture(
            type(source).__name__,
            "is not a kind of picture",
            "give a path, bytes, a numpy array, a PIL picture or a binary stream",
        )
    name = getattr(source, "name", None)
    name = name if name and isinstance(name, str) else "the stream"  # a pipe's is a number
    try:
        data = _read_to_end(name, source, limits.bytes + 1)
        if not data and _is_behind(source):
            remedy = "give it from its beginning (in Python: seek(0))"
            raise UnreadablePicture(name, "is at its end already", remedy)
        return name, "stream", data
    except UnicodeDecodeError:
        raise _text(name) from None
    except (OSError, ValueError) as error:  # such as that it is closed
        raise UnreadablePicture(name, one_line(error), "open it for reading") from None
    except (EOFError, zlib.error, lzma.LZMAError) as error:  # of a compressed file
        reason = f"is damaged or cut off ({one_line(error)})"
        raise UnreadablePicture(name, reason, "get another copy of it") from None


def _read_to_end(name: str, source: Any, most: float) -> bytes:
    """Read a stream, of which one read may return fewer bytes than there are, as of a pipe.

    Args:
        name: for messages.
        source: the stream.
        most: bytes after which no more are read.
    """
    pieces: list[bytes] = []
    while most > 0 and (data := source.read(int(min(most, PIECE)))):
        if not isinstance(data, bytes | bytearray | memoryview):
            raise _text(name)
        pieces.append(bytes(data))
        most -= len(pieces[-1])
    return b"".join(pieces)


def _text(name: str) -> UnreadablePicture:
    return UnreadablePicture(name, "is a stream of text", "open it in binary mode")


def _is_behind(source: Any) -> bool:
    """Whether a stream that gives nothing was read, or written, before."""
    try:
        return bool(source.seekable() and source.tell())
    except (AttributeError, OSError, ValueError):
        return False


def stat_of_stream(source: Any) -> os.stat_result | None:
    """The status of the file that a stream reads; None: it reads no file."""
    try:
        return os.fstat(source.fileno())
    except (AttributeError, OSError, ValueError):
        return None


def open_path(path: Path) -> BinaryIO:
    """Open a file for reading; raise `UnreadablePicture` if that fails."""
    try:
        if path.is_dir():
            raise UnreadablePicture(path, "is a folder, not a picture", "name a picture in it")
        if path.exists() and not path.is_file():  # reading might never end
            remedy = "give its bytes as a stream"
            raise UnreadablePicture(path, "is a pipe or device, not a picture", remedy)
        return path.open("rb")
    except FileNotFoundError:
        remedy = "download it first" if URL.match(str(path)) else "check the name"
        raise UnreadablePicture(path, "there is no such file", remedy) from None
    except OSError as error:
        remedy = how_to_read(error, "check the name")
        raise UnreadablePicture(path, system_reason(error), remedy) from None
    except ValueError as error:
        raise UnreadablePicture(path, one_line(error), "check the name") from None


def peek(path: Path) -> BinaryIO:
    """Open a file for reading without changing its access time, if the system allows that."""
    flags = os.O_RDONLY | getattr(os, "O_NOATIME", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.fdopen(os.open(path, flags), "rb")
    except PermissionError:  # it is another user's
        return path.open("rb")
