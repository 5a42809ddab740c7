"""Sums of what was seen on things: ab times its weight, and the weight, in frames; (3, h, w)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colornet.video.motion import carried

Floats = NDArray[np.float32]

MOST = 24.0
"""Frames that a color rests on, at most: more would hold it although the light changes."""
SHARP = np.float32(1 / 3)
"""Share of cubic interpolation: more sharpens from frame to frame, less blurs."""
LITTLE = 0.05
"""Weight, in frames, of the colors around a cell."""


def step(sums: Floats, flow: Floats, trust: Floats) -> Floats:
    """Sums (3, h, w), the weighted ab and the weight, carried to the next frame.

    Linear interpolation blurs what is carried over many frames, and cubic interpolation sharpens
    it until it flickers; they are mixed. Where weights are so unlike that the cubic ones overshoot,
    it is linear alone.
    """
    moved, sharp = carried(sums, flow), carried(sums, flow, sharp=True)
    moved = np.where(sharp[2] > moved[2] / 2, moved + (sharp - moved) * SHARP, moved)
    scale = trust * np.minimum(MOST / np.maximum(moved[2], 1e-6), 1)
    return moved * scale


def seen(sums: Floats, observed: NDArray[np.float16] | None) -> Floats:
    """With a frame's own observation (2, h, w), if there is one."""
    if observed is None:
        return sums
    own = np.concatenate([observed.astype(np.float32), np.ones_like(sums[:1])])
    result: Floats = sums + own
    return result


def mean(sums: Floats) -> Floats:
    """The colors (2, h, w); where next to nothing is known, those around."""
    around = sums
    for side in (5, 15):  # of cells
        around = _blurred(around, side) + 1e-3 * around.mean(axis=(1, 2), keepdims=True)
    total = sums + LITTLE * around / np.maximum(around[2], 1e-9)
    ab: Floats = total[:2] / total[2]
    return ab


def _blurred(maps: Floats, side: int) -> Floats:
    """The mean over squares of maps (C, h, w), with edges repeated."""
    half = side // 2
    for axis in (1, 2):
        pad = [(0, 0)] * 3
        pad[axis] = (half + 1, half)
        total = np.pad(maps, pad, mode="edge").cumsum(axis=axis, dtype=np.float64)
        ahead = np.take(total, range(side, total.shape[axis]), axis=axis)
        maps = ((ahead - np.take(total, range(total.shape[axis] - side), axis=axis)) / side).astype(
            np.float32
        )
    return maps
