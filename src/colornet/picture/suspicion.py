"""Damage that no decoder finds fault with, seen in a small copy of the picture.

JPEG, WebP, LZW and pixels that are not compressed have no checksums: damaged data mean another
picture, often a plain area or one whose brightness jumps. Photographs hardly ever look like that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.notices import Notice

CELLS = 64
"""A picture is divided into so many cells a side at most, which are plain or not; smaller ones, of
fewer pixels a side, are not looked at."""
PLAIN_SHARE = 0.03  # of a picture, from which on a plain area is told
FILLED = 0.95  # of its rectangle, which a plain area fills
SAMPLED = 4  # every so many rows and columns are looked at first
COLUMNS = 256  # that are looked at for jumps
PARTS = 4  # of a row, in all of which but one there has to be a jump
JUMP, MOST = 20, 0.8
"""Levels of 255 by which brightness jumps between two rows, in most of the columns of a part."""
FLAT = 4.0  # levels: standard deviation below which all to the edge of a picture is a border
MOST_JUMPS = 4  # that are looked at in full size
PERHAPS = 14, 0.7
"""The same where a jump is worth a closer look."""
ROUGH, ROUGH_SHARE = 60, 0.06
"""Levels of 255 between two pixels, and in which share of them they differ as much at the edges of
blocks, beyond that within."""


MORE_DATA = Notice(
    "data-left-over",
    "may be damaged: its data go on behind its last pixel; look at the result",
)
UNFIT = Notice(
    "blocks-misfit", "may be damaged: its blocks do not fit together; look at the result"
)


def left_over(count: int) -> Notice:
    """A notice of so many bytes that its decoder had no use for."""
    text = f"may be damaged: {count:,} bytes of its data are left over; look at the result"
    return Notice("data-left-over", text)


def jumps_at(row: int) -> Notice:
    """A notice of a jump of brightness, see `jump`."""
    text = f"its brightness jumps over its whole width, at row {row:,}; look at the result"
    return Notice("brightness-jump", f"may be damaged: {text}")


def plain_area(levels: NDArray[Any]) -> Notice | None:
    """A notice of a plain area that could be damage.

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
    """The share of a picture that has one value and the shape of lost rows or tiles; that value.

    Those are bands over the whole width, or one rectangle. Borders are none: bands above and
    below, or anything as high as the picture.

    Args:
        levels: (H, W).
    """
    if min(levels.shape) < CELLS:
        return 0.0, 0
    rows, columns = (max(SAMPLED, -(-length // CELLS)) for length in levels.shape)
    if not _plain_cells(levels[::SAMPLED, ::SAMPLED], rows // SAMPLED, columns // SAMPLED)[0].any():
        return 0.0, 0
    is_plain, values = _plain_cells(levels, rows, columns)
    if not is_plain.any():
        return 0.0, 0
    found, counts = np.unique(values[is_plain], return_counts=True)
    value = found[counts.argmax()]
    plain = is_plain & (values == value)
    if plain.all(axis=0).any():  # a border at the side, or nothing else
        return 0.0, 0
    bands = plain.all(axis=1)
    if bands[0] and bands[-1]:
        return 0.0, 0
    lost = plain[bands].size
    if not lost:
        box = plain[np.ix_(plain.any(axis=1), plain.any(axis=0))]
        lost = int(plain.sum()) if box.mean() >= FILLED else 0
    share = lost / plain.size
    return (share, int(value)) if share >= PLAIN_SHARE else (0.0, 0)


def _plain_cells(
    levels: NDArray[Any], rows: int, columns: int
) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Which cells of so many rows and columns are of one value, and what that is."""
    down, across = (len(levels) // rows, levels.shape[1] // columns)
    cells = levels[: down * rows, : across * columns].reshape(down, rows, across, columns)
    low = cells.min(axis=(1, 3))
    return low == cells.max(axis=(1, 3)), low


def jump(
    levels: NDArray[np.uint8], step: int, shrink: int, fetch: Callable[[int, int], NDArray[Any]]
) -> int | None:
    """The row at which a JPEG's brightness jumps over the whole width; None: there is none.

    Where its data were misread, all to the right of some block and all rows below are lighter or
    darker by as much; so the left part of the picture jumps one row of blocks later. The edge of a
    border is no jump.

    Args:
        levels: (h, w), of a small copy, in which edges are sharper than they are; so what is found
            in it is looked at in full size.
        step: rows of a block of the JPEG.
        shrink: how many of its rows are one of the copy.
        fetch: gives so many of its rows from some row on.
    """
    least, most = (JUMP, MOST) if shrink == 1 else PERHAPS
    found = [row for row in _jumps(levels, step // shrink, least, most) if not _ends(levels, row)]
    for row in found[:MOST_JUMPS]:
        if shrink == 1:
            return row
        top = max(0, row * shrink - 2 * step)
        if seen := _jumps(fetch(top, 5 * step), step, JUMP, MOST):
            return top + seen[0]
    return None


def _ends(levels: NDArray[np.uint8], row: int) -> bool:
    """Whether a border ends there."""
    return bool(min(levels[: row - 1].std(), levels[row + 1 :].std()) < FLAT)


def _jumps(levels: NDArray[np.uint8], step: int, least: float, most: float) -> list[int]:
    """Rows of blocks, step by step, in which there is a jump of at least so many levels."""
    rows = np.arange(max(step, 2), len(levels) - 1, step)
    levels = levels[:, :: max(1, levels.shape[1] // COLUMNS)]
    width = levels.shape[1] // PARTS
    if not len(rows) or not width:
        return []
    at, above, below, before = (
        levels[rows + k, : PARTS * width].astype(np.int16) for k in (0, -1, 1, -2)
    )
    off = 3 * (at - above) - (below - before)  # twice the step beyond the slope around it
    found: set[int] = set()
    for signed in (off, -off):
        is_one = (signed >= 2 * least).reshape(-1, PARTS, width).mean(axis=-1) >= most
        later = np.vstack([is_one[1:], np.zeros((1, PARTS), bool)])
        for part in range(PARTS):
            both = is_one[:, part + 1 :].all(axis=1) & later[:, :part].all(axis=1)
            first = rows if part < PARTS - 1 else rows + step
            found |= set(first[both].tolist())
    return sorted(found)


def is_rough(levels: NDArray[np.uint8], step: int) -> bool:
    """Whether a picture is full of blocks that do not fit together.

    Args:
        levels: (H, W).
        step: rows of a block, 2 or more.
    """
    levels = levels[:, :: max(1, levels.shape[1] // COLUMNS)].astype(np.int16)
    rough = (np.abs(levels[1:] - levels[:-1]) > ROUGH).mean(axis=1)
    edges = np.zeros(len(rough), bool)
    edges[step - 1 :: step] = True
    if edges.all() or not edges.any():
        return False
    return bool(rough[edges].mean() - rough[~edges].mean() > ROUGH_SHARE)
