"""Pictures mixed with one another: what is around a thing says less of its color then."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colornet.train.on_device import to_device

SIDES = (0.3, 0.7)
"""Range of the sides of what is taken from another picture, as a share of the picture's."""


def mix(rgb8: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Give some pictures a rectangle of another one of the batch, at the same place.

    CutMix (Yun et al., ICCV 2019), for targets that belong to pixels.

    Args:
        rgb8: (B,3,H,W).
        share: of the pictures that are mixed, 0..1.
        rng: everything random comes from it.

    Returns:
        (B,3,H,W), as rgb8.
    """
    count, _, height, width = rgb8.shape
    sides = rng.uniform(*SIDES, (2, count)) * (rng.random(count) < share)
    starts = rng.uniform(0, 1 - sides)
    inside = []
    for length, start, side in zip((height, width), starts, sides, strict=True):
        at = (np.arange(length) + 0.5) / length
        inside.append((at >= start[:, None]) & (at < (start + side)[:, None]))
    rows, columns = (to_device(each, rgb8.device) for each in inside)
    rectangle = rows[:, None, :, None] & columns[:, None, None, :]
    return torch.where(rectangle, rgb8.roll(1, 0), rgb8)
