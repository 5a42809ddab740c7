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

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PRIOR_CHANNELS = 256


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
