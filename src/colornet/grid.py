"""Maps (C, h, w) on grids of other sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def resample(maps: Floats, height: int, width: int) -> Floats:
    """(..., h, w) -> (..., height, width): bilinear, and averaged over areas where it shrinks."""
    rows, columns = _weights(height, maps.shape[-2]), _weights(width, maps.shape[-1])
    return np.asarray(rows @ maps @ columns.T, dtype=np.float32)


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


def _weights(to: int, of: int) -> Floats:
    """(to, of): the share of each old line in each new one."""
    middles = (np.arange(to) + 0.5) * of / to - 0.5
    distance = np.abs(middles[:, None] - np.arange(of)) / max(1.0, of / to)
    weights = np.maximum(1 - distance, 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
