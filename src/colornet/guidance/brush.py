"""Cells of a grid that a brush covers when it is drawn through points.

Positions are (x, y) in cells from the grid's top left corner, so that the cell in row 2 and column
3 extends from (3, 2) to (4, 3). The cost is proportional to the number of rows that lines cross,
not to their length or number of points.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DETAIL = 8
"""Steps of a cell's side to which points are rounded; points in the same step count once."""
LEVEL = 1e-9
"""Cells; a line that rises or falls by less is horizontal."""
CHUNK = 1 << 18
"""Pairs of a line and a row that are processed together, which limits memory."""


def cells_at(positions: Floats, shape: tuple[int, ...]) -> Integers:
    """The cells (N, 2), row and column, at positions (N, 2) on a grid (.., h, w).

    Positions outside, or on the last edges, belong to the nearest cell.
    """
    *_, height, width = shape
    column, row = np.floor(positions).clip(0, [width - 1, height - 1]).astype(int).T
    return np.stack([row, column], axis=-1)


def inside(positions: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which positions (N, 2) are on the grid (.., h, w), including its edges."""
    *_, height, width = shape
    x, y = positions.T
    return (x >= 0) & (x <= width) & (y >= 0) & (y <= height)


def brushed(
    positions: Floats, radius: float, shape: tuple[int, int], tall: float = 1.0
) -> NDArray[np.bool_]:
    """A mask (h, w) of the cells that a brush covers.

    A cell is covered if its center is, or if the line or point itself crosses it.

    Args:
        positions: (N, 2), a point, or the points of a line, which may be partly outside the grid.
        radius: radius of the brush, in widths of a cell.
        shape: h and w.
        tall: height of a cell, in widths of a cell.
    """
    height, width = shape
    if len(positions) == 1:
        return _spot(positions[0], radius, shape, tall)
    changes = np.zeros(height * (width + 1), np.int64)  # along rows, of the lines that cover a cell
    positions = _thinned(positions)
    cells = cells_at(positions[inside(positions, shape)], shape)
    _cover(changes, width, cells[:, 0], cells[:, 1], cells[:, 1])
    starts, ends = positions[:-1], positions[1:]
    if 2 * radius < np.hypot(1, tall):  # it may miss the center of a cell that it crosses
        for lines, rows in _rows(starts, ends, 0, height):
            _cover(changes, width, rows, *_crossed(starts[lines], ends[lines], rows, shape))
    if radius > 0:
        starts, ends = starts * [1, tall], ends * [1, tall]
        for lines, rows in _rows(starts, ends, radius, height, tall):
            middles = tall * (rows + np.float64(0.5))
            left, right = _breadth(starts[lines], ends[lines], middles, radius)
            _cover(changes, width, rows, np.ceil(left - 0.5), np.floor(right - 0.5))
    return changes.reshape(height, -1)[:, :-1].cumsum(axis=1) > 0


def _spot(
    position: Floats, radius: float, shape: tuple[int, int], tall: float
) -> NDArray[np.bool_]:
    height, width = shape
    across = np.arange(width) + 0.5 - position[0]
    down = (np.arange(height) + 0.5 - position[1])[:, np.newaxis] * tall
    covered: NDArray[np.bool_] = across**2 + down**2 <= radius**2
    if inside(position[np.newaxis], shape)[0]:
        row, column = cells_at(position[np.newaxis], shape)[0]
        covered[row, column] = True
    return covered


def _thinned(positions: Floats) -> Floats:
    """Remove points that are in the same step as the one before, see DETAIL."""
    places = np.floor(positions * DETAIL)
    differs = np.ones(len(positions), bool)
    differs[1:] = (places[1:] != places[:-1]).any(axis=1)
    differs[-1] = True
    return positions[differs]


def _rows(
    starts: Floats, ends: Floats, reach: float, height: int, tall: float = 1.0
) -> Iterator[tuple[Integers, Integers]]:
    """Pairs of a line and a row that it crosses, as arrays (M,), in parts of about CHUNK."""
    top = (np.minimum(starts[:, 1], ends[:, 1]) - reach) / tall
    bottom = (np.maximum(starts[:, 1], ends[:, 1]) + reach) / tall
    first, last = (np.floor(edge).clip(0, height - 1).astype(int) for edge in (top, bottom))
    counts = last - first + 1
    upto = counts.cumsum()
    begin = 0
    while begin < len(counts):
        done = upto[begin] - counts[begin]
        end = max(begin + 1, int(np.searchsorted(upto, done + CHUNK, side="right")))
        count = counts[begin:end]
        lines = np.repeat(np.arange(begin, end), count)
        yield lines, np.arange(len(lines)) - np.repeat(count.cumsum() - count, count) + first[lines]
        begin = end


def _cover(
    changes: Integers, width: int, rows: Integers, first: NDArray[Any], last: NDArray[Any]
) -> None:
    """Count one more line on the columns from first to last, in each of the rows."""
    there = (first <= last) & (last >= 0) & (first < width)
    begins = rows[there] * (width + 1)
    ends = begins + last[there].clip(max=width - 1).astype(int) + 1
    begins = begins + first[there].clip(0).astype(int)
    changes += np.bincount(begins, minlength=len(changes))
    changes -= np.bincount(ends, minlength=len(changes))


def _crossed(
    starts: Floats, ends: Floats, rows: Integers, shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """The first and last column that each line crosses in its row; last < first if none."""
    height, width = shape
    x, y = starts.T
    along, down = (ends - starts).T
    level = np.abs(down) < LEVEL
    step = np.where(level, 1, down)
    enters, leaves = np.sort([(rows - y) / step, (rows + 1 - y) / step], axis=0).clip(0, 1)
    enters, leaves = np.where(level, 0, enters), np.where(level, 1, leaves)
    left, right = np.sort([x + enters * along, x + leaves * along], axis=0)
    first = np.floor(left).clip(0, width - 1)
    last = np.maximum(np.ceil(right) - 1, np.floor(left)).clip(max=width - 1)
    in_row = np.where(y == height, height - 1, np.floor(y))
    crosses = np.where(level, in_row == rows, enters < leaves)
    return first, np.where(crosses & (left <= width) & (right >= 0), last, -1)


def _breadth(starts: Floats, ends: Floats, levels: Floats, radius: float) -> tuple[Floats, Floats]:
    """The interval that a brush along each line covers at a level y; empty if from > to.

    The brush's outline consists of a circle around each end, and two parallels of the line.
    """
    lines = ends - starts
    lengths = np.linalg.norm(lines, axis=1).clip(min=1e-9)
    beside = radius * np.stack([-lines[:, 1], lines[:, 0]]) / lengths  # (2, M)
    found = []
    for x, y in (starts.T, ends.T):
        half = np.sqrt(np.maximum(radius**2 - (levels - y) ** 2, 0))
        covers = np.abs(levels - y) <= radius
        found.append((x - half, x + half, covers))
    level = np.abs(lines[:, 1]) < LEVEL
    down = np.where(level, np.inf, lines[:, 1])
    for across, below in (beside, -beside):
        share = (levels - starts[:, 1] - below) / down
        covers = (share >= 0) & (share <= 1) & ~level
        at = starts[:, 0] + across + np.where(covers, share, 0) * lines[:, 0]
        found.append((at, at, covers))
    left = np.min([np.where(covers, at, np.inf) for at, _, covers in found], axis=0)
    right = np.max([np.where(covers, at, -np.inf) for _, at, covers in found], axis=0)
    return left, right
