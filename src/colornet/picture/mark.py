"""A visible mark that says of a result that it was colorized."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.notices import Notice
from colornet.picture.pixels import Pixels

Floats = NDArray[np.float32]

WORD = "colorized"
SHARE = 1 / 40
"""Size of the letters, as a share of the shorter side."""
SMALLEST = 9
"""Pixels of the smallest letters that can be read."""
WIDEST, HIGHEST = 0.5, 0.3
"""Shares of the picture's sides that the mark may take."""
GROUND = 0.6
"""Opacity of the dark ground, on which white letters can be read over any picture."""
TINY = np.float32(1e-6)
NO_ROOM = Notice("mark-left-out", f"is too small for the mark {WORD!r}, which is left out")


def marked(pixels: Pixels, name: str, pages: int = 1) -> Pixels:
    """A result with the word "colorized" in its lower right corner, on each of its pages.

    The mark covers these pixels, which it makes opaque. A picture that is too small for it gets a
    notice instead.

    Args:
        pixels: the result.
        name: of the picture, for the notice.
        pages: of one size, joined one below the other.
    """
    height = pixels.height // pages
    mark = _fitting(pixels.width, height)
    if mark is None:
        return replace(pixels, notices=(*pixels.notices, NO_ROOM.about(name)))
    light, cover = mark
    gap = len(cover) // 4  # to the edges
    begin, left = height - gap - len(cover), pixels.width - gap - cover.shape[1]

    def compute(first: int, end: int) -> Iterator[NDArray[Any]]:
        row = first
        for strip in pixels.compute(first, end):
            for page in range(row // height, (row + len(strip) - 1) // height + 1):
                top = page * height + begin - row  # of the mark, in the strip
                rows = slice(max(top, 0), max(min(top + len(cover), len(strip)), 0))
                if len(strip[rows]):
                    strip = strip.copy()  # it may be kept
                    seen = slice(rows.start - top, rows.stop - top)
                    part = strip[rows, left : left + cover.shape[1]]
                    _cover(part, light[seen], cover[seen])
            yield strip
            row += len(strip)

    return replace(pixels, compute=compute)


def _cover(part: NDArray[Any], light: Floats, cover: Floats) -> None:
    """Put light (h, w), 0..1, of an opacity over pixels (h, w, 3 or 4), in place."""
    most = np.float32(np.iinfo(part.dtype).max)
    light, cover = light[..., np.newaxis], cover[..., np.newaxis]
    below = part.astype(np.float32) / most
    rest = 1 - cover
    if part.shape[-1] == 4:
        rest = rest * below[..., 3:]
        part[..., 3:] = np.rint(most * (cover + rest))
    part[..., :3] = np.rint(most * (light + below[..., :3] * rest) / np.maximum(cover + rest, TINY))


def _fitting(width: int, height: int) -> tuple[Floats, Floats] | None:
    """The mark for a picture of this size, see `_drawn`; None: there is no room."""
    light, cover = _drawn(max(SMALLEST, round(SHARE * min(width, height))))
    fits = len(cover) <= HIGHEST * height and cover.shape[1] <= WIDEST * width
    return (light, cover) if fits else None


@functools.lru_cache(maxsize=4)
def _drawn(size: int) -> tuple[Floats, Floats]:
    """The mark's light and its opacity, (h, w), 0..1, with letters of a size in pixels."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size)  # comes with Pillow
    left, top, right, bottom = font.getbbox(WORD)
    margin = max(2, size // 2)
    box = int(right - left) + 2 * margin, int(bottom - top) + 2 * margin
    letters, ground = Image.new("L", box), Image.new("L", box)
    ImageDraw.Draw(letters).text((margin - left, margin - top), WORD, 255, font)
    corners = (0, 0, box[0] - 1, box[1] - 1)
    ImageDraw.Draw(ground).rounded_rectangle(corners, margin, fill=255)
    full = np.float32(255)
    ink, dark = (np.asarray(each, np.float32) / full for each in (letters, ground))
    return ink, ink + np.float32(GROUND) * dark * (1 - ink)
