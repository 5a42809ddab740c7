"""Maps (C, h, w) on grids of other sizes."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def resample(maps: Floats, height: int, width: int) -> Floats:
    """(..., h, w) -> (..., height, width): bilinear, and averaged over areas where it shrinks."""
    rows, row_shares = _lines(height, maps.shape[-2])
    maps = _sum(
        maps[..., at, :] * share[:, None] for at, share in zip(rows, row_shares, strict=True)
    )
    columns, column_shares = _lines(width, maps.shape[-1])
    return _sum(maps[..., at] * share for at, share in zip(columns, column_shares, strict=True))


def averaged(plane: Floats, height: int, width: int) -> Floats:
    """(h, w) -> (height, width), which divide h and w: the mean over each new cell's area."""
    h, w = plane.shape
    cells = plane.reshape(height, h // height, width, w // width)
    means: Floats = cells.mean(axis=(1, 3))
    return means


def bilinear(points: Floats, height: int, width: int) -> Floats:
    """The share (N, h w) of each cell of a grid in each of the points (N, 2).

    Points are rows and columns as fractions of the grid's height and width.
    """
    position = points * [height, width] - 0.5
    rows, columns = (
        np.maximum(1 - np.abs(position[:, k, None].clip(0, side - 1) - np.arange(side)), 0)
        for k, side in enumerate((height, width))
    )  # (N, h), (N, w)
    return (rows[:, :, None] * columns[:, None]).reshape(len(points), -1).astype(np.float32)


def bicubic(points: Floats, height: int, width: int) -> Floats:
    """The same as `bilinear`, by `cubic`; some shares are less than 0."""
    rows, columns = cubic(points[:, 0], height), cubic(points[:, 1], width)
    return (rows[:, :, None] * columns[:, None]).reshape(len(points), -1)


def cubic(points: Floats, side: int) -> Floats:
    """The share (N, side) of each cell of a line in each of the points (N,), fractions of it.

    The curve through the cells' values that Catmull and Rom describe (1974); the last are repeated
    beyond both ends.
    """
    position = points.astype(np.float64) * side - 0.5
    before = np.floor(position).astype(int)
    t = position - before
    four = ((2 - t) * t - 1) * t, (3 * t - 5) * t**2 + 2, ((4 - 3 * t) * t + 1) * t, (t - 1) * t**2
    shares = np.zeros((len(points), side), np.float32)
    for step, share in enumerate(four, -1):
        shares[np.arange(len(points)), (before + step).clip(0, side - 1)] += share / 2
    return shares


def _lines(to: int, of: int) -> tuple[NDArray[np.int64], Floats]:
    """The old lines (T, to) that each new one consists of, and their shares (T, to)."""
    reach = max(1.0, of / to)
    middles = (np.arange(to) + 0.5) * of / to - 0.5
    at = np.ceil(middles - reach).astype(int) + np.arange(2 * math.ceil(reach))[:, None]
    shares = np.maximum(1 - np.abs(middles - at) / reach, 0) * ((at >= 0) & (at < of))
    return at.clip(0, of - 1), (shares / shares.sum(axis=0)).astype(np.float32)


def _sum(parts: Iterable[Floats]) -> Floats:
    """No product of matrices: numpy's threads would spin on after it, and hold the cores."""
    return functools.reduce(operator.iadd, parts).astype(np.float32, copy=False)
