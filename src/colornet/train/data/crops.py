"""Crops of decoded pictures: drawn at random, or the middle ones; and batches made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from colornet.train.on_device import to_device


@dataclass(frozen=True)
class Crops:
    """What is cut out of the pictures of a batch, and how it is shown.

    Attributes:
        sides: (B,) of the squares that are cut out.
        corners: (B,2) their top and left.
        flips: (B,) whether they are mirrored.
    """

    sides: NDArray[np.int64]
    corners: NDArray[np.int64]
    flips: NDArray[np.bool_]

    def __getitem__(self, which: slice) -> Crops:
        return Crops(self.sides[which], self.corners[which], self.flips[which])


def draw_crops(
    rng: np.random.Generator, count: int, whole: int, crop: int, least_scale: float
) -> Crops:
    """Random ones.

    Args:
        rng: everything random comes from it.
        count: how many.
        whole: side of the pictures.
        crop: side of the crops.
        least_scale: below 1, what is scaled to the crops is drawn from this share of the picture's
            side up to all of it.
    """
    sides = np.full(count, crop)
    if least_scale < 1:
        sides = rng.integers(round(least_scale * whole), whole + 1, count)
    corners = rng.integers(0, whole - sides[:, np.newaxis] + 1, (count, 2))
    return Crops(sides, corners, rng.random(count) < 0.5)


def middle_crops(count: int, whole: int, crop: int) -> Crops:
    """Those of validation."""
    corners = np.full((count, 2), (whole - crop) // 2)
    return Crops(np.full(count, crop), corners, np.zeros(count, dtype=bool))


def cut_out(
    rgb8: NDArray[np.uint8], labels: NDArray[np.int64], crops: Crops, crop: int
) -> tuple[Tensor, Tensor]:
    """A batch (B,3,C,C) uint8 and (B,) int64 of pictures (B,S,S,3) and their labels."""
    out = np.empty((len(rgb8), crop, crop, 3), dtype=np.uint8)
    drawn = zip(crops.sides, crops.corners, crops.flips, strict=True)
    for i, (side, (top, left), flip) in enumerate(drawn):
        cut = rgb8[i, top : top + side, left : left + side]
        if side != crop:
            scaled = (crop, crop), Image.Resampling.BILINEAR
            cut = np.asarray(Image.fromarray(cut).resize(*scaled))
        out[i] = cut[:, ::-1] if flip else cut
    pixels = torch.from_numpy(out).permute(0, 3, 1, 2)  # (B,3,C,C), channels last in memory
    return pixels, torch.from_numpy(labels)


def cut_out_there(
    rgb8: Tensor, labels: NDArray[np.int64], crops: Crops, crop: int
) -> tuple[Tensor, Tensor]:
    """The same as `cut_out`, on the device where the pictures (B,S,S,3) are; scaled bilinearly."""
    device, whole = rgb8.device, rgb8.shape[1]
    scale = crops.sides / whole
    theta = np.zeros((len(rgb8), 2, 3), dtype=np.float32)
    theta[:, 0, 0], theta[:, 1, 1] = np.where(crops.flips, -scale, scale), scale
    theta[:, :, 2] = (2 * crops.corners[:, ::-1] + crops.sides[:, np.newaxis]) / whole - 1
    size = [len(rgb8), 3, crop, crop]
    grid = F.affine_grid(to_device(theta, device), size, align_corners=False)
    pixels = F.grid_sample(
        rgb8.permute(0, 3, 1, 2).float(), grid, padding_mode="border", align_corners=False
    )
    return pixels.round().byte(), to_device(labels, device)
