"""The ab bins of a distribution over colors, as they occur in the data (Zhang 2016, section 2)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colornet.color import rgb_to_lab
from colornet.train.data.cache import PictureCache

GRID_STEP = 10
"""Side of an ab bin in Lab units (Zhang 2016)."""
LEAST_SHARE = 1e-5
"""Of the pixels. Bins with fewer are left out; their pixels go to the nearest."""
SAMPLED = 2000
"""Pictures in whose colors the bins are found."""
SIGMA = 5.0
"""Width of the Gaussian of the soft encoding and of the smoothing of the prior, in Lab units."""


def rebalanced(bins: Tensor, share: Tensor, mix: float) -> Tensor:
    """Class weights 1 / ((1 - mix) p + mix / Q) on the smoothed share p, of expectation 1.

    Zhang 2016, eq. 4, with `mix` for lambda.

    Returns:
        (Q,) weights whose mean over the data's pixels is 1.
    """
    kernel = torch.exp(-(torch.cdist(bins, bins) ** 2) / (2 * SIGMA**2))
    smoothed = kernel @ share
    smoothed = smoothed / smoothed.sum()
    weights = 1 / ((1 - mix) * smoothed + mix / len(bins))
    return weights / (weights * share).sum()


def find_bins(ab: NDArray[np.floating]) -> tuple[Tensor, Tensor]:
    """The ab bins that occur in the data.

    Args:
        ab: (N,2) colors of pixels of many pictures, in Lab units.

    Returns:
        bins (Q,2) centers on a grid of GRID_STEP, and share (Q,) of the pixels, summing to 1.
    """
    cells = np.rint(ab / GRID_STEP).astype(np.int64)
    centers, counts = np.unique(cells, axis=0, return_counts=True)
    kept = counts >= LEAST_SHARE * len(ab)
    share = torch.from_numpy(counts[kept] / counts[kept].sum()).float()
    return torch.from_numpy(centers[kept] * GRID_STEP).float(), share


def bin_shares(ab: NDArray[np.floating], bins: Tensor) -> Tensor:
    """The share (Q,) of the colors (N,2) that are nearest to each of the bins (Q,2)."""
    nearest = torch.cat(
        [
            torch.cdist(part, bins).argmin(1)
            for part in torch.split(torch.from_numpy(ab).float(), 65536)
        ]
    )
    counts = torch.bincount(nearest, minlength=len(bins)).float()
    return counts / counts.sum()


def sample_ab(cache: PictureCache, seed: int) -> np.ndarray:
    """Colors (N,2) of a sample of the pictures, every fourth pixel of each row and column."""
    count = min(SAMPLED, len(cache))
    chosen = np.sort(np.random.default_rng(seed).choice(len(cache), count, replace=False))
    blocks = [rgb_to_lab(cache.rgb8[i, ::4, ::4] / 255.0)[..., 1:].reshape(-1, 2) for i in chosen]
    return np.concatenate(blocks)
