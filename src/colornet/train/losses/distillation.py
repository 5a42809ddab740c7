"""Losses by a teacher: distillation into the encoder, and a feature loss of the colors."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.train.lab import join_lab
from colornet.train.losses.inputs import LossInputs
from colornet.train.losses.teacher import Teacher

CLASS_WEIGHT = 0.3
"""Weight of the divergence of the classes in the distillation, beside the maps' differences."""
FEATURE_MAPS = 3
"""Number of the teacher's maps that the feature loss compares: at /4, /8 and /16."""


def encoder_difference(batch: LossInputs) -> Tensor:
    """That of the encoder's maps of gray pictures from the teacher's of true ones."""
    assert batch.teacher is not None
    features = batch.encoded.features
    head_features = batch.network.head_features(features[-1])
    return distillation_loss(batch.teacher, features, head_features, batch.teacher_maps)


def color_difference(batch: LossInputs) -> Tensor:
    """That of the teacher's maps of the predicted colors from those of the true ones."""
    assert batch.teacher is not None
    return feature_loss(batch.teacher, batch.lightness, batch.predicted, batch.teacher_maps)


def distillation_loss(
    teacher: Teacher, features: list[Tensor], head_features: Tensor, true: list[Tensor]
) -> Tensor:
    """The maps' mean squared differences, as a share of variance, and the classes' divergence.

    The encoder was trained on color, and learns to see the same without it. The target has many
    numbers for each location, which limits overfitting.

    Args:
        teacher: the teacher, whose classes are compared.
        features: maps at /4, /8, /16 and /32, of the gray picture.
        head_features: (B,1280,h,w), the encoder's last map, from which classes are predicted.
        true: the teacher's maps of the picture in color, see `Teacher.maps`.
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
        teacher: the teacher.
        lightness: (B,1,H,W), 0..100.
        ab: (B,2,h,w), predicted, in Lab units.
        true: the teacher's maps of the true picture, see `Teacher.maps`.
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
