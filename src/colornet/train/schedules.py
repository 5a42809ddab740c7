"""Schedules of the learning rate: a factor by how much of the run is over, 0..1."""

from __future__ import annotations

import math

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
