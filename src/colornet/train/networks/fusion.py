"""The general network: ImageNet features fused with a global prior, decoded to 1/4 resolution.

The founding idea (local features and a global prior, joined by a fusion layer) on an encoder that
already knows what things are:

    encoder   MobileNetEdgeTPU on gray: maps at /2, /4, /8, /16, /32 (16, 32, 48, 96, 192 channels)
    prior     its pooled 1280 features, fully connected to 256
    fusion    prior tiled over the /32 map, concatenated (448), convolved to 256; the 1280
              features of each location, which ImageNet's classes are told by, are added as 256;
              2 transformer blocks
    decoder   up x2 and joined with the /16 map: 192, 2 transformer blocks; with /8: 128, 128;
              with /4: 128, 128
    lean      up x2 to /8 in 96 channels, joined with the /8 map: 96, 128; what the /4 map tells is
              added to that, up x2, in 32 channels
    affinity  from the trunk and the /4 map, what hints spread by: see affinity.py

All decoder layers are 3x3 convolutions with batch norm and ReLU. Attention lets the whole picture
decide on the colors of each location.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from colornet.errors import RecipeError
from colornet.train.networks import Encoded
from colornet.train.networks.affinity import Affinity
from colornet.train.networks.iizuka import PRIOR_CHANNELS
from colornet.train.networks.layers import TransformerBlock, conv_block, upsample, zero_init
from colornet.train.networks.mobilenet_edgetpu import FEATURE_STRIDES, MobileNetEdgeTPU


class Fusion(nn.Module):
    """The general network.

    Args:
        classes: not used; the network has no joint classifier.
        encoder: .npz of MobileNetEdgeTPU weights that the encoder begins with, random ones if not
            given; the losses `feature` and `distillation` read it, too.
        train_encoder: false keeps the encoder's weights, which trains three times as many pictures
            in the same time.
        frozen_stride: the layers of the encoder up to its map of this stride (2, 4, 8, 16 or 32)
            keep their weights; 0: none do. Those up to 8 cost most of its gradient and are the most
            generic.
        lean: whether the stages at /8 and /4, which are half of the cost, have fewer channels.
        global_features: false leaves the prior out.
        hints: whether there is an affinity, by which hints spread and color is smoothed.
    """

    stride = 4
    multiple = 32
    feature_maps = 4
    trunk_channels = 128
    semantic_channels = 96
    """Of the map at /16, which a discriminator is told of."""

    def __init__(
        self,
        classes: int = 0,
        *,
        encoder: str | None = None,
        train_encoder: bool = True,
        frozen_stride: int = 0,
        lean: bool = False,
        global_features: bool = True,
        hints: bool = False,
    ) -> None:
        super().__init__()
        if frozen_stride not in (0, *FEATURE_STRIDES):
            known = ", ".join(map(str, (0, *FEATURE_STRIDES)))
            reason = f"frozen_stride is {frozen_stride}"
            raise RecipeError("network fusion", reason, f"use one of {known}")
        self.encoder = (
            MobileNetEdgeTPU.from_npz(Path(encoder), channels=1)
            if encoder
            else MobileNetEdgeTPU(channels=1)
        )
        del self.encoder.cls  # the classifier itself is not used
        self.encoder.requires_grad_(train_encoder)
        self.encoder.freeze(frozen_stride)
        self.train_encoder = train_encoder
        self.prior_channels = PRIOR_CHANNELS if global_features else 0
        self.prior = (
            nn.Sequential(nn.Linear(1280, PRIOR_CHANNELS), nn.ReLU(inplace=True))
            if global_features
            else None
        )
        self.fusion = conv_block(192 + self.prior_channels, 256)
        self.semantic_proj = zero_init(nn.Conv2d(1280, 256, 1))
        self.attend32 = nn.Sequential(TransformerBlock(256), TransformerBlock(256))
        self.join16 = conv_block(256 + 96, 192)
        self.attend16 = nn.Sequential(TransformerBlock(192), TransformerBlock(192))
        self.join8: nn.Module
        self.join4: nn.Module
        if lean:
            self.join8, self.join4 = Join(192, 48, 96, 128), Detail(128, 32, 32)
        else:
            self.join8 = nn.Sequential(conv_block(192 + 48, 128), conv_block(128, 128))
            self.join4 = nn.Sequential(conv_block(128 + 32, 128), conv_block(128, 128))
        self.lean = lean
        self.affinity = Affinity() if hints else None

    def encode(self, lightness: Tensor) -> Encoded:
        """Feature maps and the prior.

        Args:
            lightness: (B,1,H,W), 0..100; H and W multiples of 32.
        """
        with torch.set_grad_enabled(self.train_encoder and torch.is_grad_enabled()):
            _, *features = self.encoder.features(gray01(lightness))  # /4, /8, /16, /32
            pooled = self.head_features(features[-1]).mean(dim=(2, 3))  # (B,1280)
        prior = None if self.prior is None else self.prior(pooled)
        return Encoded(features, prior, None)

    def head_features(self, deepest: Tensor) -> Tensor:
        """The /32 map (B,192,h,w) -> (B,1280,h,w), by which ImageNet's classes are told."""
        with torch.set_grad_enabled(self.train_encoder and torch.is_grad_enabled()):
            return self.encoder.last(deepest).relu_()  # type: ignore[no-any-return]

    def decode(self, features: list[Tensor], prior: Tensor | None) -> Tensor:
        """Fuse the prior with the deepest map, and decode to the trunk (B,128,H/4,W/4).

        Args:
            features, prior: from `encode`.
        """
        map4, map8, map16, deepest = features
        tiled = []
        if prior is not None:
            tiled = [prior[:, :, None, None].expand(-1, -1, *deepest.shape[-2:])]
        x = self.fusion(torch.cat([deepest, *tiled], dim=1))  # (B,256,H/32,W/32)
        x = self.attend32(x + self.semantic_proj(self.head_features(deepest)))
        x = self.attend16(self.join16(torch.cat([upsample(x), map16], dim=1)))
        trunk: Tensor
        if self.lean:
            trunk = self.join4(self.join8(x, map8), map4)
        else:
            x = self.join8(torch.cat([upsample(x), map8], dim=1))
            trunk = self.join4(torch.cat([upsample(x), map4], dim=1))
        return trunk

    def predict_affinity(self, features: list[Tensor], trunk: Tensor) -> Tensor | None:
        """The affinity (B,26,H/4,W/4); no gradient flows from it into what it is computed from.

        Args:
            features: from `encode`.
            trunk: from `decode`.
        """
        if self.affinity is None:
            return None
        affinity: Tensor = self.affinity(trunk.detach(), features[0].detach())
        return affinity

    @staticmethod
    def layer_options(weights: Mapping[str, Tensor]) -> dict[str, Any]:
        """Whether weights are those of the lean network, and whether they have a prior."""
        if "network.join16.0.weight" not in weights:
            return {}
        return {
            "lean": "network.join8.reduce.weight" in weights,
            "global_features": "network.prior.0.weight" in weights,
        }


