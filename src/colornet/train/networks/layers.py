"""Layers that several networks are made of."""

from __future__ import annotations

from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor, nn

HEAD_DIM = 32
"""Channels of one attention head."""

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


def conv_block(channels_in: int, channels_out: int, stride: int = 1) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU: the building block of every stage."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


def fc_block(features_in: int, features_out: int) -> nn.Sequential:
    """Fully connected layer, batch norm, ReLU."""
    return nn.Sequential(
        nn.Linear(features_in, features_out, bias=False),
        nn.BatchNorm1d(features_out),
        nn.ReLU(inplace=True),
    )


def zero_init(layer: Layer) -> Layer:
    """The layer with weights of 0, so that what it is added to begins unchanged."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def upsample(x: Tensor) -> Tensor:
    """Twice the size, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")


class TransformerBlock(nn.Module):
    """Attention and an MLP over all locations of a map (B,C,h,w) of any size; initially identity.

    Positions come from a depthwise convolution (Chu et al., "Conditional Positional Encodings for
    Vision Transformers", 2021), so the map may have any size.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // HEAD_DIM
        self.cpe = zero_init(nn.Conv2d(channels, channels, 3, 1, 1, groups=channels))
        self.norm1 = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = zero_init(nn.Linear(channels, channels))
        self.norm2 = nn.LayerNorm(channels)
        self.fc1 = nn.Linear(channels, 2 * channels)
        self.fc2 = zero_init(nn.Linear(2 * channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,h,w) -> (B,C,h,w)."""
        height, width = x.shape[2:]
        tokens = (x + self.cpe(x)).flatten(2).transpose(1, 2)  # (B,h w,C)
        qkv = self.qkv(self.norm1(tokens)).unflatten(2, (3, self.heads, HEAD_DIM))
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # (B,heads,h w,HEAD_DIM) each
        attended = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        tokens = tokens + self.proj(attended)
        tokens = tokens + self.fc2(F.gelu(self.fc1(self.norm2(tokens))))
        return tokens.transpose(1, 2).unflatten(2, (height, width))
