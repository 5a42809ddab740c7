"""Truncated files: how they are recognized, and how much of them can be read."""

from __future__ import annotations

import functools
import os
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import UnreadablePicture
from colornet.notices import Notice
from colornet.picture.decoding import jpeg
from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.vips_images import orientation
from colornet.picture.formats import GET_ANOTHER_COPY, Format
from colornet.picture.tiff import blocks

SCAN_OR_END = rb"\xff[\xda\xd9]"
"""Markers of a scan's start and the picture's end, which cannot occur within a scan's data."""
EOI = b"\xff\xd9"
IEND = b"\0\0\0\0IEND\xae\x42\x60\x82"
MIN_SCANS = 2
"""Scans from which on a truncated progressive JPEG shows the whole picture, but coarsely."""


def is_cut(format: Format, file: BinaryIO, directories: Iterable[int] = ()) -> bool:
    """Whether a file is truncated, in a format whose beginning can be read.

    False for complete files and those that are damaged in another way.

    Args:
        format: of the file.
        file: the picture.
        directories: offsets of the directories of a TIFF's pages.
    """
    if format == "tiff":
        return blocks.is_cut(file, directories)
    test = {"jpeg": _jpeg_is_cut, "png": _png_is_cut}.get(format)
    return test is not None and test(file)


def can_be_partial(format: Format, file: BinaryIO) -> bool:
    """Whether a part of such a file could be read if it were truncated."""
    return format in ("jpeg", "tiff") or (format == "png" and not _is_interlaced(file))


def _is_interlaced(file: BinaryIO) -> bool:
    """Whether a PNG is interlaced, so that no part of it can be read."""
    file.seek(28)
    return file.read(1) != b"\0"


def _jpeg_is_cut(file: BinaryIO) -> bool:
    file.seek(-2, os.SEEK_END)
    return file.read() != EOI and not _scans(file)[1]


def is_coarse(format: Format, file: BinaryIO) -> bool:
    """Whether a truncated file shows the whole picture, but not all of its detail."""
    if format != "jpeg":
        return False
    scans, _ = _scans(file)
    return scans >= MIN_SCANS


def _scans(file: BinaryIO) -> tuple[int, bool]:
    """The number of scans that begin in a JPEG, and whether it has an end; without thumbnails."""
    try:
        file.seek(jpeg.scan_start(file))
    except (struct.error, ValueError):
        return 0, True  # no picture to speak of
    found = re.findall(SCAN_OR_END, file.read())
    return found.index(EOI) if EOI in found else len(found), EOI in found


def _png_is_cut(file: BinaryIO) -> bool:
    """Whether a PNG lacks its end chunk."""
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


class Area(NamedTuple):
    """A part of an upright picture, in fractions of its width and height from the top left."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    @property
    def share(self) -> float:
        """The share of the picture, 0..1."""
        return (self.right - self.left) * (self.bottom - self.top)

    def turned(self, quarters: int) -> Area:
        """The same area of the picture turned clockwise, so many times by 90 degrees."""
        area = self
        for _ in range(quarters % 4):
            area = Area(1 - area.bottom, area.left, 1 - area.top, area.right)
        return area

    def slices(self, width: int, height: int) -> tuple[slice, slice]:
        """The rows and columns of the area in a picture of this size."""
        rows = slice(round(self.top * height), round(self.bottom * height))
        return rows, slice(round(self.left * width), round(self.right * width))

    def clear_outside(self, values: NDArray[Any], first: int, width: int, height: int) -> None:
        """Set values (.., rows, width), of rows from `first` on, to 0 outside the area."""
        inside, columns = self.slices(width, height)
        values[..., : columns.start] = 0
        values[..., columns.stop :] = 0
        rows = np.arange(first, first + values.shape[-2])
        values[..., (rows < inside.start) | (rows >= inside.stop), :] = 0

    def mirrored(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values (height, width) of a picture, with those outside mirrored from the inside.

        The model then sees a photograph without a black edge.
        """
        height, width = values.shape
        rows, columns = self.slices(width, height)
        inside = values[rows, columns]
        if not inside.size:
            return values
        around = (rows.start, height - rows.stop), (columns.start, width - columns.stop)
        return np.pad(inside, around, mode="symmetric")


def readable_part(name: str, loader: Loader, pages: int) -> tuple[Loader, tuple[Area, ...]]:
    """A loader of what can be read of a truncated picture, and the area of each page.

    Raises:
        UnreadablePicture: nothing can be read.
    """
    assert loader.file
    assert loader.format
    with loader.file() as file:
        if is_coarse(loader.format, file):
            return replace(loader, rows=(loader.image().height,)), (Area(),)
        if loader.format == "tiff":
            directories = [image.directory for image in loader.images]
            there = blocks.with_counts_lowered(file, directories)
            loader = replace(loader, open=functools.partial(_open, there))
    each = [replace(loader, page=page) for page in range(pages)]
    rows = tuple(one.readable_rows() for one in each)
    if not any(rows):
        reason = "is cut off, and nothing of it can be read"
        raise UnreadablePicture(name, reason, GET_ANOTHER_COPY)
    return replace(loader, rows=rows), tuple(map(_readable, each, rows))


def _open(data: bytes, **options: Any) -> pyvips.Image:
    return pyvips.Image.new_from_source(pyvips.Source.new_from_memory(data), "", **options)


def _readable(loader: Loader, rows: int) -> Area:
    """The area of the first rows, as they are stored, in the upright picture."""
    image = loader.image()
    share = rows / image.height
    match orientation(image):
        case 1 | 2:
            return Area(bottom=share)
        case 3 | 4:
            return Area(top=1 - share)
        case 5 | 8:
            return Area(right=share)
        case _:
            return Area(left=1 - share)


def missing_part(areas: Sequence[Area]) -> Notice:
    """A notice of how much of a picture is missing."""
    share = 1 - sum(area.share for area in areas) / len(areas)
    if share == 0:
        return Notice("detail-missing", "is cut off: its finer detail is missing")
    percent = "less than 1" if share < 0.01 else f"{100 * share:.0f}"
    text = f"is cut off: {percent} % of it is missing and stays without color"
    return Notice("part-missing", text)
