"""Heads: what turns a network's trunk into color, with the losses that train it.

Any network takes any head. The contract, checked by one test for all of them:

    forward(trunk (B,C,h,w)) -> output (B,channels,h,w)
    losses(output, ab (B,2,h,w)) -> scalars by name, weighted by loss_weights
    to_ab(output) -> ab (B,2,h,w) in Lab units
    decodings(output) -> by name: "ab", the safest, and "vivid" where there are two of them
    bins: (Q,2) ab of each class, or (0,2) where the head has no distribution
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.color import AB_LIMIT
from colornet.errors import RecipeError
from colornet.train.ab_bins import SIGMA, rebalanced
from colornet.train.options import check_options

NEIGHBORS = 5
"""Bins that share a pixel's color in the soft encoding (Zhang 2016)."""

REGRESSION_UNIT = 20.0
"""Lab units per unit of the dual head's regression, so that its outputs are of order 1."""


class RegressionHead(nn.Module):
    """One ab per pixel by a sigmoid, trained with the mean squared error (the founding loss).

    The error is measured on ab scaled to 0..1, the range of the sigmoid.
    """

    bins: Tensor

    def __init__(self, trunk_channels: int) -> None:
        super().__init__()
        self.loss_weights = {"mse": 1.0}
        self.convolution = nn.Conv2d(trunk_channels, 2, 3, padding=1)
        self.register_buffer("bins", torch.zeros(0, 2))

    def forward(self, trunk: Tensor) -> Tensor:
        """Trunk (B,C,h,w) -> ab scaled to 0..1, (B,2,h,w)."""
        return torch.sigmoid(self.convolution(trunk))

    def losses(self, output: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Mean squared error on the scaled ab."""
        return {"mse": F.mse_loss(output, ab / (2 * AB_LIMIT) + 0.5)}

    def to_ab(self, output: Tensor) -> Tensor:
        """Scaled ab -> Lab units."""
        return (output - 0.5) * (2 * AB_LIMIT)

    def decodings(self, output: Tensor) -> dict[str, Tensor]:
        """The one there is."""
        return {"ab": self.to_ab(output)}


class ClassificationHead(nn.Module):
    """A distribution over ab bins per pixel (Zhang, Isola, Efros, ECCV 2016, section 2).

    Args:
        trunk_channels: channels of the trunk.
        bins: (Q,2) centers of the ab bins found in the data.
        share: (Q,) share of the data's pixels in each bin, summing to 1.
        temperature: of the annealed mean, above 0; 1, the most, is the mean, toward 0 the mode.
            Paper: 0.38.
        rebalancing: lambda, how far rare colors are weighted up, from 0, the most, to 1, not at
            all. Paper: 0.5.
    """

    bins: Tensor
    weights: Tensor
    neighbors: Tensor
    nearness: Tensor

    def __init__(
        self,
        trunk_channels: int,
        bins: Tensor,
        share: Tensor,
        *,
        temperature: float = 0.38,
        rebalancing: float = 0.5,
    ) -> None:
        super().__init__()
        _check_shares("classification", temperature=temperature, rebalancing=rebalancing)
        self.temperature = temperature
        self.loss_weights = {"cross_entropy": 1.0}
        self.convolution = nn.Conv2d(trunk_channels, len(bins), 1)
        self.register_buffer("bins", bins)
        self.register_buffer("weights", rebalanced(bins, share, rebalancing))
        # Soft encodings of every whole-numbered ab, so that a pixel's costs one look-up.
        axis = torch.arange(-AB_LIMIT, AB_LIMIT + 1)
        grid = torch.cartesian_prod(axis, axis)
        distance, neighbors = torch.cdist(grid, bins).topk(min(NEIGHBORS, len(bins)), largest=False)
        nearness = torch.softmax(-(distance**2) / (2 * SIGMA**2), dim=1)
        self.register_buffer("neighbors", neighbors, persistent=False)
        self.register_buffer("nearness", nearness, persistent=False)

    def forward(self, trunk: Tensor) -> Tensor:
        """Trunk (B,C,h,w) -> logits (B,Q,h,w)."""
        return self.convolution(trunk)

    def losses(self, output: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Cross-entropy with the soft-encoded color, weighted by the rarity of its nearest bin."""
        cell = (ab.round().clamp(-AB_LIMIT, AB_LIMIT) + AB_LIMIT).long()
        index = (cell[:, 0] * int(2 * AB_LIMIT + 1) + cell[:, 1]).flatten()  # (N,), N = B h w
        neighbors = self.neighbors[index]  # (N,5)
        logits = output.movedim(1, -1).flatten(0, 2)  # (N,Q), as they lie in memory
        log_p = F.log_softmax(logits, dim=1, dtype=torch.float32).gather(1, neighbors)
        cross_entropy = -(self.nearness[index] * log_p).sum(1)  # (N,)
        return {"cross_entropy": (cross_entropy * self.weights[neighbors[:, 0]]).mean()}

    def logits(self, output: Tensor) -> Tensor:
        """(B,Q,h,w)."""
        return output

    def to_ab(self, output: Tensor) -> Tensor:
        """Annealed mean of the distribution (Zhang 2016, eq. 5), in Lab units."""
        logits = output.float().movedim(1, -1)  # last, where runtimes are fastest
        annealed = torch.softmax(logits / self.temperature, dim=-1)  # (B,h,w,Q)
        return (annealed @ self.bins).movedim(-1, 1)

    def decodings(self, output: Tensor) -> dict[str, Tensor]:
        """The one there is."""
        return {"ab": self.to_ab(output)}


class DualHead(nn.Module):
    """Both heads on one trunk: classification for vividness, regression for safety.

    Args:
        trunk_channels, bins, share: as for the classification head.
        blend: share of the regression in the decoded ab, 0 to 1; the rest is the annealed mean.
        regression_weight: of the smooth L1 (beta 5 Lab units), 0 or more; the cross-entropy has 1.
        temperature, rebalancing: as for the classification head.
    """

    def __init__(
        self,
        trunk_channels: int,
        bins: Tensor,
        share: Tensor,
        *,
        blend: float = 0.5,
        regression_weight: float = 0.1,
        temperature: float = 0.38,
        rebalancing: float = 0.5,
    ) -> None:
        super().__init__()
        _check_shares("dual", temperature=temperature, rebalancing=rebalancing, blend=blend)
        if regression_weight < 0:
            reason = f"regression_weight is {regression_weight}"
            raise RecipeError("head dual", reason, "use a number of 0 or more")
        self.blend = blend
        self.loss_weights = {"cross_entropy": 1.0, "smooth_l1": regression_weight}
        self.classification = ClassificationHead(
            trunk_channels, bins, share, temperature=temperature, rebalancing=rebalancing
        )
        self.regression = nn.Conv2d(trunk_channels, 2, 1)

    @property
    def bins(self) -> Tensor:
        """(Q,2) ab of each class."""
        return self.classification.bins

    def forward(self, trunk: Tensor) -> Tensor:
        """Trunk (B,C,h,w) -> scaled ab and logits, (B,2+Q,h,w)."""
        return torch.cat([self.regression(trunk), self.classification(trunk)], dim=1)

    def losses(self, output: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Cross-entropy, and smooth L1 on ab in Lab units."""
        regression, logits = torch.split(output, [2, len(self.bins)], dim=1)  # faster than slices
        smooth = F.smooth_l1_loss(regression.float() * REGRESSION_UNIT, ab, beta=5.0)
        return {**self.classification.losses(logits, ab), "smooth_l1": smooth}

    def logits(self, output: Tensor) -> Tensor:
        """The logits of the classification, (B,Q,h,w)."""
        return output[:, 2:]

    def to_ab(self, output: Tensor) -> Tensor:
        """The blend of both, in Lab units."""
        safe, vivid = self.decodings(output).values()
        return self.blend * safe + (1 - self.blend) * vivid

    def decodings(self, output: Tensor) -> dict[str, Tensor]:
        """The regression's ab, and the annealed mean."""
        safe = output[:, :2].float() * REGRESSION_UNIT
        return {"ab": safe, "vivid": self.classification.to_ab(output[:, 2:])}


Head = RegressionHead | ClassificationHead | DualHead
HEADS: dict[str, Callable[..., Head]] = {
    "regression": RegressionHead,
    "classification": ClassificationHead,
    "dual": DualHead,
}


def _check_shares(head: str, **shares: float) -> None:
    for name, value in shares.items():
        above_0 = name == "temperature"
        if not 0 <= value <= 1 or (above_0 and value == 0):
            known = "above 0, up to 1" if above_0 else "from 0 to 1"
            raise RecipeError(f"head {head}", f"{name} is {value}", f"use a number {known}")


def color_loss(head: Head, output: Tensor, ab: Tensor) -> Tensor:
    """The weighted sum of a head's losses."""
    return torch.stack([head.loss_weights[n] * x for n, x in head.losses(output, ab).items()]).sum()


def check_head(name: str, **options: Any) -> None:
    """Refuse a recipe's entry that no head can be built from.

    Raises:
        RecipeError: no head of that name, an option that it does not have, or a value out of
            range.
    """
    if name not in HEADS:
        raise RecipeError(f"head {name}", "unknown", f"known: {', '.join(HEADS)}")
    check_options(f"head {name}", HEADS[name], options)
    if name != "regression":
        with torch.device("meta"):  # for the ranges of values
            HEADS[name](1, torch.zeros(1, 2), torch.ones(1), **options)


def build_head(
    name: str,
    trunk_channels: int,
    bins: Tensor | None = None,
    share: Tensor | None = None,
    **options: Any,
) -> Head:
    """Build a head from its recipe entry.

    Args:
        name: `regression`, `classification` or `dual`.
        trunk_channels: channels of the trunk that it reads.
        bins, share: what `find_bins` found in the data; the regression head ignores them.
        options: further arguments of the head.

    Raises:
        RecipeError: no head of that name, or an option that it does not have.
    """
    check_head(name, **options)
    if name == "regression":
        return RegressionHead(trunk_channels)
    if bins is None or share is None:
        raise RecipeError(f"head {name}", "needs the bins found in the data")
    return HEADS[name](trunk_channels, bins, share, **options)
