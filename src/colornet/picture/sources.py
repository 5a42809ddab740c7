"""What a picture may be given as, opened: for looking at its bytes, and for libvips."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pyvips

from colornet.errors import UnreadablePicture
from colornet.picture.faults import one_line
from colornet.picture.formats import Format
from colornet.picture.limits import Limits
from colornet.picture.opened import Kind
from colornet.picture.tiff_repair import Repairs, repaired


def opener(
    format: Format, reopen: Callable[[], BinaryIO], changes: Repairs
) -> Callable[..., pyvips.Image]:
    """What opens the pixels, with the options of libvips' loaders.

    Args:
        format: of the file.
        reopen: opens the file anew.
        changes: to the file before libvips sees it.
    """
    if format == "jpeg":  # one with a gain map is one like others, not what libvips makes of it
        return lambda **options: pyvips.Operation.call(
            "jpegload_source", source_of(reopen), **options
        )
    return lambda **options: pyvips.Image.new_from_source(source_of(reopen, changes), "", **options)


def source_of(reopen: Callable[[], BinaryIO], changes: Repairs | None = None) -> pyvips.Source:
    """The file for libvips, opened anew."""
    with reopen() as file:
        if changes:
            return repaired(file, changes)
        if isinstance(file, io.BytesIO):
            return pyvips.Source.new_from_memory(file.getvalue())  # not copied: it is unchanged
        return pyvips.Source.new_from_descriptor(file.fileno())


def read_bytes(source: Any, limits: Limits) -> tuple[str, Kind, bytes]:
    """Name, kind and content of bytes or a binary stream, which is read to its end.

    Raises:
        UnreadablePicture: it is neither.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return "the picture", "bytes", bytes(source)
    if not hasattr(source, "read"):
        raise UnreadablePicture(
            type(source).__name__,
            "is not a kind of picture",
            "give a path, bytes, a numpy array, a PIL picture or a binary stream",
        )
    name = str(getattr(source, "name", "the stream"))
    data = source.read(limits.bytes + 1)
    if not isinstance(data, bytes):
        raise UnreadablePicture(name, "is a stream of text", "open it in binary mode")
    return name, "stream", data


def stat_of_stream(source: Any) -> os.stat_result | None:
    """What the system says of the file that a stream reads; None: it reads none."""
    try:
        return os.fstat(source.fileno())
    except (AttributeError, OSError, ValueError):
        return None


def open_path(path: Path) -> BinaryIO:
    """Raises `UnreadablePicture` where that cannot be done."""
    try:
        if path.is_dir():
            raise UnreadablePicture(path, "is a folder, not a picture", "name a picture in it")
        if path.exists() and not path.is_file():  # reading might never end
            remedy = "give its bytes as a stream"
            raise UnreadablePicture(path, "is a pipe or device, not a picture", remedy)
        return path.open("rb")
    except FileNotFoundError:
        raise UnreadablePicture(path, "there is no such file", "check the name") from None
    except PermissionError:
        remedy = "allow reading it (chmod +r)"
        raise UnreadablePicture(path, "permission denied", remedy) from None
    except (OSError, ValueError) as error:
        raise UnreadablePicture(path, one_line(error), "check the name") from None


def peek(path: Path) -> BinaryIO:
    """Open a file so that its time of access stays, where the system allows that."""
    flags = os.O_RDONLY | getattr(os, "O_NOATIME", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.fdopen(os.open(path, flags), "rb")
    except PermissionError:  # it is another user's
        return path.open("rb")
