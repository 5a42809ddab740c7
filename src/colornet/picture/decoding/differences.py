"""Rows of a TIFF that are still differences of neighbors, because its Predictor tag was lost.

Nothing else tells: the data are sound, and decode to black, white and noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.notices import Notice

ROWS, COLUMNS = 16, 128
"""The part of a picture, or of its first tile, that is looked at."""
ROUGH = 0.1  # of the range: the mean difference of neighboring rows
SMOOTHER = 4  # times, that rows become when their values are summed up
LEAST_LEVELS = 8  # that a part has, or it is a drawing

LOST_PREDICTOR = Notice(
    "header-damaged",
    "may be damaged: it looks as if its Predictor tag were lost; look at the result",
)


def corner_of(image: pyvips.Image) -> NDArray[Any]:
    """The upper left of an image of 8 or 16 bits: (rows, columns, bands)."""
    width, height = min(image.width, COLUMNS), min(image.height, ROWS)
    data = pyvips.Region.new(image).fetch(0, 0, width, height)
    dtype = np.uint8 if image.format == "uchar" else np.uint16
    return np.frombuffer(data, dtype).reshape(height, width, image.bands)


def look_like_differences(levels: NDArray[Any]) -> bool:
    """Whether rows are much smoother when each pixel is added to those before it.

    Args:
        levels: (rows, columns, bands), 8 or 16 bits, from a row's or a tile's beginning on.
    """
    if min(levels.shape[:2]) < LEAST_LEVELS or len(np.unique(levels)) < LEAST_LEVELS:
        return False
    sums = np.cumsum(levels, axis=1, dtype=levels.dtype)  # which wraps around
    rough = _roughness(levels)
    return rough > ROUGH and rough > SMOOTHER * _roughness(sums)


def _roughness(levels: NDArray[Any]) -> float:
    """The mean difference of neighboring rows, as a share of the range."""
    steps = np.abs(np.diff(levels.astype(np.int32), axis=0))
    return float(steps.mean()) / np.iinfo(levels.dtype).max
