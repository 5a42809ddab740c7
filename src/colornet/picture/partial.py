"""What there is of a picture that ends too early: how much, and how to decode that alone."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import UnreadablePicture
from colornet.notices import Notice
from colornet.picture import tiff_data
from colornet.picture.cutoff import is_coarse
from colornet.picture.formats import GET_ANOTHER_COPY
from colornet.picture.loader import Loader, orientation


@dataclass(frozen=True)
class Area:
    """A part of an upright picture, in fractions of its width and height from the upper left."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    @property
    def share(self) -> float:
        """Of the whole, 0..1."""
        return (self.right - self.left) * (self.bottom - self.top)

    def slices(self, width: int, height: int) -> tuple[slice, slice]:
        """Its rows and columns in a picture of so many pixels."""
        rows = slice(round(self.top * height), round(self.bottom * height))
        return rows, slice(round(self.left * width), round(self.right * width))

    def clear_outside(self, values: NDArray[Any], first: int, width: int, height: int) -> None:
        """Set rows (.., rows, width) of a picture, from the first on, to 0 outside of it."""
        inside, columns = self.slices(width, height)
        values[..., : columns.start] = 0
        values[..., columns.stop :] = 0
        rows = np.arange(first, first + values.shape[-2])
        values[..., (rows < inside.start) | (rows >= inside.stop), :] = 0

    def mirrored(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values (height, width) of the whole, what is outside replaced by what is inside.

        The model sees a photograph then, and no edge of black.
        """
        height, width = values.shape
        rows, columns = self.slices(width, height)
        inside = values[rows, columns]
        if not inside.size:
            return values
        around = (rows.start, height - rows.stop), (columns.start, width - columns.stop)
        return np.pad(inside, around, mode="symmetric")


def what_there_is(name: str, loader: Loader, pages: int) -> tuple[Loader, tuple[Area, ...]]:
    """How to read a picture that ends too early, and the part of each page that can be.

    Raises:
        UnreadablePicture: there is nothing of it.
    """
    assert loader.file
    assert loader.format
    with loader.file() as file:
        if is_coarse(loader.format, file):
            return replace(loader, rows=(loader.image().height,)), (Area(),)
        if loader.format == "tiff":
            directories = [image.directory for image in loader.images]
            there = tiff_data.with_what_there_is(file, directories)
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
    """The first rows as they are stored, in the upright picture."""
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


def missing(areas: Sequence[Area]) -> Notice:
    """What of a picture there is not, as its owner is told."""
    share = 1 - sum(area.share for area in areas) / len(areas)
    if share == 0:
        return Notice("detail-missing", "is cut off: its finer detail is missing")
    percent = "less than 1" if share < 0.01 else f"{100 * share:.0f}"
    text = f"is cut off: {percent} % of it is missing and stays without color"
    return Notice("part-missing", text)
