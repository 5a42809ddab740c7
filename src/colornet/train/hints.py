"""Simulated hints: what a user might say of a photograph's colors, taken from the true ones.

After Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors" (2017),
section 3.1: a geometric number of square patches around the middle, each with its mean ab.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

LESS_LIKELY = 1 / 8
"""Parameter p of the geometric number of hints; 7 on average, often none."""
LARGEST = 9
"""Side of the largest patch, in pixels; the smallest is one pixel."""


def simulate_hints(ab: Tensor, rng: np.random.Generator) -> Tensor:
    """Hints for a batch.

    Args:
        ab: (B,2,H,W), the true colors in Lab units.
        rng: everything random comes from it.

    Returns:
        (B,3,H,W): a, b where mask is 1, and 0 elsewhere.
    """
    hints = torch.zeros(len(ab), 3, *ab.shape[-2:], device=ab.device)
    height, width = ab.shape[-2:]
    for picture, given in zip(ab, hints, strict=True):
        for _ in range(rng.geometric(LESS_LIKELY) - 1):
            side = int(rng.integers(1, LARGEST + 1))
            top = int(np.clip(rng.normal(height / 2, height / 4), 0, height - side))
            left = int(np.clip(rng.normal(width / 2, width / 4), 0, width - side))
            patch = (slice(None), slice(top, top + side), slice(left, left + side))
            given[:2][patch] = picture[patch].mean(dim=(1, 2), keepdim=True)
            given[2:][patch] = 1
    return hints
