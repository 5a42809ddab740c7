"""Contact sheets: many small pictures on one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

Cell = Image.Image | NDArray[np.uint8]
"""A Pillow picture, or an array: rgb8 (H, W, 3) or gray (H, W)."""

T = TypeVar("T")

PAPER = "white"
INK = "#333333"
GAP = 4
"""Pixels between cells and around them."""


def contact_sheet(
    rows: Sequence[Sequence[Cell]],
    *,
    titles: Sequence[str] = (),
    captions: Sequence[str] = (),
    side: int = 128,
) -> Image.Image:
    """Draw rows of pictures, each centered in a square cell.

    Args:
        rows: the pictures; a row may be shorter than the others.
        titles: a line above each column, where given.
        captions: a line below each row, where given.
        side: of a cell, in pixels.

    Returns:
        RGB; as wide as the longest row.
    """
    font = ImageFont.load_default(size=max(10, side // 10))
    line = max(10, side // 10) + GAP if titles or captions else 0
    head = line if titles else 0
    pitch = side + GAP
    row_pitch = pitch + (line if captions else 0)
    columns = max(map(len, rows), default=0)
    sheet = Image.new("RGB", (GAP + columns * pitch, GAP + head + len(rows) * row_pitch), PAPER)
    pen = ImageDraw.Draw(sheet)

    for column, title in enumerate(titles):
        pen.text((GAP + column * pitch, GAP // 2), title, INK, font)
    for index, row in enumerate(rows):
        top = GAP + head + index * row_pitch
        for column, cell in enumerate(row):
            picture = thumbnail(cell, side)
            indent = ((side - picture.width) // 2, (side - picture.height) // 2)
            sheet.paste(picture, (GAP + column * pitch + indent[0], top + indent[1]))
        if captions:
            pen.text((GAP, top + side + GAP // 2), captions[index], INK, font)
    return sheet


def thumbnail(cell: Cell, side: int) -> Image.Image:
    """The picture as RGB, scaled to fit into a square of this side."""
    picture = Image.fromarray(cell) if isinstance(cell, np.ndarray) else cell
    return ImageOps.contain(picture.convert("RGB"), (side, side))


def in_rows(cells: Sequence[T], columns: int) -> list[Sequence[T]]:
    """Split a sequence into rows of `columns` items; the last may be shorter."""
    return [cells[start : start + columns] for start in range(0, len(cells), columns)]


def evenly(items: Sequence[T], count: int) -> list[T]:
    """At most `count` items, evenly spaced from the first to the last, in their order."""
    positions = np.linspace(0, len(items) - 1, min(count, len(items)))
    return [items[position] for position in np.rint(positions).astype(int)]
