"""In how many bits a run computes."""

from __future__ import annotations

import math
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

    best = dict.fromkeys((torch.bfloat16, torch.float32), math.inf)
    matrices = {dtype: torch.ones(256, 256, dtype=dtype) for dtype in best}
    for _ in range(MEASURED):  # by turns: what slows one down for a while does so to both
        for dtype, matrix in matrices.items():
            seconds = timeit.timeit(lambda matrix=matrix: torch.mm(matrix, matrix), number=1)
            best[dtype] = min(best[dtype], seconds)
    return HALF if best[torch.bfloat16] < best[torch.float32] else FULL
