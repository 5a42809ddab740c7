"""Blotches removed: all places of one thing agree on its color, and its shades.

A network decides on each place by itself, and now and then not as beside it: a red patch on a brown
hat. By the affinity that hints spread by, it also says what belongs together. So a line

    mean ab = A L + B

is fitted at each place to the colors of all that is of the same thing (the guided filter of He et
al., ECCV 2010, with a learned window). What differs from it a little stays, for true things are not
quite even; what differs by much goes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STRIDE = 4
"""Every so many rows and columns, one place speaks for those around it."""
APART = 3.0
"""Factor on the squared distances of embeddings, by which fewer places count as of one thing."""
OWN = 4.0
"""Weight of a place's own color; that of another in the very middle of its thing is 1."""
EPSILON = 20.0
"""Lightness units squared: things of less variance have one shade."""
SMALL = 11.0
"""Lab units of difference from a thing's color, half of which stay; of more, less does."""
CHUNK = 64
"""Cells at once: products so small that numpy shares none out among threads, see
`colornet.upsample`."""


def smooth_colors(ab: Floats, affinity: Floats, lightness: Floats) -> Floats:
    """The same colors, without patches of another one within things.

    Args:
        ab: (2, h, w), in Lab units.
        affinity: (2 + 2 D, h, w), as for `colornet.guidance.propagation`.
        lightness: (h, w), 0..100.

    Returns:
        (2, h, w), in Lab units.
    """
    (a, b), shade = ab.reshape(2, -1), lightness.reshape(-1)
    products = np.stack([np.ones_like(a), a, b, shade, shade * a, shade * b, shade**2], axis=1)
    means = OWN * products + _sums_over_things(products, affinity, ab.shape[1:])  # (P, 7)
    means = means[:, 1:] / means[:, :1]
    mean, mean_shade, product, square = np.split(means, [2, 3, 5], axis=1)
    slope = (product - mean_shade * mean) / (square - mean_shade**2 + EPSILON)
    even = (mean + slope * (shade[:, np.newaxis] - mean_shade)).T.reshape(ab.shape)
    apart = ab - even
    size = np.linalg.norm(apart, axis=0)
    result: Floats = even + apart / (1 + (size / SMALL) ** 4)
    return result


def _sums_over_things(values: Floats, affinity: Floats, shape: tuple[int, ...]) -> Floats:
    """Of values (P, C), over places at regular distances, weighted by how surely they belong."""
    half = len(affinity) // 2
    embedding = np.sqrt(np.float32(APART)) * affinity[1:half].reshape(half - 1, -1)  # (D, P)
    places = np.arange(len(values)).reshape(shape)[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
    lengths, ones = -(embedding**2).sum(axis=0), np.ones(len(values), np.float32)
    here = np.ascontiguousarray(np.stack([*(2 * embedding), lengths, ones], axis=1))
    there = np.stack([*embedding, ones, lengths])[:, places.ravel()]
    spoken = values[places.ravel()]
    sums = np.empty_like(values)
    for first in range(0, len(values), CHUNK):
        weights = here[first : first + CHUNK] @ there  # -|e - e'|^2
        sums[first : first + CHUNK] = np.exp(weights, out=weights) @ spoken
    return sums
