"""What hints tell of the whole picture: a cast, and colors that are too strong or too weak.

Where hints of many things all miss the model's colors in the same way, so do the places between
them. Beside the process of `propagation`, which knows things, stands therefore for each of a and b
a line, shift + stretch * ab, of which little is expected until the hints agree (kriging with a
drift, Matheron 1969, and with a prior on it). A hint far from the model's color is a wish about
its own thing, and hardly counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colornet.grid import Floats
from colornet.propagation import MOST, NOISE, covariance

SHIFT, STRETCH = 0.3, 0.03
"""Expected sizes of the line's shift, and of its stretch for each Lab unit, beside a process of
variance 1."""
WISH = 50.0
"""Lab units from the model's color at which a hint counts little."""


def correct(ab: Floats, affinity: Floats, cells: NDArray[np.int64], hint_ab: Floats) -> Floats:
    """The model's colors without the error that all hints have in common.

    Args:
        ab: (2, h, w), the model's own colors in Lab units.
        affinity: (1 + D, h, w), see `propagation`.
        cells: (N, 2), row and column of each hint.
        hint_ab: (N, 2), their colors in Lab units.

    Returns:
        (2, h, w), in Lab units.
    """
    if len(cells) > MOST:
        chosen = np.linspace(0, len(cells) - 1, MOST).round().astype(int)
        cells, hint_ab = cells[chosen], hint_ab[chosen]
    rows, columns = cells.T
    amplitude, embedding = affinity[0, rows, columns], affinity[1:, rows, columns]  # (N,), (D, N)
    process = covariance(amplitude, embedding, amplitude, embedding) + NOISE * np.eye(len(cells))
    own = ab[:, rows, columns]  # (2, N)
    miss = hint_ab.T - own
    counts = np.exp(-(miss**2).sum(axis=0) / WISH**2)  # (N,)
    corrected = []
    for colors, at, missing in zip(ab, own, miss, strict=True):
        line = np.stack([np.full_like(at, SHIFT), STRETCH * at]) * counts  # (2, N)
        among = process + line.T @ line
        shift, stretch = line @ np.linalg.solve(among, missing)
        corrected.append(colors + SHIFT * shift + STRETCH * stretch * colors)
    return np.stack(corrected).astype(np.float32)
