"""The losses that training minimizes: a list, each with a name and a weight.

To add one: a function of `LossInputs` in a file here, a line in `build_losses`, and the weight as a
field of `Recipe`, with its check in `CHECKS`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor

from colornet.train.config import Recipe
from colornet.train.losses.adversarial import Discriminator, adversarial_losses
from colornet.train.losses.affinity import AFFINITY_LOSSES
from colornet.train.losses.distillation import color_difference, encoder_difference
from colornet.train.losses.inputs import Loss, LossInputs
from colornet.train.losses.skin import skin_loss


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
        always += [Loss(name, w, partial(_of_head, name)) for name, w in head.loss_weights.items()]
    if getattr(network, "classifier", None) is not None:
        always.append(
            Loss("class_cross_entropy", recipe.alpha, lambda batch: batch.class_cross_entropy)
        )
    if getattr(network, "affinity", None) is not None:
        always += AFFINITY_LOSSES
    if discriminator is not None:
        always += adversarial_losses(discriminator, recipe.adversarial)
    costly = [
        Loss("skin", recipe.skin, lambda b: skin_loss(b.predicted, b.lightness_of_cells, b.ab)),
        Loss("distillation", recipe.distillation, encoder_difference),
        Loss("feature", recipe.feature, color_difference),
    ]
    return always, [loss for loss in costly if loss.weight]


def _of_head(name: str, batch: LossInputs) -> Tensor:
    return batch.color_losses[name]
