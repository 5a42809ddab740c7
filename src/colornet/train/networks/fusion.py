"""The general network: ImageNet features fused with a global prior, decoded to 1/4 resolution.

The founding idea (local features and a global prior, joined by a fusion layer) on an encoder that
already knows what things are:

    encoder   MobileNetEdgeTPU on gray: maps at /2, /4, /8, /16, /32 (16, 32, 48, 96, 192 channels)
    prior     its pooled 1280 features, fully connected to 256
    fusion    prior tiled over the /32 map, concatenated (448), convolved to 256
    decoder   up x2 and joined with the /16 map: 192; with /8: 128, 128; with /4: 128, 128
    hints     (a, b, mask) at /32, /16, /8 and /4, joined where the maps are

All decoder layers are 3x3 convolutions with batch norm and ReLU.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.train.networks import Encoded
from colornet.train.networks.iizuka import PRIOR_CHANNELS, conv_block
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU

HINT_CHANNELS = 3
HINT_UNIT = 50.0
"""Lab units per unit of the hints inside the network."""


class Fusion(nn.Module):
    """The general network.

    Args:
        classes: not used; the network has no joint classifier.
        encoder: .npz of MobileNetEdgeTPU weights to start from; None starts from scratch, and is
            what loading a checkpoint uses.
        train_encoder: False keeps the encoder's weights as they are, which trains three times as
            many pictures in the same time.
        global_features: False leaves the prior out.
        hints: whether there is a hint input.
    """

    stride = 4
    feature_maps = 4
    trunk_channels = 128

    def __init__(
        self,
        *,
        classes: int = 0,
        encoder: str | None = None,
        train_encoder: bool = True,
        global_features: bool = True,
        hints: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = (
            MobileNetEdgeTPU.from_npz(Path(encoder), channels=1)
            if encoder
            else MobileNetEdgeTPU(channels=1)
        )
        del self.encoder.cls  # the classifier itself is not used
        self.encoder.requires_grad_(train_encoder)
        self.train_encoder = train_encoder
        self.prior_channels = PRIOR_CHANNELS if global_features else 0
        self.prior = (
            nn.Sequential(nn.Linear(1280, PRIOR_CHANNELS), nn.ReLU(inplace=True))
            if global_features
            else None
        )
        self.takes_hints = hints
        extra = HINT_CHANNELS if hints else 0
        self.fusion = conv_block(192 + self.prior_channels + extra, 256)
        self.join16 = conv_block(256 + 96 + extra, 192)
        self.join8 = nn.Sequential(conv_block(192 + 48 + extra, 128), conv_block(128, 128))
        self.join4 = nn.Sequential(conv_block(128 + 32 + extra, 128), conv_block(128, 128))

    def encode(self, lightness: Tensor) -> Encoded:
        """Feature maps and the prior.

        Args:
            lightness: (B,1,H,W), 0..100; H and W multiples of 32.
        """
        with torch.set_grad_enabled(self.train_encoder and torch.is_grad_enabled()):
            _, *features = self.encoder.features(gray01(lightness))  # /4, /8, /16, /32
            pooled = F.relu(self.encoder.last(features[-1])).mean(dim=(2, 3))  # (B,1280)
        prior = None if self.prior is None else self.prior(pooled)
        return Encoded(features, prior, None)

    def decode(
        self, features: list[Tensor], prior: Tensor | None, hints: Tensor | None = None
    ) -> Tensor:
        """Fuse the prior with the deepest map, and decode to the trunk (B,128,H/4,W/4).

        Args:
            features, prior: from `encode`.
            hints: (B,3,H,W): a, b in Lab units where mask is 1, and 0 elsewhere; None: no hints.
        """
        map4, map8, map16, deepest = features
        height, width = (4 * side for side in map4.shape[-2:])
        if not self.takes_hints:
            hints = None
        elif hints is None:
            hints = map4.new_zeros(len(map4), HINT_CHANNELS, height, width)

        def joined(stride: int, *maps: Tensor) -> Tensor:
            given = [pool_hints(hints, stride)] if hints is not None else []
            return torch.cat([*maps, *given], dim=1)

        tiled = []
        if prior is not None:
            tiled = [prior[:, :, None, None].expand(-1, -1, *deepest.shape[-2:])]
        x = self.fusion(joined(32, deepest, *tiled))  # (B,256,H/32,W/32)
        x = self.join16(joined(16, up(x), map16))
        x = self.join8(joined(8, up(x), map8))
        trunk: Tensor = self.join4(joined(4, up(x), map4))
        return trunk


def up(x: Tensor) -> Tensor:
    """Twice the size, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")


def pool_hints(hints: Tensor, stride: int) -> Tensor:
    """Hints at another scale: mean ab of the hinted pixels of each cell, and whether it has any.

    Args:
        hints: (B,3,H,W), as `Fusion.decode` takes them.

    Returns:
        (B,3,H/stride,W/stride): a, b in units of HINT_UNIT, and the mask.
    """
    ab, mask = hints[:, :2], hints[:, 2:]
    share = F.avg_pool2d(mask, stride)
    mean = F.avg_pool2d(ab * mask, stride) / share.clamp(min=1e-6)
    return torch.cat([mean / HINT_UNIT, (share > 0).to(mask.dtype)], dim=1)


def gray01(lightness: Tensor) -> Tensor:
    """Lightness 0..100 -> the sRGB encoded gray 0..1 that has it."""
    f = (lightness + 16) / 116
    luminance = torch.where(f > 6 / 29, f**3, (f - 4 / 29) * (108 / 841))
    curve = 1.055 * luminance.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(luminance <= 0.0031308, luminance * 12.92, curve)
