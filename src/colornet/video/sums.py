"""Sums of what was seen on things, (5, h, w): lightness, ab and chroma times their weight, and it.

The weight is in frames. Chroma is summed beside ab since a mean of unlike hues is paler than each,
and lightness since things have less of it, and of color, as the picture fades to black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colornet.video.motion import around, carried

Floats = NDArray[np.float32]

MOST = 24.0
"""Frames that a color rests on, at most: more would hold it although the light changes."""
SHARP = np.float32(1 / 3)
"""Share of cubic interpolation: more sharpens from frame to frame, less blurs."""
LITTLE = 0.05
"""Weight, in frames, of the colors around a cell."""
LIVELIER = 1.2
"""Factor, at most, by which a mean of unlike hues is made as strong as each."""
WEAK = np.float32(2)
"""Chroma, in Lab units, of colors whose hue says little: they are not made stronger by much."""

DIM = 0.75
"""Share of their lightness to which things may darken with no less color: less is flicker."""
PALE, FOG = 0.6, 0.5
"""Shares of its contrast from which on a picture has less color as it fades to white or gray, and
counts less: two pictures that dissolve into each other have more, all along."""
WIDE = 9
"""Cells of the squares over which lightness is averaged before contrast is measured: a picture that
goes out of focus keeps its colors."""
SLIGHT = 0.1, 0.3
"""Lightness, added to its standard deviation and to its mean: black has any contrast."""


def none(height: int, width: int) -> Floats:
    """Sums of nothing."""
    return np.zeros((5, height, width), np.float32)


def step(sums: Floats, flow: Floats, trust: Floats) -> Floats:
    """Sums, carried to the next frame.

    Linear interpolation blurs what is carried over many frames, and cubic interpolation sharpens
    it until it flickers; they are mixed. Where weights are so unlike that the cubic ones overshoot,
    it is linear alone.
    """
    moved, sharp = carried(sums[1:], flow), carried(sums[1:], flow, sharp=True)
    moved = np.where(sharp[-1] > moved[-1] / 2, moved + (sharp - moved) * SHARP, moved)
    scale = trust * np.minimum(MOST / np.maximum(moved[-1], 1e-6), 1)
    return np.concatenate([carried(sums[:1], flow), moved]) * scale


def seen(sums: Floats, observed: NDArray[np.float16] | None, shade: Floats) -> Floats:
    """With a frame's own observation (2, h, w), if there is one, and its lightness (h, w).

    As a picture fades to white or gray, or comes out of it, frames with little of its contrast
    count little: they have the colors of fog.
    """
    if observed is None:
        return sums
    ab = observed.astype(np.float32)
    own: Floats = np.stack([shade, *ab, np.hypot(*ab), np.ones_like(shade)])
    clearer = _contrast(sums, shade)[0]
    share, rest = (min(x / FOG, 1) ** 2 for x in (clearer, 1 / clearer))
    return sums * np.float32(rest) + own * np.float32(share)


def mean(sums: Floats) -> Floats:
    """The colors (2, h, w), of the mean hue and chroma; where nothing is known, those around."""
    near = own = sums[1:]
    for side in (5, 15):
        near = around(near, side) + 1e-3 * near.mean(axis=(1, 2), keepdims=True)
    total = own + LITTLE * near / np.maximum(near[-1], 1e-9)
    *ab, chroma = total[:-1] / total[-1]
    factor = ((chroma + WEAK) / (np.hypot(*ab) + WEAK)).clip(1, LIVELIER)
    return np.stack(ab) * around(factor[np.newaxis], 3)


def dimmed(sums: Floats, shade: Floats) -> np.float32:
    """Factor on the colors of a frame of lightness (h, w): below 1 as light or contrast goes.

    In a fade, things lose color as they lose lightness, or contrast as they become white or gray:
    with all of it, black frames would glow, and gray ones be of the mean color.
    """
    clearer, lighter = _contrast(sums, shade)
    return np.float32(min(lighter / DIM, 1) * min(clearer * max(lighter, 1) / PALE, 1))


def _contrast(sums: Floats, shade: Floats) -> tuple[float, float]:
    """A frame's contrast, beside its mean, and that mean, as factors on those of what was seen."""
    weight = sums[-1]
    if not (total := float(weight.sum())):
        return 1.0, 1.0
    planes = np.stack([shade, sums[0] / np.maximum(weight, 1e-6)])
    now, before = (float((plane * weight).sum()) / total for plane in planes)
    wide = around(planes, WIDE)
    means = (wide * weight).sum(axis=(1, 2), keepdims=True) / total
    now_, before_ = np.sqrt(((wide - means) ** 2 * weight).sum(axis=(1, 2)) / total).tolist()
    noise, dark = SLIGHT
    clearer = (now_ + noise) / (now + dark) * (before + dark) / (before_ + noise)
    return clearer, now / before if before else 1.0
