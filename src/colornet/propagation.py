"""Hints spread: how a few given colors change all the others.

A model's decoder says beside its colors how alike any two places are: a map of an amplitude s and
of an embedding e in which the parts of one object lie close together. Seen as a Gaussian process
around the model's own colors, with the covariance

    k(p, q) = s(p) s(q) exp(-|e(p) - e(q)|)

hints are observations of that process, and the colors that follow from them its posterior mean
(kriging): exactly the hint where it was given, the model's own color far from any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NOISE = 1e-3
"""Variance of a hint, where that of the process is s squared."""
MOST = 512
"""Cells that may bear a hint; of more, evenly chosen ones count."""


def spread(
    ab: NDArray[np.float32],
    affinity: NDArray[np.float32],
    cells: NDArray[np.int64],
    hint_ab: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The colors that follow from hints.

    Args:
        ab: (2, h, w), the model's own colors in Lab units.
        affinity: (1 + D, h, w), amplitude and embedding.
        cells: (N, 2), row and column of each hint.
        hint_ab: (N, 2), their colors in Lab units.

    Returns:
        (2, h, w), in Lab units.
    """
    if not len(cells):
        return ab
    if len(cells) > MOST:
        chosen = np.linspace(0, len(cells) - 1, MOST).round().astype(int)
        cells, hint_ab = cells[chosen], hint_ab[chosen]
    rows, columns = cells.T
    amplitude = affinity[0].reshape(-1)  # (P,), P = h w
    embedding = affinity[1:].reshape(len(affinity) - 1, -1)  # (D, P)
    at = rows * ab.shape[2] + columns
    across = covariance(amplitude, embedding, amplitude[at], embedding[:, at])  # (P, N)
    among = across[at].astype(np.float64) + NOISE * np.eye(len(at))
    residual = hint_ab.T - ab[:, rows, columns]  # (2, N)
    weights = np.linalg.solve(among, residual.T.astype(np.float64))  # (N, 2)
    return ab + (across @ weights.astype(np.float32)).T.reshape(ab.shape)


def covariance(
    s: NDArray[np.float32], e: NDArray[np.float32], t: NDArray[np.float32], f: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(P, N) of places with amplitudes s (P,), t (N,) and embeddings e (D, P), f (D, N)."""
    squared = (e**2).sum(0)[:, None] + (f**2).sum(0) - 2 * (e.T @ f)
    result: NDArray[np.float32] = np.exp(-np.sqrt(np.maximum(squared, 0)))
    result *= s[:, None]
    result *= t
    return result
