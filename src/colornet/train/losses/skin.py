"""Colors of skin, by which people judge a picture first."""

from __future__ import annotations

import torch
from torch import Tensor

SKIN_HUES, SKIN_CHROMAS, SKIN_LIGHTNESS = (15.0, 80.0), (8.0, 45.0), (15.0, 92.0)
"""Ranges of the colors of skin, from the palest to the darkest, in degrees and Lab units. Much wood
and sand is within them too."""


def skin_loss(ab: Tensor, lightness: Tensor, true: Tensor) -> Tensor:
    """Mean color error where the true color is that of skin, as a share of its chroma.

    Args:
        ab, true: (B,2,h,w), predicted and true, in Lab units.
        lightness: (B,1,h,w), 0..100.
    """
    chroma = true.norm(dim=1)
    error = (ab - true).norm(dim=1) / chroma.clamp(min=SKIN_CHROMAS[0])
    skin = is_skin(lightness, true)
    return (error * skin).sum() / skin.sum().clamp(min=1)


def is_skin(lightness: Tensor, ab: Tensor) -> Tensor:
    """Where lightness (B,1,h,w) and ab (B,2,h,w) are those that skin has: (B,h,w), bool."""
    hue = torch.rad2deg(torch.atan2(ab[:, 1], ab[:, 0]))
    values = hue, ab.norm(dim=1), lightness[:, 0]
    limits = SKIN_HUES, SKIN_CHROMAS, SKIN_LIGHTNESS
    within = [(x > low) & (x < high) for x, (low, high) in zip(values, limits, strict=True)]
    return torch.stack(within).all(0)
