"""Files that end too early: cheap to tell from whole ones, by how they should end."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable
from typing import BinaryIO

from colornet.picture import jpeg, tiff_data
from colornet.picture.formats import Format

SCAN_OR_END = re.compile(rb"\xff[\xda\xd9]")
"""A scan begins, or the picture ends: within a scan, neither can be data."""
SOS, EOI = b"\xff\xda", b"\xff\xd9"
IEND = b"\0\0\0\0IEND\xae\x42\x60\x82"
MIN_SCANS = 2
"""Of a progressive JPEG: the first alone holds the whole picture, if coarsely."""


def is_cut(format: Format, file: BinaryIO, directories: Iterable[int] = ()) -> bool:
    """Whether a picture ends before its data do, and its beginning can be read all the same.

    False for what is whole, for what is damaged otherwise, and for formats that are read as a
    whole or not at all.

    Args:
        format: of the file.
        file: the picture.
        directories: offsets of those of a TIFF's pages.
    """
    if format == "tiff":
        return tiff_data.is_cut(file, directories)
    test = {"jpeg": _jpeg_is_cut, "png": _png_is_cut}.get(format)
    return test is not None and test(file)


def can_be_partial(format: Format, file: BinaryIO) -> bool:
    """Whether what there is of such a picture could be read, if it ended too early."""
    return format in ("jpeg", "tiff") or (format == "png" and not _is_interlaced(file))


def _is_interlaced(file: BinaryIO) -> bool:
    """Of a PNG; then no part of it can be read."""
    file.seek(28)
    return file.read(1) != b"\0"


def _jpeg_is_cut(file: BinaryIO) -> bool:
    file.seek(-2, os.SEEK_END)
    return file.read() != EOI and not _scans(file)[1]


def is_coarse(format: Format, file: BinaryIO) -> bool:
    """Of one that is cut: whether all of the picture is there, but not with all of its detail."""
    if format != "jpeg":
        return False
    scans, _ = _scans(file)
    return scans >= MIN_SCANS


def _scans(file: BinaryIO) -> tuple[int, bool]:
    """How many scans of a JPEG begin, and whether its end is there; thumbnails do not count."""
    try:
        file.seek(jpeg.scan_start(file))
    except (struct.error, ValueError):
        return 0, True  # no picture to speak of
    found = SCAN_OR_END.findall(file.read())
    return found.index(EOI) if EOI in found else len(found), EOI in found


def _png_is_cut(file: BinaryIO) -> bool:
    """By the chunk that ends it."""
    size = file.seek(-len(IEND), os.SEEK_END) + len(IEND)
    if file.read() == IEND:
        return False
    interlaced = _is_interlaced(file)
    at = 8
    while at + 12 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return False
        at += 12 + length
    return not interlaced
