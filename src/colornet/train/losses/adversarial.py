"""A discriminator of true and predicted colors, and what it and the network learn from one another.

A hinge GAN over patches, conditioned on the lightness and on what the encoder sees in it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

from colornet.train.losses.inputs import Loss, LossInputs

AB_UNIT = 50.0
"""Lab units of ab per unit of the discriminator's input."""


class Discriminator(nn.Module):
    """Tells true colors from predicted ones, patch by patch.

    Args:
        semantic_channels: of the map of what the encoder sees; 0: there is none.
    """

    def __init__(self, semantic_channels: int = 0) -> None:
        super().__init__()

        def layer(channels_in: int, channels_out: int, kernel: int, stride: int) -> list[nn.Module]:
            conv = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=1)
            return [spectral_norm(conv), nn.LeakyReLU(0.2)]

        self.colors = nn.Sequential(*layer(3, 64, 4, 2), *layer(64, 128, 4, 2))
        self.layers = nn.Sequential(
            *layer(128 + semantic_channels, 256, 3, 1),
            *layer(256, 256, 3, 1),
            nn.Conv2d(256, 1, 3, padding=1),
        )

    def forward(self, lightness: Tensor, ab: Tensor, semantics: Tensor | None = None) -> Tensor:
        """Scores (B,1,h/4,w/4), above 0 where colors pass for true.

        Args:
            lightness, ab: (B,1,h,w), 0..100, and (B,2,h,w) in Lab units.
            semantics: (B,C,h/4,w/4), the encoder's map.
        """
        maps = [self.colors(torch.cat([lightness / 50 - 1, ab / AB_UNIT], dim=1))]
        if semantics is not None:
            maps.append(semantics / semantics.float().std().clamp(min=1e-3))
        scores: Tensor = self.layers(torch.cat(maps, dim=1))
        return scores.float()


def adversarial_losses(discriminator: Discriminator, weight: float) -> list[Loss]:
    """That of the discriminator, and that of the colors, which has this weight."""

    def of_discriminator(batch: LossInputs) -> Tensor:
        known = batch.lightness_of_cells, batch.predicted, batch.ab, batch.semantics
        return discriminator_loss(discriminator, *known)

    def of_colors(batch: LossInputs) -> Tensor:
        known = batch.lightness_of_cells, batch.predicted, batch.semantics
        return adversarial_loss(discriminator, *known)

    return [Loss("discriminator", 1.0, of_discriminator), Loss("adversarial", weight, of_colors)]


def adversarial_loss(
    discriminator: Discriminator, lightness: Tensor, ab: Tensor, semantics: Tensor | None = None
) -> Tensor:
    """How far predicted colors are from deceiving the discriminator, which this leaves alone.

    Arguments as for the discriminator.
    """
    fixed = {name: weight.detach() for name, weight in discriminator.named_parameters()}
    scores: Tensor = functional_call(discriminator, fixed, (lightness, ab, semantics))
    return -scores.mean()


def discriminator_loss(
    discriminator: Discriminator,
    lightness: Tensor,
    ab: Tensor,
    true: Tensor,
    semantics: Tensor | None = None,
) -> Tensor:
    """How badly it tells true colors (B,2,h,w) from predicted ones; this trains it alone."""
    on_true = F.relu(1 - discriminator(lightness, true, semantics))
    on_predicted = F.relu(1 + discriminator(lightness, ab.detach(), semantics))
    return (on_true + on_predicted).mean()
