"""In how many bits a run computes."""

from __future__ import annotations

import timeit

import torch

from colornet.train.config import Recipe
from colornet.train.processes import Processes

FULL, HALF = "32-true", "bf16-mixed"
"""Lightning's names for plain float32, and for bfloat16 where that is precise enough."""
MEASURED = 50
"""Tries of which the fastest counts: of a few, other programs may have slowed down each."""


def with_precision(recipe: Recipe, processes: Processes) -> Recipe:
    """Replace `auto` by what is faster in the first process; all have to compute alike."""
    if recipe.precision != "auto":
        return recipe
    is_half = processes.as_first(processes.first and fastest_precision() == HALF)
    return recipe.changed(precision=HALF if is_half else FULL)


def fastest_precision() -> str:
    """`bf16-mixed` where it is faster than `32-true`; on many CPUs it is slower by a multiple."""
    if torch.cuda.is_available():
        return HALF if torch.cuda.is_bf16_supported(including_emulation=False) else FULL
    if torch.backends.mps.is_available():
        return FULL

    def seconds(matrix: torch.Tensor) -> float:
        return timeit.timeit(lambda: torch.mm(matrix, matrix), number=1)

    matrices = [torch.ones(256, 256, dtype=dtype) for dtype in (torch.bfloat16, torch.float32)]
    # by turns: what slows one down for a while does so to both
    half, full = zip(*([*map(seconds, matrices)] for _ in range(MEASURED)), strict=True)
    return HALF if min(half) < min(full) else FULL
