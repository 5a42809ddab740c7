"""The optimizer, and schedules of its learning rate by the share of the run that is over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from colornet.errors import RecipeError
from colornet.train.config import Recipe

WARMUP, COOLDOWN = 0.05, 0.2
"""Shares of a run in which the learning rate rises at its beginning, and falls at its end."""


def cosine(progress: float) -> float:
    """Factor on the learning rate: a linear rise over WARMUP of the run, then a cosine to 0."""
    if progress < WARMUP:
        return progress / WARMUP
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - WARMUP) / (1 - WARMUP))))


def cooldown(progress: float) -> float:
    """Factor on the learning rate: a linear rise over WARMUP, 1, a linear fall over COOLDOWN to 0.

    A run can be continued from any point before the fall as if it had been planned longer.
    """
    return min(1.0, progress / WARMUP, max(0.0, (1 - progress) / COOLDOWN))


SCHEDULES = {"cosine": cosine, "cooldown": cooldown}


def build_optimizer(
    recipe: Recipe, named: Iterable[tuple[str, nn.Parameter]], progress: Callable[[int], float]
) -> Any:
    """Adam, with the schedule of the recipe, as Lightning takes it.

    Args:
        recipe: rates, weight decay and schedule.
        named: parameters by name; those without a gradient are left out.
        progress: the share of the run that is over before a step, 0..1.

    Raises:
        RecipeError: none has a gradient, as no name begins like the recipe's `trainable`.
    """
    named = list(named)
    trained = [(name, p) for name, p in named if p.requires_grad]
    if not trained:
        layers = sorted({".".join(name.split(".")[:2]) for name, _ in named})
        reason = f"is {recipe.trainable!r}, and no weight that can be trained begins like this"
        raise RecipeError("trainable", reason, f"use one of {', '.join(layers)}")
    encoder = [p for name, p in trained if name.startswith("network.encoder.")]
    others = [p for name, p in trained if not name.startswith("network.encoder.")]
    groups: list[dict[str, Any]] = [{"params": others}]
    if encoder:
        groups.append({"params": encoder, "lr": recipe.lr * recipe.encoder_lr_scale})
    optimizer = torch.optim.AdamW(
        groups, lr=recipe.lr, weight_decay=recipe.weight_decay, fused=True
    )
    if recipe.schedule == "constant":
        return optimizer
    factor = SCHEDULES[recipe.schedule]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: factor(progress(step)))
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
