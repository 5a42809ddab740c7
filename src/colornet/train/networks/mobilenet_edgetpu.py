"""MobileNetEdgeTPU 1.0: an ImageNet classifier whose inner maps serve as features.

"Introducing the Next Generation of On-Device Vision Models: MobileNetV3 and MobileNetEdgeTPU"
(Google, 2019), as released for MLPerf Mobile, with batch norm folded into the convolutions:

    stem    3x3 /2 -> 32, ReLU
    first   1x1 -> 16                                                    tapped: /2, 16
    blocks  0..3 -> 32 (tapped: /4), 4..7 -> 48 (tapped: /8), 8..11 -> 96,
            12..15 -> 96 (tapped: /16), 16..19 -> 160, 20 -> 192 (tapped: /32)
    last    1x1 -> 1280, ReLU, mean over the map
    cls     fully connected -> 1001 classes, of which 0 is background

A block widens its input, and ends in a 1x1 convolution with no activation. Blocks 0..7 widen with
a dense convolution, the others with a 1x1 and a depthwise one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.errors import CheckpointError
from colornet.train.weights import read_npz

CLASSES = 1001
FEATURE_CHANNELS = (16, 32, 48, 96, 192)
FEATURE_STRIDES = (2, 4, 8, 16, 32)


@dataclass(frozen=True)
class BlockShape:
    """One line of the architecture's table."""

    channels_in: int
    expanded: int
    channels_out: int
    kernel: int = 3
    stride: int = 1
    residual: bool = False
    fused: bool = False
    """Widens with a dense convolution instead of a 1x1 and a depthwise one."""
    tapped: bool = False
    """Its output is one of the feature maps."""


BLOCKS = (
    BlockShape(16, 128, 32, stride=2, fused=True),
    BlockShape(32, 128, 32, residual=True, fused=True),
    BlockShape(32, 128, 32, residual=True, fused=True),
    BlockShape(32, 128, 32, residual=True, fused=True, tapped=True),
    BlockShape(32, 256, 48, stride=2, fused=True),
    BlockShape(48, 192, 48, residual=True, fused=True),
    BlockShape(48, 192, 48, residual=True, fused=True),
    BlockShape(48, 192, 48, residual=True, fused=True, tapped=True),
    BlockShape(48, 384, 96, stride=2),
    BlockShape(96, 384, 96, residual=True),
    BlockShape(96, 384, 96, residual=True),
    BlockShape(96, 384, 96, residual=True),
    BlockShape(96, 768, 96),
    BlockShape(96, 384, 96, residual=True),
    BlockShape(96, 384, 96, residual=True),
    BlockShape(96, 384, 96, residual=True, tapped=True),
    BlockShape(96, 768, 160, kernel=5, stride=2),
    BlockShape(160, 640, 160, kernel=5, residual=True),
    BlockShape(160, 640, 160, kernel=5, residual=True),
    BlockShape(160, 640, 160, kernel=5, residual=True),
    BlockShape(160, 1280, 192, tapped=True),
)


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding: output = ceil(input / stride).

    Where the padding is odd in total, the smaller half goes first (top and left).
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, H, W) -> (B, channels_out, ceil(H / stride), ceil(W / stride))."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        padding = kernel // 2
        if stride > 1:
            height, width = (max(kernel - 1 - (n - 1) % stride, 0) for n in x.shape[-2:])
            x = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
            padding = 0  # a convolution's own is the same on all sides, and spares the copy
        if self.groups > 1 and (kernel > 3 or stride > 1) and x.device.type == "cpu":
            # These gradients are five to ten times as slow in bf16 as in fp32 on a CPU.
            with torch.autocast("cpu", enabled=False):
                return self._convolved(x.float(), padding).to(x.dtype)
        return self._convolved(x, padding)

    def _convolved(self, x: Tensor, padding: int) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, 1, self.groups)


class Block(nn.Module):
    """Widen, filter, narrow; names of the parts as in the weights file."""

    def __init__(self, shape: BlockShape) -> None:
        super().__init__()
        kernel, stride, expanded = shape.kernel, shape.stride, shape.expanded
        self.residual, self.fused = shape.residual, shape.fused
        if shape.fused:
            self.exp = SameConv2d(shape.channels_in, expanded, kernel, stride)
        else:
            self.exp = SameConv2d(shape.channels_in, expanded, 1)
            self.dw = SameConv2d(expanded, expanded, kernel, stride, groups=expanded)
        self.proj = SameConv2d(expanded, shape.channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, h, w) -> (B, channels_out, h / stride, w / stride)."""
        y = self.exp(x).relu_()  # in place: a third of the time goes into memory otherwise
        if not self.fused:
            y = self.dw(y).relu_()
        y = self.proj(y)
        return x + y if self.residual else y


class MobileNetEdgeTPU(nn.Module):
    """The network, for pictures of any size from 32 up.

    Args:
        channels: 3 for rgb01, 1 for gray (0..1, sRGB encoded).
    """

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.stem = SameConv2d(channels, 32, 3, stride=2)
        self.first = SameConv2d(32, 16, 1)
        self.blocks = nn.ModuleList(map(Block, BLOCKS))
        self.last = SameConv2d(192, 1280, 1)
        self.cls = nn.Linear(1280, CLASSES)

    @classmethod
    def from_npz(cls, path: Path, channels: int = 3) -> MobileNetEdgeTPU:
        """Load weights named as this module's parameters, for RGB.

        Args:
            path: .npz file; any float type.
            channels: 1 sums the first layer over R, G and B, as equal parts of them do.

        Raises:
            CheckpointError: the file cannot be read, or belongs to another network.
        """
        weights = read_npz(path)
        if channels == 1 and "stem.weight" in weights:
            weights["stem.weight"] = weights["stem.weight"].sum(dim=1, keepdim=True)
        network = cls(channels)
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            remedy = "name a .npz file of its weights"
            raise CheckpointError(path, "does not hold a MobileNetEdgeTPU 1.0", remedy) from error
        return network

    def freeze(self, stride: int) -> None:
        """Freeze the layers up to the map at this stride; 0 freezes none."""
        if not stride:
            return
        tapped = [i for i, shape in enumerate(BLOCKS) if shape.tapped]
        frozen = tapped[FEATURE_STRIDES.index(stride) - 1] + 1 if stride > 2 else 0
        for module in (self.stem, self.first, *self.blocks[:frozen]):
            module.requires_grad_(False)

    def features(self, x: Tensor, deepest: int = 32) -> list[Tensor]:
        """Maps at strides FEATURE_STRIDES with FEATURE_CHANNELS channels.

        Args:
            x: (B, channels, H, W), 0..1.
            deepest: stride of the last one that is asked for.
        """
        x = (x * 255 - 128) / 127
        x = self.first(self.stem(x).relu_())  # (B, 16, H/2, W/2)
        maps = [x]
        for block, shape in zip(self.blocks, BLOCKS, strict=True):
            x = block(x)
            if shape.tapped:
                maps.append(x)
            if len(maps) > FEATURE_STRIDES.index(deepest):
                break
        return maps

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W), 0..1 -> logits (B, 1001) of ImageNet's classes after background."""
        deepest = self.features(x)[-1]  # (B, 192, H/32, W/32)
        pooled = self.last(deepest).relu_().mean(dim=(2, 3))  # (B, 1280)
        logits: Tensor = self.cls(pooled)
        return logits
