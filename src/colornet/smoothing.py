"""Color smoothing within segments, which removes patches of another color.

A network predicts each cell separately, and sometimes differs from the cells around it: a red
patch on a brown hat. The affinity by which hints spread also tells which cells belong together, so
a line

    mean ab = A L + B

is fitted at each cell to the colors of all cells of the same segment (the guided filter of He et
al., ECCV 2010, with a learned window). Small differences from it stay, since true colors vary
within a segment; large ones are removed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STRIDE = 4
"""Rows and columns from one cell that is compared with all others to the next. The cost grows with
the inverse of its fourth power."""
APART = 3.0
"""Factor on the squared distances of embeddings. A larger one makes segments smaller."""
OWN = 4.0
"""Weight of a cell's own color; a cell with the same embedding has a weight of 1."""
EPSILON = 20.0
"""Lightness units squared. In segments of less variance, color hardly depends on lightness."""
SMALL = 11.0
"""Lab units. Half of a difference of this size from the segment's color is kept, and less of larger
ones."""
CHUNK = 64
"""Cells processed at a time: the matrix products are so small that numpy uses one thread, see
`colornet.upsample`."""


def smooth_colors(ab: Floats, affinity: Floats, lightness: Floats) -> Floats:
    """Remove patches of another color within segments.

    Args:
        ab: (2, h, w), in Lab units.
        affinity: (2 + 2 D, h, w), as for `colornet.guidance.propagation`.
        lightness: (h, w), 0..100.

    Returns:
        (2, h, w), in Lab units.
    """
    (a, b), shade = ab.reshape(2, -1), lightness.reshape(-1)
    products = np.stack([np.ones_like(a), a, b, shade, shade * a, shade * b, shade**2], axis=1)
    means = OWN * products + _sums_over_segments(products, affinity, ab.shape[1:])  # (P, 7)
    means = means[:, 1:] / means[:, :1]
    mean, mean_shade, product, square = np.split(means, [2, 3, 5], axis=1)
    slope = (product - mean_shade * mean) / (square - mean_shade**2 + EPSILON)
    homogenized = (mean + slope * (shade[:, np.newaxis] - mean_shade)).T.reshape(ab.shape)
    apart = ab - homogenized
    size = np.linalg.norm(apart, axis=0)
    result: Floats = homogenized + apart / (1 + (size / SMALL) ** 4)
    return result


def _sums_over_segments(values: Floats, affinity: Floats, shape: tuple[int, ...]) -> Floats:
    """Sums of values (P, C) over a regular sample of cells, weighted by affinity."""
    half = len(affinity) // 2
    embedding = np.sqrt(np.float32(APART)) * affinity[1:half].reshape(half - 1, -1)  # (D, P)
    locations = np.arange(len(values)).reshape(shape)[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
    lengths, ones = -(embedding**2).sum(axis=0), np.ones(len(values), np.float32)
    here = np.ascontiguousarray(np.stack([*(2 * embedding), lengths, ones], axis=1))
    there = np.stack([*embedding, ones, lengths])[:, locations.ravel()]
    spoken = values[locations.ravel()]
    sums = np.empty_like(values)
    for first in range(0, len(values), CHUNK):
        weights = here[first : first + CHUNK] @ there  # -|e - e'|^2
        sums[first : first + CHUNK] = np.exp(weights, out=weights) @ spoken
    return sums
