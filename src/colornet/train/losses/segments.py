"""Segments of pictures in color: what surely belongs to one, and what surely does not."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

STEP, SPAN = 5.0, 14.0
"""Largest differences in Lab units between neighboring cells of one segment, and between any of its
cells and the seed; lightness counts half."""

LOOSENED = 1.7
"""Factor on both; what differs by more than that certainly belongs to another segment."""

DARK, LARGEST_GAIN = 60.0, 2.5
"""Lightness below which ab is amplified, as chroma fades with it, and by what factor at most."""

LOOSENED_DARK = 2.2
"""The same as LOOSENED, for amplified colors."""


def find_segments(lab: Tensor, seeds: Tensor) -> tuple[Tensor, Tensor]:
    """What surely belongs to the segments at seeds, and what surely does not: (B,N,h,w), bool.

    Args:
        lab: (B,3,h,w), L 0..100 and ab in Lab units.
        seeds: (B,N), cells, counted row by row.
    """
    lightness, ab = lab[:, :1], lab[:, 1:]
    gain = ((DARK + 10) / (lightness + 10)).clamp(1, LARGEST_GAIN)
    plain, amplified = (torch.cat([lightness / 2, colors], dim=1) for colors in (ab, gain * ab))
    may_be = _connected(amplified, seeds, LOOSENED_DARK)
    segments = _connected(plain, seeds, 1) & may_be
    may_be &= _connected(plain, seeds, LOOSENED)
    return segments, dilated(may_be.float(), 1) == 0


def _connected(colors: Tensor, seeds: Tensor, factor: float) -> Tensor:
    """The cells (B,N,h,w) of colors (B,3,h,w) that small steps connect to seeds (B,N)."""
    flat = colors.flatten(2)  # (B,3,P)
    color = flat.gather(2, seeds.unsqueeze(1).expand(-1, len(colors[0]), -1))  # (B,3,N)
    similar = (color[..., None] - flat[:, :, None]).norm(dim=1) <= factor * SPAN  # (B,N,P)
    label = _label(colors, factor * STEP).flatten(1)  # (B,P)
    connected = label.gather(1, seeds)[..., None] == label[:, None]
    return (similar & connected).reshape(*seeds.shape, *colors.shape[2:])


def _label(lab: Tensor, step: float) -> Tensor:
    """Labels (B,h,w) of connected components: the least of the cells, counted row by row, in each.

    Neighbors are connected if their colors differ by at most `step`.
    """
    down, right = (lab.diff(dim=dim).norm(dim=1) <= step for dim in (2, 3))  # (B,h-1,w), (B,h,w-1)
    height, width = lab.shape[2:]
    first = torch.arange(height * width, device=lab.device).view(height, width)
    label = first.repeat(len(lab), 1, 1)
    while True:
        before = label.clone()
        for connected, upper, lower in (
            (down, label[:, :-1], label[:, 1:]),
            (right, label[:, :, :-1], label[:, :, 1:]),
        ):
            for one, other in ((lower, upper), (upper, lower)):
                one.copy_(torch.where(connected, torch.minimum(one, other), one))
        known = label.flatten(1)  # the label of a cell's label holds for the cell as well
        label = known.gather(1, known.gather(1, known)).view_as(label)
        if torch.equal(label, before):
            return label


def dilated(masks: Tensor, cells: int) -> Tensor:
    """Masks (B,N,h,w) grown by so many cells on all sides."""
    side = 2 * cells + 1
    rows = F.max_pool2d(masks, (side, 1), 1, (cells, 0))
    return F.max_pool2d(rows, (1, side), 1, (0, cells))
