"""Damage that decoders do not notice, recognized by plain areas in a small copy.

JPEG, WebP, LZW and uncompressed pixels have no checksums, so damaged data decode to another
picture, often with an area of one value. Photographs hardly ever have one of that shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.notices import Notice

CELLS = 64
"""Cells along each side of a picture, at most, each of which is plain or not. Pictures with fewer
pixels a side are not checked."""
PLAIN_SHARE = 0.03  # of a picture; smaller plain areas are not reported
FILLED = 0.95  # of its bounding box that an area must fill to count as a rectangle
LEAST_CELL = 4  # rows and columns of a cell, at least


def plain_area(levels: NDArray[Any]) -> Notice | None:
    """A notice of a plain area that may be damage; None: there is none.

    Args:
        levels: (H, W), 8 or 16 bits.
    """
    share, value = plain_share(levels)
    if not share:
        return None
    white = np.iinfo(levels.dtype).max
    name = {0: "black", white: "white"}.get(value, f"{value} of {white}")
    text = f"holds a plain area of {100 * share:.0f} % ({name})"
    return Notice("plain-area", f"{text}: if there is none in the original, the file is damaged")


def plain_share(levels: NDArray[Any]) -> tuple[float, int]:
    """The share of a picture's area of one value in the shape of lost rows or tiles; the value.

    Such shapes are bands across the whole width, a rectangle, and a run of tiles that continues in
    the next row. Borders do not count: bands at both top and bottom, or anything of full height.

    Args:
        levels: (H, W).
    """
    if min(levels.shape) < CELLS:
        return 0.0, 0
    rows, columns = (max(LEAST_CELL, -(-length // CELLS)) for length in levels.shape)
    if _share_that_may_be_plain(levels, rows, columns) < PLAIN_SHARE:
        return 0.0, 0
    is_plain, values = _plain_cells(levels, rows, columns)
    if not is_plain.any():
        return 0.0, 0
    found, counts = np.unique(values[is_plain], return_counts=True)
    value = found[counts.argmax()]
    plain = is_plain & (values == value)
    if plain.all(axis=0).any():  # a border at the side, or a picture of one value
        return 0.0, 0
    bands = plain.all(axis=1)
    if bands[0] and bands[-1]:
        return 0.0, 0
    lost = plain[bands].size
    if not lost and (_is_box(plain) or _is_staircase(plain)):
        lost = int(plain.sum())
    share = lost / plain.size
    return (share, int(value)) if share >= PLAIN_SHARE else (0.0, 0)


def _is_box(plain: NDArray[np.bool_]) -> bool:
    """Whether the cells fill a rectangle."""
    box = plain[np.ix_(plain.any(axis=1), plain.any(axis=0))]
    return bool(box.mean() >= FILLED)


def _is_staircase(plain: NDArray[np.bool_]) -> bool:
    """Whether the cells are up to three rectangles, each directly below the other."""
    rows = plain[plain.any(axis=1)]
    runs = np.diff(rows.astype(np.int8), axis=1, prepend=0).clip(0).sum(axis=1)
    steps = (rows[1:] != rows[:-1]).any(axis=1).sum()
    return bool((runs == 1).all() and steps <= 2)


def _share_that_may_be_plain(levels: NDArray[Any], rows: int, columns: int) -> float:
    """The share of cells with nine equal pixels: a quick check, which few photographs pass."""
    down, across = (len(levels) // rows, levels.shape[1] // columns)
    levels = levels[: down * rows, : across * columns]
    first = levels[::rows, ::columns]
    may_be = np.ones(first.shape, np.bool_)
    for y in (0, rows // 2, rows - 1):
        for x in (0, columns // 2, columns - 1):
            may_be &= levels[y::rows, x::columns] == first
    return float(may_be.mean())


def _plain_cells(
    levels: NDArray[Any], rows: int, columns: int
) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Which cells, of `rows` by `columns` pixels, have one value, and their lowest values."""
    down, across = (len(levels) // rows, levels.shape[1] // columns)
    cells = levels[: down * rows, : across * columns].reshape(down, rows, across, columns)
    low = cells.min(axis=1).min(axis=-1)
    return low == cells.max(axis=1).max(axis=-1), low
