"""Weights as inference wants them: batch norm folded, large ones rounded to fp16."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from colornet.train.task import ColorizationTask
from colornet.train.weights import SMALL


def as_stored(task: ColorizationTask) -> ColorizationTask:
    """A copy with batch norm folded, and weights rounded to fp16 where the graphs store that."""
    task = fold_batch_norm(task)
    for weights in task.parameters():
        if weights.numel() >= SMALL:
            weights.data = weights.data.half().float()
    return task


def fold_batch_norm(task: ColorizationTask) -> ColorizationTask:
    """A copy whose convolutions and linear layers have absorbed the batch norm behind them."""
    task = copy.deepcopy(task).float().eval()
    for layer, norm in before_batch_norm(task):
        first, second = task.get_submodule(layer), task.get_submodule(norm)
        fuse: Any = fuse_conv_bn_eval if isinstance(first, nn.Conv2d) else fuse_linear_bn_eval
        task.set_submodule(layer, fuse(first, second))
        task.set_submodule(norm, nn.Identity())
    return task


def batch_norm_factors(task: ColorizationTask) -> dict[str, Tensor]:
    """The factors (C) by which `fold_batch_norm` multiplies outputs, by the weight's name."""
    norms: dict[str, Any] = {
        layer: task.get_submodule(norm) for layer, norm in before_batch_norm(task)
    }
    return {
        f"{layer}.weight": (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
        for layer, norm in norms.items()
    }


def before_batch_norm(task: ColorizationTask) -> list[tuple[str, str]]:
    """Names of the layers that can absorb a batch norm, and of that batch norm."""
    absorbs = ((nn.Conv2d, nn.BatchNorm2d), (nn.Linear, nn.BatchNorm1d))
    return [
        (f"{parent}.{name}", f"{parent}.{next_name}")
        for parent, module in task.named_modules()
        for (name, first), (next_name, second) in pairwise(module.named_children())
        if any(isinstance(first, a) and isinstance(second, b) for a, b in absorbs)
    ]
