"""A discriminator of true and predicted colors, and what it and the network learn from one another.

A hinge GAN over patches, conditioned on the lightness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

if TYPE_CHECKING:
    from colornet.train.losses.inputs import LossInputs

AB_UNIT = 50.0
"""Lab units of ab per unit of the discriminator's input."""


class Discriminator(nn.Module):
    """Tells true colors from predicted ones, patch by patch, given the lightness."""

    def __init__(self) -> None:
        super().__init__()
        plan = [(3, 64, 4, 2), (64, 128, 4, 2), (128, 256, 3, 1)]
        layers: list[nn.Module] = []
        for channels_in, channels_out, kernel, stride in plan:
            layer = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=1)
            layers += [spectral_norm(layer), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(256, 1, 3, padding=1))

    def forward(self, lightness: Tensor, ab: Tensor) -> Tensor:
        """Lightness (B,1,h,w) and ab (B,2,h,w) -> scores, above 0 where colors pass for true."""
        scores: Tensor = self.layers(torch.cat([lightness / 50 - 1, ab / AB_UNIT], dim=1))
        return scores.float()


@dataclass(frozen=True)
class AdversarialLoss:
    """How far predicted colors are from deceiving the discriminator, which this leaves alone."""

    weight: float
    discriminator: Discriminator
    name = "adversarial"

    def __call__(self, batch: LossInputs) -> Tensor:
        """See `adversarial_loss`."""
        return adversarial_loss(self.discriminator, batch.lightness_of_cells, batch.predicted)


@dataclass(frozen=True)
class DiscriminatorLoss:
    """How badly the discriminator tells true colors from predicted ones; trains it alone."""

    discriminator: Discriminator
    weight = 1.0
    name = "discriminator"

    def __call__(self, batch: LossInputs) -> Tensor:
        """See `discriminator_loss`."""
        colors = batch.predicted, batch.ab
        return discriminator_loss(self.discriminator, batch.lightness_of_cells, *colors)


def adversarial_loss(discriminator: Discriminator, lightness: Tensor, ab: Tensor) -> Tensor:
    """What the predicted colors (B,2,h,w) should lower, given the lightness (B,1,h,w)."""
    fixed = {name: weight.detach() for name, weight in discriminator.named_parameters()}
    scores: Tensor = functional_call(discriminator, fixed, (lightness, ab))
    return -scores.mean()


def discriminator_loss(
    discriminator: Discriminator, lightness: Tensor, ab: Tensor, true: Tensor
) -> Tensor:
    """What the discriminator should lower, given predicted and true colors (B,2,h,w)."""
    on_true = F.relu(1 - discriminator(lightness, true))
    on_predicted = F.relu(1 + discriminator(lightness, ab.detach()))
    return (on_true + on_predicted).mean()
