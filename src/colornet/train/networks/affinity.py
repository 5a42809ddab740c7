"""What hints spread by: how far apart two places are, as learned from things and mistakes.

See `colornet.propagation` for what is done with it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.train.networks.iizuka import conv_block

EMBEDDING = 10
"""Channels of each embedding that the affinity of places is measured in, but for position."""
AROUND = 3
"""Cells from one to the next that a second look takes together."""
TURNS = 3
"""Times that `smooth` goes along rows and columns."""
LEAST_AMPLITUDES = (0.3, 0.1)
"""For the parts of one thing, and for what is mistaken alike."""
OPEN = 1.5
"""How far edges are from closed at first."""


class Affinity(nn.Module):
    """Trunk (B,128,h,w) and /4 map (B,32,h,w) -> (B,26,h,w), see `colornet.propagation`.

    That is, for the parts of one thing and then for what is mistaken alike, an amplitude, an
    embedding, and the position, which is part of the embedding. Those of things are smoothed within
    their edges, so that all parts of one come to lie at nearly the same place; see `smooth`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.narrow = nn.Sequential(
            nn.Conv2d(128 + 32, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)
        )
        self.look = conv_block(64, 64)
        self.look_around = nn.Sequential(
            nn.Conv2d(64, 64, 3, padding=AROUND, dilation=AROUND, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
        )
        self.add = nn.Conv2d(64, 64, 1, bias=False)
        nn.init.zeros_(self.add.weight)  # nothing at first
        self.embed = nn.Conv2d(64, 2 * (1 + EMBEDDING) + 2, 3, padding=1)
        self.nearness = nn.Parameter(torch.tensor([4.0, 3.0]))
        """Distances from one edge of the picture to the other, in units of the embeddings."""

    def forward(self, trunk: Tensor, map4: Tensor) -> Tensor:
        """As described above."""
        seen = self.look(self.narrow(torch.cat([trunk, map4], dim=1)))
        embedded = self.embed(seen + self.add(self.look_around(seen))).float()
        thing, t, f, edges = torch.split(embedded, [1 + EMBEDDING, 1, EMBEDDING, 2], dim=1)
        batch, _, height, width = embedded.shape
        rows = torch.linspace(0, 1, height, device=trunk.device)[:, None].expand(height, width)
        columns = torch.linspace(0, 1, width, device=trunk.device).expand(height, width)
        position = torch.stack([rows, columns]).expand(batch, -1, -1, -1)
        thing = torch.cat([thing, self.nearness[0] * position], dim=1)
        thing = smooth(thing, F.softplus(edges - OPEN))
        s, e = thing[:, :1], thing[:, 1:]
        f = torch.cat([f, self.nearness[1] * position], dim=1)
        least_s, least_t = LEAST_AMPLITUDES
        return torch.cat([least_s + F.softplus(s), e, least_t + F.softplus(t), f], dim=1)


def smooth(maps: Tensor, edges: Tensor) -> Tensor:
    """Maps (B,C,h,w), in which what can be reached without crossing edges has become alike.

    Each place becomes a mean of its row and then of its column, and the other way round, weighted
    by exp(-d), where d is the sum of the edges on the way (the domain transform of Gastal and
    Oliveira, SIGGRAPH 2011). All that TURNS times.

    Args:
        maps: what is smoothed.
        edges: (B,2,h,w), 0 and more, from each place to the one above it and to the one before it.
    """
    across = _weights(edges[:, 1])  # (B,h,w,w)
    down = _weights(edges[:, 0].mT)  # (B,w,h,h)
    maps = maps.permute(0, 2, 3, 1)  # (B,h,w,C)
    for _ in range(TURNS):
        rows_first = (down @ (across @ maps).transpose(1, 2)).transpose(1, 2)
        columns_first = across @ (down @ maps.transpose(1, 2)).transpose(1, 2)
        maps = (rows_first + columns_first) / 2
    return maps.permute(0, 3, 1, 2)


def _weights(edges: Tensor) -> Tensor:
    """Shares (B,n,k,k) of k places in the mean at each; edges (B,n,k) lead to the one before."""
    along = edges.cumsum(2)
    weights = torch.exp(-(along[..., :, None] - along[..., None, :]).abs())
    return weights / weights.sum(3, keepdim=True)
