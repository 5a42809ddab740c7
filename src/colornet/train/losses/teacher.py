"""Losses that judge how colors look, beside those of the heads, which compare them cell by cell."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

from colornet.train.lab import join_lab
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU

AB_UNIT = 50.0
"""Lab units of ab per unit that the adversary sees."""


SKIN_HUES, SKIN_CHROMAS, SKIN_LIGHTNESS = (15.0, 80.0), (8.0, 45.0), (15.0, 92.0)
"""What the colors of skin, from the palest to the darkest, are within: degrees and Lab units; so is
much wood and sand."""


def see(teacher: MobileNetEdgeTPU, rgb8: Tensor) -> list[Tensor]:
    """What a network that knows colors sees: maps at /4, /8, /16, /32, and the last (B,1280,h,w).

    Args:
        teacher: frozen.
        rgb8: (B,3,H,W) uint8.
    """
    teacher.to(rgb8.device)
    with torch.no_grad():
        rgb01 = (rgb8.float() / 255).contiguous(memory_format=torch.channels_last)
        _, *maps = teacher.features(rgb01)
        return [*maps, F.relu(teacher.last(maps[-1]))]


class RecognitionLoss:
    """How differently an encoder sees a gray picture and its frozen original the one in color.

    The encoder was made for color. By this it learns to see as much without, and what to see is
    told for every place in many numbers: it hardly learns the pictures by heart.

    Args:
        original: in color.
    """

    CLASSES = 0.3
    """Weight of the divergence of the classes beside the differences of the maps."""

    def __init__(self, original: MobileNetEdgeTPU) -> None:
        self.original = original

    def __call__(self, features: list[Tensor], named: Tensor, seen: list[Tensor]) -> Tensor:
        """Sum of the maps' mean squared differences, as a share of variance, and of the classes'.

        Args:
            features: maps at /4, /8, /16 and /32, of the gray picture.
            named: (B,1280,h,w), its map by which classes are told.
            seen: by the original, of the picture in color; see `see`.
        """
        maps = zip([*features, named], seen, strict=True)
        terms = [
            F.mse_loss(x.float(), y.float()) / y.float().var() for x, y in maps if x.requires_grad
        ]
        divergence = F.kl_div(
            self._classes(named), self._classes(seen[-1]), reduction="batchmean", log_target=True
        )
        return torch.stack([*terms, self.CLASSES * divergence]).sum()

    def _classes(self, named: Tensor) -> Tensor:
        return F.log_softmax(self.original.cls(named.mean(dim=(2, 3))).float(), dim=1)


class FeatureLoss:
    """How differently a frozen ImageNet network sees the predicted and the true colors.

    Args:
        network: MobileNetEdgeTPU, for RGB.
    """

    MAPS = 3  # at /4, /8 and /16

    def __init__(self, network: MobileNetEdgeTPU) -> None:
        self.network = network

    def __call__(self, lightness: Tensor, ab: Tensor, seen: list[Tensor]) -> Tensor:
        """Mean difference of its feature maps, as a share of their mean size.

        Args:
            lightness: (B,1,H,W), 0..100.
            ab: (B,2,h,w), predicted, in Lab units.
            seen: by the network, of the true picture; see `see`.
        """
        self.network.to(ab.device)
        with torch.autocast(ab.device.type, enabled=False):
            color = F.interpolate(ab, size=lightness.shape[2:], mode="bilinear")
            rgb01 = join_lab(lightness, color).contiguous(memory_format=torch.channels_last)
        maps = self.network.features(rgb01, deepest=16)[1:]
        terms = [
            F.l1_loss(x.float(), y.float()) / y.float().abs().mean()
            for x, y in zip(maps, seen[: self.MAPS], strict=True)
        ]
        return torch.stack(terms).mean()


def skin_loss(ab: Tensor, lightness: Tensor, true: Tensor) -> Tensor:
    """How far colors are from those of skin, as a share of its chroma, where it is skin in truth.

    Args:
        ab, true: (B,2,h,w), predicted and true, in Lab units.
        lightness: (B,1,h,w), 0..100.
    """
    chroma = true.norm(dim=1)
    off = (ab - true).norm(dim=1) / chroma.clamp(min=SKIN_CHROMAS[0])
    skin = is_skin(lightness, true)
    return (off * skin).sum() / skin.sum().clamp(min=1)


def is_skin(lightness: Tensor, ab: Tensor) -> Tensor:
    """Where lightness (B,1,h,w) and ab (B,2,h,w) are those that skin has: (B,h,w), bool."""
    hue = torch.rad2deg(torch.atan2(ab[:, 1], ab[:, 0]))
    values = hue, ab.norm(dim=1), lightness[:, 0]
    limits = SKIN_HUES, SKIN_CHROMAS, SKIN_LIGHTNESS
    within = [(x > low) & (x < high) for x, (low, high) in zip(values, limits, strict=True)]
    return torch.stack(within).all(0)


class Adversary(nn.Module):
    """Tells true colors from predicted ones, patch by patch, given the lightness (a hinge GAN)."""

    def __init__(self) -> None:
        super().__init__()
        plan = [(3, 64, 4, 2), (64, 128, 4, 2), (128, 256, 3, 1)]
        layers: list[nn.Module] = []
        for channels_in, channels_out, kernel, stride in plan:
            layer = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=1)
            layers += [spectral_norm(layer), nn.LeakyReLU(0.2)]
        self.judge = nn.Sequential(*layers, nn.Conv2d(256, 1, 3, padding=1))

    def forward(self, lightness: Tensor, ab: Tensor) -> Tensor:
        """Lightness (B,1,h,w) and ab (B,2,h,w) -> above 0 where it takes the colors for true."""
        scores: Tensor = self.judge(torch.cat([lightness / 50 - 1, ab / AB_UNIT], dim=1))
        return scores.float()

    def losses(self, lightness: Tensor, ab: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
        """What the colors should learn, and what the adversary itself should; neither moves both.

        Args:
            lightness: (B,1,H,W).
            ab, true: (B,2,h,w), predicted and true.
        """
        lightness = F.avg_pool2d(lightness, lightness.shape[-1] // ab.shape[-1])
        own = F.relu(1 - self(lightness, true)) + F.relu(1 + self(lightness, ab.detach()))
        fixed = {name: weight.detach() for name, weight in self.named_parameters()}
        fooled = -functional_call(self, fixed, (lightness, ab))
        return fooled.mean(), own.mean()
