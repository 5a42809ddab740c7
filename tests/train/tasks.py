"""Small tasks and their checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from colornet.train.config import Recipe
from colornet.train.task import ColorizationTask

SMALLEST = Recipe(network={"name": "iizuka", "width": 0.1, "global_size": 32}, size=32, workers=1)
"""The fastest there is to train."""


def make_task(network: dict[str, Any], head: str, **values: Any) -> ColorizationTask:
    """A task with random weights and, where its head has them, 49 bins."""
    torch.manual_seed(0)
    recipe = Recipe(network=network, head={"name": head}, size=64, crop=64).changed(**values)
    bins = torch.cartesian_prod(torch.arange(-3, 4), torch.arange(-3, 4)).float() * 10
    return ColorizationTask(recipe, ["cat", "dog"], bins, torch.full((49,), 1 / 49))


def weights_in(checkpoint: Path) -> dict[str, torch.Tensor]:
    """The weights of a checkpoint."""
    return torch.load(checkpoint, weights_only=True)["state_dict"]


def save(task: ColorizationTask, path: Path) -> Path:
    """As a checkpoint, with what is needed to build the task again."""
    content = {
        "state_dict": task.state_dict(),
        "recipe": task.recipe.to_dict(),
        "classes": task.classes,
    }
    torch.save(content, path)
    return path