class Join(nn.Module):
    """Joins a map with one of twice the resolution, after a 1x1 convolution to fewer channels.

    Args:
        coarse, fine: channels of the two maps.
        channels: of what is joined.
        channels_out: of the result.
    """

    def __init__(self, coarse: int, fine: int, channels: int, channels_out: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(coarse, channels, 1)
        self.convs = nn.Sequential(
            conv_block(channels + fine, channels), conv_block(channels, channels_out)
        )

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Coarse (B,C,h,w) and fine (B,F,2h,2w) -> (B,channels_out,2h,2w)."""
        joined: Tensor = self.convs(torch.cat([upsample(self.reduce(coarse)), fine], dim=1))
        return joined


class Detail(nn.Module):
    """Adds details from a map of twice the resolution to a coarse map; arguments as for `Join`."""

    def __init__(self, coarse: int, fine: int, channels: int) -> None:
        super().__init__()
        self.join = Join(coarse, fine, channels, channels)
        self.expand = nn.Conv2d(channels, coarse, 1)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Coarse (B,C,h,w) and fine (B,F,2h,2w) -> (B,C,2h,2w)."""
        return (upsample(coarse) + self.expand(self.join(coarse, fine))).relu_()


def gray01(lightness: Tensor) -> Tensor:
    """Lightness 0..100 -> the sRGB encoded gray 0..1 that has it."""
    f = (lightness + 16) / 116
    luminance = torch.where(f > 6 / 29, f**3, (f - 4 / 29) * (108 / 841))
    curve = 1.055 * luminance.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(luminance <= 0.0031308, luminance * 12.92, curve)
