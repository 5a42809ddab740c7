"""The affinity by which hints spread: how far apart two locations are, learned from pictures.

See `colornet.guidance.propagation` for what is done with it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.train.networks.layers import conv_block, zero_init

EMBEDDING = 10
"""Channels of each embedding whose distances make the affinity, without the position."""
DILATION = 3
"""Dilation of the second convolution, in cells."""
ITERATIONS = 3
"""Iterations of the domain transform, along rows and columns each."""
LEAST_AMPLITUDES = (0.3, 0.1)
"""Smallest amplitudes within a segment, and of similar errors."""
EDGE_BIAS = 1.5
"""Subtracted from the input of edges, so that there are few at first."""


class Affinity(nn.Module):
    """Trunk (B,128,h,w) and /4 map (B,32,h,w) -> (B,26,h,w), see `colornet.guidance.propagation`.

    An amplitude and an embedding, which includes the position, first for parts of one segment, then
    for similar errors. Those of segments are smoothed within their edges, so
    that all parts of one come to lie at nearly the same location; see `domain_transform`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reduce = nn.Sequential(
            nn.Conv2d(128 + 32, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)
        )
        self.conv = conv_block(64, 64)
        self.dilated_conv = nn.Sequential(
            nn.Conv2d(64, 64, 3, padding=DILATION, dilation=DILATION, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
        )
        self.dilated_proj = zero_init(nn.Conv2d(64, 64, 1, bias=False))
        self.embed = nn.Conv2d(64, 2 * (1 + EMBEDDING) + 2, 3, padding=1)
        self.nearness = nn.Parameter(torch.tensor([4.0, 3.0]))
        """Distances from one edge of the picture to the other, in units of the embeddings."""

    def forward(self, trunk: Tensor, map4: Tensor) -> Tensor:
        """Compute the affinity of a batch."""
        seen = self.conv(self.reduce(torch.cat([trunk, map4], dim=1)))
        embedded = self.embed(seen + self.dilated_proj(self.dilated_conv(seen))).float()
        segment, t, f, edges = torch.split(embedded, [1 + EMBEDDING, 1, EMBEDDING, 2], dim=1)
        batch, _, height, width = embedded.shape
        rows = torch.linspace(0, 1, height, device=trunk.device)[:, None].expand(height, width)
        columns = torch.linspace(0, 1, width, device=trunk.device).expand(height, width)
        position = torch.stack([rows, columns]).expand(batch, -1, -1, -1)
        segment = torch.cat([segment, self.nearness[0] * position], dim=1)
        segment = domain_transform(segment, F.softplus(edges - EDGE_BIAS))
        s, e = segment[:, :1], segment[:, 1:]
        f = torch.cat([f, self.nearness[1] * position], dim=1)
        least_s, least_t = LEAST_AMPLITUDES
        return torch.cat([least_s + F.softplus(s), e, least_t + F.softplus(t), f], dim=1)


def domain_transform(maps: Tensor, edges: Tensor) -> Tensor:
    """Smooth maps (B,C,h,w) without crossing edges.

    Each location becomes a mean of its row and then of its column, and vice versa, weighted
    by exp(-d), where d is the sum of the edges on the way (the domain transform of Gastal and
    Oliveira, SIGGRAPH 2011). This is repeated ITERATIONS times.

    Args:
        maps: what is smoothed.
        edges: (B,2,h,w), 0 and more, from each location to those above it and before it.
    """
    across = _weights(edges[:, 1])  # (B,h,w,w)
    down = _weights(edges[:, 0].mT)  # (B,w,h,h)
    maps = maps.permute(0, 2, 3, 1)  # (B,h,w,C)
    for _ in range(ITERATIONS):
        rows_first = (down @ (across @ maps).transpose(1, 2)).transpose(1, 2)
        columns_first = across @ (down @ maps.transpose(1, 2)).transpose(1, 2)
        maps = (rows_first + columns_first) / 2
    return maps.permute(0, 3, 1, 2)


def _weights(edges: Tensor) -> Tensor:
    """Weights (B,n,k,k) of k locations in the mean at each, by edges (B,n,k) to the one before."""
    along = edges.cumsum(2)
    weights = torch.exp(-(along[..., :, None] - along[..., None, :]).abs())
    return weights / weights.sum(3, keepdim=True)
