"""The peer: colors spread by optimization (Levin, Lischinski, Weiss, SIGGRAPH 2004).

Each pixel's color is the weighted mean of its eight neighbors', nearer in lightness weighing more
(eq. 1 and 2, with the variance of the lightness in the window), but for pixels that bear a hint.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import spsolve

LEAST_VARIANCE = 0.5
"""Lightness units squared, so that even places have weights too."""


def spread(
    lightness: NDArray[np.float64], known: NDArray[np.bool_], ab: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Colors (H, W, 2) from those of the known pixels.

    Args:
        lightness: (H, W), 0..100.
        known: (H, W), where `ab` is given.
        ab: (H, W, 2).
    """
    shape = lightness.shape
    index = np.arange(lightness.size).reshape(shape)
    padded, numbers = np.pad(lightness, 1, mode="edge"), np.pad(index, 1, constant_values=-1)
    window = [(dy, dx) for dy in range(3) for dx in range(3)]
    values = np.stack([padded[dy:, dx:][: shape[0], : shape[1]] for dy, dx in window])  # (9, H, W)
    neighbors = np.stack([numbers[dy:, dx:][: shape[0], : shape[1]] for dy, dx in window])
    variance = np.maximum(0.6 * values.var(axis=0), LEAST_VARIANCE)
    weights = np.exp(-((values - lightness) ** 2) / variance)
    weights[(neighbors < 0) | (neighbors == index)] = 0
    weights /= weights.sum(axis=0)
    weights[:, known] = 0
    used = weights > 0
    rows = np.broadcast_to(index, used.shape)[used]
    matrix = identity(lightness.size) - csr_matrix(
        (weights[used], (rows, neighbors[used])), 2 * (lightness.size,)
    )
    target = np.where(known[..., None], ab, 0).reshape(-1, 2)
    return np.asarray(spsolve(matrix.tocsc(), target)).reshape(*shape, 2)
