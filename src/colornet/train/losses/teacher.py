"""What a frozen ImageNet network sees in colors: a teacher of the encoder, and a feature loss."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.train.lab import join_lab
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU

if TYPE_CHECKING:
    from colornet.train.losses.inputs import LossInputs

CLASS_WEIGHT = 0.3
"""Weight of the divergence of the classes in the distillation, beside the maps' differences."""
FEATURE_MAPS = 3
"""Number of the teacher's maps that the feature loss compares: at /4, /8 and /16."""


class Teacher:
    """The network that the encoder began as, for pictures in color; it is never trained.

    Args:
        weights: .npz of MobileNetEdgeTPU weights, read when first needed.
    """

    def __init__(self, weights: Path) -> None:
        self.weights = weights

    @cached_property
    def network(self) -> MobileNetEdgeTPU:
        """The network in evaluation mode, without gradients."""
        return MobileNetEdgeTPU.from_npz(self.weights).eval().requires_grad_(False)

    def maps(self, rgb8: Tensor) -> list[Tensor]:
        """What it sees in (B,3,H,W) uint8: maps at /4, /8, /16, /32, and the last (B,1280,h,w)."""
        self.network.to(rgb8.device)
        with torch.no_grad():
            rgb01 = (rgb8.float() / 255).contiguous(memory_format=torch.channels_last)
            _, *maps = self.network.features(rgb01)
            return [*maps, F.relu(self.network.last(maps[-1]))]

    def class_log_probabilities(self, head_features: Tensor) -> Tensor:
        """(B,1280,h,w) -> log-probabilities (B,1001) of ImageNet's classes."""
        return F.log_softmax(self.network.cls(head_features.mean(dim=(2, 3))).float(), dim=1)


@dataclass(frozen=True)
class DistillationLoss:
    """How differently the encoder sees the gray picture and the teacher the one in color."""

    weight: float
    name = "distillation"

    def __call__(self, batch: LossInputs) -> Tensor:
        """See `distillation_loss`."""
        assert batch.teacher is not None
        features = batch.encoded.features
        head_features = batch.network.head_features(features[-1])
        return distillation_loss(batch.teacher, features, head_features, batch.teacher_maps)


@dataclass(frozen=True)
class FeatureLoss:
    """How differently the teacher sees the predicted colors and the true ones."""

    weight: float
    name = "feature"

    def __call__(self, batch: LossInputs) -> Tensor:
        """See `feature_loss`."""
        assert batch.teacher is not None
        return feature_loss(batch.teacher, batch.lightness, batch.predicted, batch.teacher_maps)


def distillation_loss(
    teacher: Teacher, features: list[Tensor], head_features: Tensor, true: list[Tensor]
) -> Tensor:
    """The maps' mean squared differences, as a share of variance, and the classes' divergence.

    The encoder was made for color. By this it learns to see as much without, and what to see is
    told for every place in many numbers, so that it hardly learns the pictures by heart.

    Args:
        teacher: whose classes are compared.
        features: maps at /4, /8, /16 and /32, of the gray picture.
        head_features: (B,1280,h,w), the encoder's last map, which classes are told by.
        true: what the teacher sees in the picture in color; see `Teacher.maps`.
    """
    terms = [
        F.mse_loss(x.float(), y.float()) / y.float().var()
        for x, y in zip([*features, head_features], true, strict=True)
        if x.requires_grad
    ]
    classes = teacher.class_log_probabilities(head_features)
    true_classes = teacher.class_log_probabilities(true[-1])
    divergence = F.kl_div(classes, true_classes, reduction="batchmean", log_target=True)
    return torch.stack([*terms, CLASS_WEIGHT * divergence]).sum()


def feature_loss(teacher: Teacher, lightness: Tensor, ab: Tensor, true: list[Tensor]) -> Tensor:
    """Mean difference of the teacher's maps, as a share of their mean size.

    Args:
        teacher: that looks at both.
        lightness: (B,1,H,W), 0..100.
        ab: (B,2,h,w), predicted, in Lab units.
        true: what the teacher sees in the true picture; see `Teacher.maps`.
    """
    network = teacher.network.to(ab.device)
    with torch.autocast(ab.device.type, enabled=False):
        color = F.interpolate(ab, size=lightness.shape[2:], mode="bilinear")
        rgb01 = join_lab(lightness, color).contiguous(memory_format=torch.channels_last)
    maps = network.features(rgb01, deepest=16)[1:]
    terms = [
        F.l1_loss(x.float(), y.float()) / y.float().abs().mean()
        for x, y in zip(maps, true[:FEATURE_MAPS], strict=True)
    ]
    return torch.stack(terms).mean()
