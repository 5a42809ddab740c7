"""The moving average of the weights, which is what a run keeps."""

from __future__ import annotations

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor

STEPS_ON_GPU = 8
"""Steps from one average to the next on a GPU, which has to be waited for each time."""


class Averaging(WeightAveraging):
    """An exponential moving average whose decay rises to its value, to forget the first weights.

    Args:
        decay: in each step.
    """

    def __init__(self, decay: float) -> None:
        self.every = STEPS_ON_GPU if torch.cuda.is_available() else 1
        self.decay = decay**self.every
        super().__init__(multi_avg_fn=self._average)

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """Whether this step is averaged."""
        return step_idx is not None and step_idx % self.every == 0

    def _average(self, kept: list[Tensor], new: list[Tensor], count: Tensor | int) -> None:
        if not kept[0].is_floating_point():
            torch._foreach_copy_(kept, new)
            return
        decay = min(self.decay, (1 + float(count)) / (10 + float(count)))
        torch._foreach_lerp_(kept, new, 1 - decay)
