"""What the affinity of two locations is learned from: hints, and what they should have changed.

Hints at true colors teach how far one color lets guess others (`hint_loss`); hints that recolor one
thing teach where its segment ends (`segment_loss`). Both train only the affinity.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.train.losses.inputs import Loss, LossInputs
from colornet.train.losses.segments import dilated, find_segments
from colornet.train.losses.spreading import covariances, sharpened, spread, with_appearance

VIVIDNESS, SATURATION = (0.3, 1.0), (1.1, 1.25)
"""Ranges for the colors that hints correct, as in the settings of models."""
HINT_COUNT_P, MOST_HINTS = 1 / 10, 64
"""Parameter of the geometric number of hints, 10 on average, and the most there are."""
SMOOTH_L1_BETA = 5.0
"""The beta of the hint loss, in Lab units."""

SMALLEST, LARGEST = 0.004, 0.5
"""Share of a picture that a segment may have."""
SEEDS = 16
"""Places of a picture whose segments are learned from at once."""
UNSURE = 0.25
"""Weight of a change where it may be in the segment; where it surely is not: 1."""
WRONG = 1.5
"""Weight of changing what is not in a segment, where leaving a part of it unchanged has 1."""
BESIDE, BESIDE_SHARE = 6, 0.65
"""Cells from a segment within which a change counts for this share of all wrong changes."""


def of_hints(batch: LossInputs) -> Tensor:
    """See `hint_loss`."""
    affinity = batch.affinity
    with torch.autocast(batch.rgb8.device.type, enabled=False):
        own = _in_some_setting(batch)
        return hint_loss(own, affinity, batch.appearance, batch.ab, batch.rng)


def of_segments(batch: LossInputs) -> Tensor:
    """See `segment_loss`."""
    affinity, lightness = batch.affinity, batch.lightness_of_cells
    with torch.autocast(batch.rgb8.device.type, enabled=False):
        return segment_loss(affinity, batch.appearance, lightness, batch.ab, batch.rng)


AFFINITY_LOSSES = Loss("hints", 0.3, of_hints), Loss("segments", 1.0, of_segments)


def _in_some_setting(batch: LossInputs) -> Tensor:
    """Colors (B,2,h,w) as vivid as any setting may ask for, which hints have to correct."""
    safe, *vivid = batch.head.decodings(batch.output).values()
    colors = torch.lerp(safe, vivid[0], batch.rng.uniform(*VIVIDNESS)) if vivid else safe
    return colors * batch.rng.uniform(*SATURATION)


def hint_loss(
    ab: Tensor, affinity: Tensor, appearance: Tensor, true: Tensor, rng: np.random.Generator
) -> Tensor:
    """How far the colors are from the true ones after hints at true colors, at random locations.

    Args:
        ab: (B,2,h,w), the network's own colors in Lab units; they do not learn from this.
        affinity, appearance: (B,2+2D,h,w) and (B,3,h,w), as for `colornet.guidance.propagation`.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    cells = ab.shape[-2] * ab.shape[-1]
    count = min(int(rng.geometric(HINT_COUNT_P)), MOST_HINTS)
    at = torch.from_numpy(rng.integers(0, cells, (len(ab), count))).to(ab.device)
    guided = spread(ab.detach().float(), affinity.float(), appearance, at, true)
    return F.smooth_l1_loss(guided, true, beta=SMOOTH_L1_BETA)


def segment_loss(
    affinity: Tensor, appearance: Tensor, lightness: Tensor, true: Tensor, rng: np.random.Generator
) -> Tensor:
    """How far one hint spreads beyond its segment, or leaves parts of it as they were.

    Segments are found by their true colors, around random locations. If a hint there changes all of
    its segment and nothing else, the loss is 0; changes close beside the segment weigh most.

    Args:
        affinity, appearance: (B,2+2D,h,w) and (B,3,h,w), as for `colornet.guidance.propagation`.
        lightness: (B,1,h,w), 0..100, true.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    batch, _, height, width = true.shape
    locations = rng.integers(0, height * width, (batch, SEEDS))
    seeds = torch.from_numpy(locations).to(true.device)
    inside, surely_outside = find_segments(torch.cat([lightness, true], dim=1), seeds)
    segment, others = inside.float(), surely_outside.float()  # (B,N,h,w)
    share = segment.mean((2, 3))
    fit = (share >= SMALLEST) & (share <= LARGEST) & surely_outside.flatten(2).any(2)
    others += UNSURE * (1 - others) * (1 - dilated(segment, 1))
    beside = dilated(segment, BESIDE) * others
    near, near_at = covariances(with_appearance(affinity, appearance)[0], seeds.unsqueeze(1), 2)
    mean = near / near_at.diagonal(dim1=1, dim2=2).unsqueeze(1)  # (B,P,N), of that of the hint
    loss = torch.zeros_like(share)
    for change in (mean, sharpened(mean)):
        change = change.clamp(max=1).mT.reshape(segment.shape)
        wrong = BESIDE_SHARE * _mean(change**2, beside)
        wrong = wrong + (1 - BESIDE_SHARE) * _mean(change**2, others)
        missed = _mean((1 - change) ** 2, segment)  # (B,N)
        loss = loss + (missed + WRONG * wrong) / 2
    return (loss * fit).sum() / fit.sum().clamp(min=1)


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """Means (B,N) of values (B,N,h,w), weighted."""
    return (values * weights).sum((2, 3)) / weights.sum((2, 3)).clamp(min=1)
