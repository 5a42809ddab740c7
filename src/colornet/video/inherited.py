"""Colors that a shot has from an earlier one that showed the same picture, see `scenes.py`.

They are carried along its motion from its first frame, as what was seen in the shot itself is, but
with a weight that nothing adds to: what comes into view later has the shot's own colors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colornet.video.motion import Motion, around, between, carried, reduced
from colornet.video.sums import MOST, mean, none, seen, step

Floats = NDArray[np.float32]

PULL = np.float32(2 * MOST)
"""Their weight, in frames, where the two frames look the same."""
AROUND = 7
"""Cells of the squares in which they are compared."""
SLIGHT = 9.0
"""Variance of lightness in such a square that says little."""
UNLIKE, ALIKE = 0.4, 0.8
"""Structural similarities at which their weight is 0 and whole."""

NEAR, SHADES, HUES = 14.0, 10.0, 6.0
"""Standard deviations, in cells, lightness and Lab units, of places that look alike in a frame."""
STRIDE = 4
"""Rows and columns from one place that others are compared with to the next."""
FEW = 1.0
"""Of these places, so many alike say little."""


@dataclass(frozen=True)
class Ending:
    """The last frame of a shot.

    Attributes:
        ab: (2, h, w), its colors.
        shade: (h, w), lightness, 0..100.
        fine: the same on a finer grid, on which motion is looked for.
    """

    ab: Floats
    shade: Floats
    fine: Floats


def begun(ending: Ending, fine: Floats) -> Floats | None:
    """What the first frame of a shot inherits: sums (5, h, w); None: nothing.

    Args:
        ending: of an earlier shot.
        fine: the frame, as that of the ending.
    """
    height, width = ending.shade.shape
    motion = between(ending.fine, fine, len(fine) / height)
    if motion.leads_elsewhere:
        return None
    small, there = reduced(fine, height, width), reduced(ending.fine, height, width)
    alike = _alike(carried(there[np.newaxis], motion.back)[0], small)
    sums = seen(none(height, width), ending.ab.astype(np.float16), ending.shade) * np.float32(MOST)
    return step(sums, motion.back, motion.back_trust * alike)


def carried_on(sums: Floats | None, motion: Motion) -> Floats | None:
    """The same for the next frame; what comes in at an edge of it has none."""
    if sums is None:
        return None
    height, width = motion.back_trust.shape
    rows, columns = np.indices((height, width), np.float32)
    x, y = columns + motion.back[..., 0], rows + motion.back[..., 1]
    inside = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    return step(sums, motion.back, motion.back_trust * (1 + inside).clip(0, 1))


def extended(sums: Floats | None, ab: Floats, shade: Floats) -> Floats | None:
    """The same with what could not be compared in the first frame, as around what has moved.

    It changes its color as that has which is near in place, lightness and the shot's own color.

    Args:
        sums: what was inherited; None: nothing.
        ab: (2, h, w), the shot's own colors.
        shade: (h, w), lightness.
    """
    if sums is None:
        return None
    height, width = shade.shape
    rows, columns = np.indices(shade.shape, np.float32)
    places = np.stack([rows / NEAR, columns / NEAR, shade / SHADES, *(ab / HUES)])  # (5, h, w)
    told = (..., slice(STRIDE // 2, None, STRIDE), slice(STRIDE // 2, None, STRIDE))
    here, there = places.reshape(5, -1), places[told].reshape(5, -1)
    apart = (here**2).sum(axis=0)[:, np.newaxis] - 2 * here.T @ there + (there**2).sum(axis=0)
    near = np.exp(apart.clip(0) / np.float32(-2))  # (h w, N)
    inherited, weight = mean(sums), sums[-1]
    changes = (inherited - ab) * weight
    spoken = np.stack([*changes[told].reshape(2, -1), weight[told].ravel()])  # (3, N)
    *change, known = (near @ spoken.T).T.reshape(3, height, width)
    change = np.stack(change) / np.maximum(known, 1e-6)
    fresh = np.maximum(known / (near.sum(axis=1).reshape(height, width) + FEW) - weight, 0)
    own = (ab + change).astype(np.float16)
    added = seen(none(height, width), own, shade) * fresh
    result: Floats = sums + added
    return result


def drawn(ab: Floats, weight: Floats, sums: Floats | None, factor: np.float32) -> Floats:
    """Colors (2, h, w) that rest on so many frames (h, w), drawn to what was inherited.

    Args:
        ab: the shot's own.
        weight: of these.
        sums: what was inherited; None: nothing.
        factor: on these, for less light.
    """
    if sums is None:
        return ab
    inherited = sums[-1] * (PULL / np.float32(MOST))
    share = inherited / np.maximum(inherited + weight, 1e-6)
    result: Floats = ab + (mean(sums) * factor - ab) * share
    return result


def _alike(there: Floats, here: Floats) -> Floats:
    """How far (h, w) the things at each place look alike, 0..1, whatever the light.

    By the structure of Wang et al., "Image Quality Assessment: From Error Visibility to Structural
    Similarity" (2004).
    """
    planes = np.stack([there, here, there**2, here**2, there * here])
    first, second, square, square_, product = around(planes, AROUND)
    variances = np.maximum(square - first**2 + square_ - second**2, 0)
    both = product - first * second
    similarity = (2 * both + SLIGHT) / (variances + SLIGHT)
    share: Floats = ((similarity - UNLIKE) / (ALIKE - UNLIKE)).clip(0, 1)
    return share
