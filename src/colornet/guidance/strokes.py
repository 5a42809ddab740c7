"""The segment under a stroke of the brush.

A spot marks one cell, and its segment is a sphere around it in the space of embeddings. A stroke
covers many cells, whose variance shows how the segment varies: the sphere becomes an ellipsoid, on
which a few stray cells have little effect. Spots and strokes of one color in one segment count as
one stroke, unless they correct the color only a little.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SCATTER = 8.0
"""Squared radius of the ellipsoid for each unit of variance of the stroke's cells. With a larger
one, strokes reach further."""
LEAST = 0.35
"""Smallest squared radius; that of a spot's sphere is 1."""
PRIOR = 8.0
"""Number of cells at which a stroke's own variance weighs as much as the sphere of a spot."""
ALIKE = 1.0
"""Squared distance of embeddings below which hints of one color share a segment."""
NEARBY = 0.25
"""Distance that a color spreads with a reach of 1/2, in sides of the picture."""
TINY = 1e-6


def statements(
    segment: Floats, at: NDArray[np.int64], hint: NDArray[np.int64], asked: Floats, most: int
) -> list[NDArray[np.int64]]:
    """Group N cells under hints into statements; returns the indices of each group.

    Args:
        segment: (D, P), embeddings of all locations.
        at: (N,), locations of the cells.
        hint: (N,), the index of each cell's hint.
        asked: (K, N), color and other values that must be equal in one group.
        most: the largest number of hints; more are sampled evenly.
    """
    each = _split(hint)
    if len(each) > most:
        each = [each[k] for k in np.linspace(0, len(each) - 1, most).round().astype(int)]
    middles = np.stack([segment[:, at[cells]].mean(axis=1) for cells in each])  # (G, D)
    apart = ((middles[:, np.newaxis] - middles) ** 2).sum(axis=2)
    told = asked[:, [cells[0] for cells in each]].T  # (G, K)
    joined = (apart < ALIKE) & (told[:, np.newaxis] == told).all(axis=2)
    return [np.concatenate([each[k] for k in group]) for group in _split(_linked(joined))]


def membership(segment: Floats, at: NDArray[np.int64]) -> Floats:
    """The membership (P,), 0..1, of each location in the segment under a stroke.

    Args:
        segment: (D, P), embeddings of all locations; exp(-1) is the membership at a distance of 1.
        at: (N,), locations of the stroke.
    """
    among = segment[:, at].astype(np.float64)
    middle = among.mean(axis=1, keepdims=True)
    scatter = (among - middle) @ (among - middle).T
    sphere = np.eye(len(segment))
    learned = (SCATTER * scatter + PRIOR * (1 - LEAST) * sphere) / (len(at) + PRIOR)
    radii = np.linalg.cholesky(LEAST * sphere + learned)  # (D, D), of the ellipsoid
    apart = np.linalg.inv(radii).astype(np.float32) @ (segment - middle.astype(np.float32))
    return np.exp(-(apart**2).sum(axis=0))


def nearness(at: NDArray[np.int64], shape: tuple[int, ...], reach: float) -> Floats:
    """Weights (P,), 0..1, by distance for a reach below 1; for 0, only the hint's locations count.

    Args:
        at: (N,), locations of the hint, counted row by row.
        shape: h and w, of all locations.
    """
    height, width = shape
    marked = np.zeros(shape, bool)
    marked.flat[at] = True
    used = np.flatnonzero(marked.any(axis=0))  # (C,)
    down, across = (np.subtract.outer(np.arange(n), np.arange(n)) ** 2 for n in shape)
    along = np.where(marked[:, used], down[..., np.newaxis], height**2 + width**2).min(axis=1)
    squared = (along[:, np.newaxis] + across[:, used]).min(axis=2)  # (h, C) -> (h, w)
    most = NEARBY * max(shape) * reach / (1 - reach) + TINY
    near: Floats = np.exp(-squared.reshape(-1) / most**2).astype(np.float32)
    return near


def _split(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The indices of each of the labels (N,)."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _linked(joined: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The smallest index (G,) of each connected component of a graph (G, G)."""
    least = np.arange(len(joined))
    while True:
        before, least = least, np.where(joined, least, len(joined)).min(axis=1)
        if np.array_equal(before, least):
            return least
