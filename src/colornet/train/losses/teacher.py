"""The frozen ImageNet network whose view of the true colors two losses compare with."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU


class Teacher:
    """The network that the encoder started from, for pictures in color. It is never trained.

    Args:
        weights: .npz of MobileNetEdgeTPU weights, read when they are needed.
    """

    def __init__(self, weights: Path) -> None:
        self.weights = weights

    @cached_property
    def network(self) -> MobileNetEdgeTPU:
        """The network in evaluation mode, without gradients."""
        return MobileNetEdgeTPU.from_npz(self.weights).eval().requires_grad_(False)

    def maps(self, rgb8: Tensor) -> list[Tensor]:
        """Its maps of (B,3,H,W) uint8 at /4, /8, /16, /32, and the last one (B,1280,h,w)."""
        self.network.to(rgb8.device)
        with torch.no_grad():
            rgb01 = (rgb8.float() / 255).contiguous(memory_format=torch.channels_last)
            _, *maps = self.network.features(rgb01)
            return [*maps, F.relu(self.network.last(maps[-1]))]

    def class_log_probabilities(self, head_features: Tensor) -> Tensor:
        """(B,1280,h,w) -> log-probabilities (B,1001) of ImageNet's classes."""
        return F.log_softmax(self.network.cls(head_features.mean(dim=(2, 3))).float(), dim=1)
