"""What a network sees of a batch of pictures, and what it is to find."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.train.config import Recipe
from colornet.train.data.degradations import degrade, frame
from colornet.train.data.mixing import mix
from colornet.train.lab import split_lab
from colornet.train.on_device import to_device


class View(NamedTuple):
    """A batch of pictures, as they count in one step.

    Attributes:
        rgb8: (B,3,S,S) uint8; mixed and framed if the recipe says so.
        lightness: (B,1,S,S), 0..100, true.
        seen: (B,1,S,S), 0..100, what the network sees: degraded if the recipe says so.
        ab: (B,2,h,w), in Lab units, to be found.
    """

    rgb8: Tensor
    lightness: Tensor
    seen: Tensor
    ab: Tensor


@torch.no_grad()
def view(rgb8: Tensor, recipe: Recipe, stride: int, rng: np.random.Generator | None = None) -> View:
    """Prepare pictures as the recipe says.

    Color is compared at the trunk's resolution, with the mean ab of the pixels under each of its
    cells: for the squared error of a nearest-neighbor up x2 that is the same up to a constant, and
    it costs a quarter.

    Args:
        rgb8: (B,3,S,S) uint8.
        recipe: says how.
        stride: pixels of a side of one of the trunk's cells.
        rng: in training, when pictures are mixed and degraded, and their colors jittered.
    """
    with torch.autocast(rgb8.device.type, enabled=False):
        if rng is not None and recipe.mixed:
            rgb8 = mix(rgb8, recipe.mixed, rng)
        aging = rng if recipe.degradations else None
        if aging is not None:
            rgb8 = frame(rgb8, aging)
        lightness, ab = split_lab(rgb8)  # (B,1,S,S), (B,2,S,S)
        seen = lightness if aging is None else degrade(rgb8, lightness, aging)
        ab = F.avg_pool2d(ab, stride)  # (B,2,h,w)
        if rng is not None and recipe.color_jitter > 1:
            factors = rng.uniform(1, recipe.color_jitter, (len(ab), 1, 1, 1))
            ab = ab * to_device(factors.astype(np.float32), ab.device)
    return View(rgb8, lightness, seen.contiguous(), ab)
