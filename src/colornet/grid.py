"""Maps (C, h, w) on grids of other sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def resample(maps: Floats, height: int, width: int) -> Floats:
    """(..., h, w) -> (..., height, width): bilinear, and averaged over areas where it shrinks."""
    rows, columns = _weights(height, maps.shape[-2]), _weights(width, maps.shape[-1])
    return np.asarray(rows @ maps @ columns.T, dtype=np.float32)


def _weights(to: int, of: int) -> Floats:
    """(to, of): the share of each old line in each new one."""
    middles = (np.arange(to) + 0.5) * of / to - 0.5
    distance = np.abs(middles[:, None] - np.arange(of)) / max(1.0, of / to)
    weights = np.maximum(1 - distance, 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
