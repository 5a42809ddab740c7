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

    def __call__(self, features: list[Tensor], named: Tensor, rgb8: Tensor) -> Tensor:
        """Sum of the maps' mean squared differences, as a share of variance, and of the classes'.

        Args:
            features: maps at /4, /8, /16 and /32, of the gray picture.
            named: (B,1280,h,w), its map by which classes are told.
            rgb8: (B,3,H,W) uint8, the picture in color.
        """
        self.original.to(rgb8.device)
        with torch.no_grad():
            rgb01 = (rgb8.float() / 255).contiguous(memory_format=torch.channels_last)
            _, *wanted = self.original.features(rgb01)
            wanted.append(F.relu(self.original.last(wanted[-1])))
            wanted_classes = self._classes(wanted[-1])
        maps = zip([*features, named], wanted, strict=True)
        terms = [F.mse_loss(x.float(), y.float()) / y.float().var() for x, y in maps]
        divergence = F.kl_div(
            self._classes(named), wanted_classes, reduction="batchmean", log_target=True
        )
        return torch.stack(terms).sum() + self.CLASSES * divergence

    def _classes(self, named: Tensor) -> Tensor:
        return F.log_softmax(self.original.cls(named.mean(dim=(2, 3))).float(), dim=1)


class FeatureLoss:
    """How differently a frozen ImageNet network sees the predicted and the true colors.

    Args:
        network: MobileNetEdgeTPU, for RGB.
    """

    MAPS = slice(1, 4)  # at /4, /8 and /16

    def __init__(self, network: MobileNetEdgeTPU) -> None:
        self.network = network

    def __call__(self, lightness: Tensor, ab: Tensor, rgb8: Tensor) -> Tensor:
        """Mean difference of its feature maps, as a share of their mean size.

        Args:
            lightness: (B,1,H,W), 0..100.
            ab: (B,2,h,w), predicted, in Lab units.
            rgb8: (B,3,H,W) uint8, true.
        """
        self.network.to(ab.device)
        with torch.autocast(ab.device.type, enabled=False):
            color = F.interpolate(ab, size=lightness.shape[2:], mode="bilinear")
            rgb01 = join_lab(lightness, color)
        seen = self._maps(rgb01)
        with torch.no_grad():
            wanted = self._maps(rgb8.float() / 255)
        terms = [
            F.l1_loss(x.float(), y.float()) / y.float().abs().mean()
            for x, y in zip(seen, wanted, strict=True)
        ]
        return torch.stack(terms).mean()

    def _maps(self, rgb01: Tensor) -> list[Tensor]:
        rgb01 = rgb01.contiguous(memory_format=torch.channels_last)
        return self.network.features(rgb01, deepest=16)[self.MAPS]


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
