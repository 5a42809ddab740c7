"""What a head is trained by, and the joint classifier of scenes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from colornet.train.losses.inputs import LossInputs


@dataclass(frozen=True)
class ColorLoss:
    """One of the head's losses, by the name that the head gives it."""

    name: str
    weight: float

    def __call__(self, batch: LossInputs) -> Tensor:
        """See the head's `losses`."""
        return batch.color_losses[self.name]


@dataclass(frozen=True)
class ClassLoss:
    """Cross-entropy of the joint classifier of scenes."""

    weight: float
    name = "class_cross_entropy"

    def __call__(self, batch: LossInputs) -> Tensor:
        """The mean over the batch."""
        assert batch.encoded.class_logits is not None
        return F.cross_entropy(batch.encoded.class_logits.float(), batch.labels)
