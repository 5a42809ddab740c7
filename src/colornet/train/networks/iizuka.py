"""The founding network: local features fused with a global prior.

Iizuka, Simo-Serra, Ishikawa, "Let there be Color!" (SIGGRAPH 2016), layer for layer.
All convolutions are 3x3 with batch norm and ReLU; `/2` is stride 2:

    low-level     64/2, 128, 128/2, 256, 256/2, 512     (one set of weights, both branches)
    mid-level     512, 256
    global        512/2, 512, 512/2, 512, then fully connected 1024, 512, 256 (the prior)
    classifier    from the 512 of the global network: 256, number of classes
    fusion        prior tiled over the mid-level map, concatenated, convolved to 256
    colorization  128, up x2, 64, 64, up x2, 32, then a head

With `width=1`, `global_size=224` and the regression head these are 43.2 M parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.errors import RecipeError
from colornet.train.networks import Encoded
from colornet.train.networks.layers import conv_block, fc_block

PRIOR_CHANNELS = 256


class LowLevel(nn.Sequential):
    """Lightness (B,1,H,W) -> edges and textures (B,512,H/8,W/8)."""

    def __init__(self, width: float) -> None:
        plan = [(64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1)]
        super().__init__(*_stack(1, plan, width))


class MidLevel(nn.Sequential):
    """(B,512,H/8,W/8) -> local features (B,256,H/8,W/8)."""

    def __init__(self, width: float) -> None:
        super().__init__(*_stack(narrowed(512, width), [(512, 1), (256, 1)], width))


class GlobalFeatures(nn.Module):
    """Low-level features of the fixed-size copy -> prior (B,256) and the 512 before it."""

    def __init__(self, width: float, global_size: int) -> None:
        super().__init__()
        plan = [(512, 2), (512, 1), (512, 2), (512, 1)]
        channels = narrowed(512, width)
        self.convolutions = nn.Sequential(*_stack(channels, plan, width))
        side = global_size // 32
        self.shared = nn.Sequential(
            fc_block(channels * side * side, narrowed(1024, width)),
            fc_block(narrowed(1024, width), channels),
        )
        self.prior = fc_block(channels, PRIOR_CHANNELS)

    def forward(self, low: Tensor) -> tuple[Tensor, Tensor]:
        shared = self.shared(self.convolutions(low).flatten(1))  # (B,512)
        return self.prior(shared), shared


class Colorization(nn.Sequential):
    """Fused features (B,256,H/8,W/8) -> trunk (B,32,H/2,W/2), which a head turns into color."""

    def __init__(self, width: float) -> None:
        c128, c64, c32 = (narrowed(c, width) for c in (128, 64, 32))
        super().__init__(
            conv_block(narrowed(256, width), c128),
            nn.Upsample(scale_factor=2, mode="nearest"),
            conv_block(c128, c64),
            conv_block(c64, c64),
            nn.Upsample(scale_factor=2, mode="nearest"),
            conv_block(c64, c32),
        )


class Iizuka(nn.Module):
    """The founding network.

    Args:
        classes: scene classes for the joint classifier; fewer than 2 leave it out.
        width: factor on the channels of every layer but the prior, up to 4; 1 is the published
            network. No layer has fewer than 32 channels.
        global_features: false gives the baseline: no global branch, and a fusion layer that
            convolves the mid-level map alone.
        global_size: side of the copy that the global branch reads, in pixels; a multiple of 32, up
            to 1024. 224 in the publication. It is fixed because fully connected layers follow.
    """

    stride = 2
    multiple = 8
    feature_maps = 1

    def __init__(
        self,
        classes: int = 0,
        *,
        width: float = 1.0,
        global_features: bool = True,
        global_size: int = 224,
    ) -> None:
        super().__init__()
        if not 0 < width <= 4:
            raise RecipeError(
                "network iizuka", f"width is {width}", "use a number above 0, up to 4"
            )
        if not 32 <= global_size <= 1024 or global_size % 32:
            reason, remedy = f"global_size is {global_size}", "use a multiple of 32, up to 1024"
            raise RecipeError("network iizuka", reason, remedy)
        local = narrowed(256, width)
        self.global_size = global_size
        self.low_level = LowLevel(width)
        self.mid_level = MidLevel(width)
        self.global_features = GlobalFeatures(width, global_size) if global_features else None
        self.prior_channels = PRIOR_CHANNELS if global_features else 0
        self.classifier = (
            nn.Sequential(
                fc_block(narrowed(512, width), narrowed(256, width)),
                nn.Linear(narrowed(256, width), classes),
            )
            if global_features and classes > 1
            else None
        )
        self.fusion = conv_block(local + self.prior_channels, local)
        self.colorization = Colorization(width)
        self.trunk_channels = narrowed(32, width)

    def encode(self, lightness: Tensor) -> Encoded:
        """Local features and the global prior of one photograph.

        Args:
            lightness: (B,1,H,W), 0..100; H and W any multiples of 8.
        """
        scaled = lightness / 50 - 1
        low = self.low_level(scaled)  # (B,512,H/8,W/8)
        local = self.mid_level(low)  # (B,256,H/8,W/8)
        if self.global_features is None:
            return Encoded([local], None, None)
        size = (self.global_size, self.global_size)
        if scaled.shape[-2:] != size:  # at that very size the copy is the picture itself
            copy = F.interpolate(scaled, size, mode="bilinear", antialias=True)
            low = self.low_level(copy)
        prior, shared = self.global_features(low)
        logits = None if self.classifier is None else self.classifier(shared)
        return Encoded([local], prior, logits)

    def decode(self, features: list[Tensor], prior: Tensor | None) -> Tensor:
        """Fuse the prior with the local features, and colorize.

        Returns:
            The trunk, (B,32,H/2,W/2). A head and a last up x2 complete the published table.
        """
        (local,) = features
        if prior is not None:
            tiled = prior[:, :, None, None].expand(-1, -1, *local.shape[-2:])
            local = torch.cat([local, tiled], dim=1)  # (B,512,H/8,W/8)
        return self.colorization(self.fusion(local))

    def predict_affinity(self, features: list[Tensor], trunk: Tensor) -> None:
        """None: it does not learn how hints spread."""

    @staticmethod
    def layer_options(weights: Mapping[str, Tensor]) -> dict[str, Any]:
        """None: recipes for this network name its width."""
        return {}


def narrowed(channels: int, width: float) -> int:
    """The channels of a layer at this width, never fewer than 32."""
    return max(32, round(channels * width))


def _stack(channels: int, plan: list[tuple[int, int]], width: float) -> list[nn.Module]:
    """Blocks for a plan of (output channels at width 1, stride)."""
    blocks: list[nn.Module] = []
    for channels_out, stride in plan:
        blocks.append(conv_block(channels, narrowed(channels_out, width), stride))
        channels = narrowed(channels_out, width)
    return blocks
