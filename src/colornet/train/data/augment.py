"""Random transforms of a picture that keep its colors plausible.

Pictures are mirrored, slightly rotated, scaled and shifted, and made a little brighter, darker or
flatter. Hues are never shifted, because hue is what is learned. Uncovered areas are filled with the
picture's reflection.
"""

from __future__ import annotations

import hashlib
import os

import numpy as np
import torch
from kornia.augmentation import (
    AugmentationSequential,
    RandomAffine,
    RandomContrast,
    RandomGamma,
    RandomHorizontalFlip,
    RandomSaturation,
)
from numpy.typing import NDArray

Augmentation = AugmentationSequential


def build_augmentation() -> Augmentation:
    """The transforms, for batches (B, 3, H, W) of rgb01."""
    return AugmentationSequential(
        RandomHorizontalFlip(p=0.5),
        RandomAffine(
            degrees=8.0,
            translate=(0.05, 0.05),  # of the width and the height
            scale=(0.95, 1.25),
            resample="bicubic",
            padding_mode="reflection",
            p=1.0,
        ),
        RandomGamma((0.85, 1.2), p=1.0),  # brightness, black staying black
        RandomContrast((0.9, 1.1)),
        RandomSaturation((0.9, 1.1)),
    )


def augment(
    rgb8: NDArray[np.uint8], copies: int, seed: str, augmentation: Augmentation
) -> NDArray[np.uint8]:
    """Transform one picture `copies` times, each time differently.

    Args:
        rgb8: (H, W, 3).
        copies: how many transformed pictures to return.
        seed: the same seed gives the same copies, whatever was augmented before.
        augmentation: from `build_augmentation`.

    Returns:
        (copies, H, W, 3) rgb8; the original is not among them.
    """
    rgb01 = torch.tensor(rgb8).permute(2, 0, 1).float() / 255  # (3, H, W)
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(int.from_bytes(hashlib.sha256(os.fsencode(seed)).digest()[:8]))
        batch = augmentation(rgb01.expand(copies, -1, -1, -1).clone())  # (copies, 3, H, W)
    return (batch.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
