"""The losses that training minimizes: a list, each with a weight and a name.

To add one: a file here with a class that has `name`, `weight` and `__call__`, a line in
`build_losses`, and the weight as a field of `Recipe`, with its check in `CHECKS`.
"""

from __future__ import annotations

from typing import Any

from colornet.train.config import Recipe
from colornet.train.losses.adversarial import AdversarialLoss, Discriminator, DiscriminatorLoss
from colornet.train.losses.affinity import HintLoss, SegmentLoss
from colornet.train.losses.color import ClassLoss, ColorLoss
from colornet.train.losses.distillation import (
    TeacherLoss,
    color_difference,
    encoder_difference,
)
from colornet.train.losses.inputs import Loss
from colornet.train.losses.skin import SkinLoss


def build_losses(
    recipe: Recipe, network: Any, head: Any, discriminator: Discriminator | None
) -> tuple[list[Loss], list[Loss]]:
    """The losses of each batch, and those of a share of the batches, `teacher_share`.

    Args:
        recipe: the weights.
        network, head: that are trained.
        discriminator: of the recipe, if it has one.
    """
    always: list[Loss] = []
    if not recipe.trainable.startswith("network.affinity"):  # which the colors do not train
        always += [ColorLoss(name, weight) for name, weight in head.loss_weights.items()]
    if getattr(network, "classifier", None) is not None:
        always.append(ClassLoss(recipe.alpha))
    if getattr(network, "affinity", None) is not None:
        always += [HintLoss(), SegmentLoss()]
    if discriminator is not None:
        always += [
            DiscriminatorLoss(discriminator),
            AdversarialLoss(recipe.adversarial, discriminator),
        ]
    costly: list[Loss] = [
        SkinLoss(recipe.skin),
        TeacherLoss("distillation", recipe.distillation, encoder_difference),
        TeacherLoss("feature", recipe.feature, color_difference),
    ]
    return always, [loss for loss in costly if loss.weight]
