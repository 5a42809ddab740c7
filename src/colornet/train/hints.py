"""What the affinity of two places is learned from: hints, and what they should have changed.

The torch twin of colornet.propagation, for whole batches; a test holds the two together.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.propagation import NOISE

LESS_LIKELY = 1 / 10
"""Parameter p of the geometric number of hints; 10 on average."""
MOST = 64
CORNER = 5.0
"""Of the smooth L1 loss, in Lab units."""


def hint_loss(ab: Tensor, affinity: Tensor, true: Tensor, rng: np.random.Generator) -> Tensor:
    """How far the colors are from the true ones after hints at true colors, at random places.

    Args:
        ab: (B,2,h,w), the network's own colors in Lab units; they do not learn from this.
        affinity: (B,1+D,h,w), amplitude and embedding.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    places = ab.shape[-2] * ab.shape[-1]
    count = min(int(rng.geometric(LESS_LIKELY)), MOST)
    at = torch.from_numpy(rng.integers(0, places, (len(ab), count))).to(ab.device)
    guided = spread(ab.detach().float(), affinity.float(), at, true)
    return F.smooth_l1_loss(guided, true, beta=CORNER)


def spread(ab: Tensor, affinity: Tensor, at: Tensor, true: Tensor) -> Tensor:
    """As `colornet.propagation.spread`, for hints of the true colors.

    Args:
        at: (B,N), places of the hints, counted row by row.
    """
    flat, wanted, map_ = (x.flatten(2) for x in (ab, true, affinity))
    index = at.unsqueeze(1)
    hinted = map_.gather(2, index.expand(-1, map_.shape[1], -1))  # (B,1+D,N)
    residual = (wanted - flat).gather(2, index.expand(-1, 2, -1))  # (B,2,N)
    across = covariance(map_, hinted)  # (B,P,N)
    among = covariance(hinted, hinted) + NOISE * torch.eye(at.shape[1], device=ab.device)
    weights = torch.linalg.solve(among, residual.transpose(1, 2))  # (B,N,2)
    return ab + (across @ weights).transpose(1, 2).reshape(ab.shape)


def covariance(one: Tensor, other: Tensor) -> Tensor:
    """(B,P,N) of maps (B,1+D,P) and (B,1+D,N)."""
    e, f = one[:, 1:].transpose(1, 2), other[:, 1:].transpose(1, 2)
    squared = (e**2).sum(2)[:, :, None] + (f**2).sum(2)[:, None] - 2 * (e @ f.transpose(1, 2))
    near = torch.exp(-torch.sqrt(squared.clamp(min=1e-8)))
    return near * one[:, 0, :, None] * other[:, 0, None]
