"""Suggestions, uncertainty and variants, from a model's distribution over colors.

Shapes: Q bins of ab, a grid of h x w cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAME_COLOR = 8.0
"""Lab units. Standard deviation of the kernel that groups bins; with a larger one, suggestions are
fewer and further apart."""
UNSURE = 50.0
"""Lab units. The standard deviation at which the uncertainty is 1."""
DIFFERENT = 8.0
"""Lab units. Smallest mean difference of two variants."""
DIRECTIONS = 12
"""Number of directions in the ab plane in which variants are sought."""
PULLS = (0.02, 0.04, 0.06, 0.09)
"""Strengths of the pull in each direction, in nats per Lab unit."""
TEMPERATURE = 0.38
"""Temperature of the annealed mean (Zhang, Isola, Efros, ECCV 2016, section 2.3)."""


@dataclass(frozen=True)
class Suggestion:
    """A plausible color of a point, according to the model.

    Attributes:
        color: "#rrggbb", with the picture's lightness at the point.
        probability: of the color, 0..1.
    """

    color: str
    probability: float


def softmax(logits: Floats) -> Floats:
    """Probabilities of (Q, h, w)."""
    chances = np.exp(logits - logits.max(axis=0))
    result: Floats = chances / chances.sum(axis=0)
    return result


def suggest(distribution: Floats, bins: Floats, count: int) -> tuple[Floats, Floats]:
    """Find the most likely colors that differ from each other.

    Each is the bin with the most probability around it, which is then removed.

    Args:
        distribution: (Q,), at one location.
        bins: (Q, 2), in Lab units.
        count: the number of colors.

    Returns:
        Colors (count, 2) in Lab units, and their probabilities (count,), the highest first.
    """
    apart = np.linalg.norm(bins[:, None] - bins, axis=-1)
    near = np.exp(-((apart / SAME_COLOR) ** 2) / 2)  # (Q, Q)
    left = distribution
    chosen: list[int] = []
    probabilities: list[float] = []
    for _ in range(min(count, len(bins))):
        around = near @ left
        around[chosen] = -1
        best = int(around.argmax())
        chosen.append(best)
        probabilities.append(float(around[best]))
        left = left * (1 - near[best])
    return bins[chosen], np.array(probabilities, np.float32)


def find_uncertainty(distribution: Floats, bins: Floats) -> Floats:
    """The uncertainty (h, w), 0..1: the spread of the distribution (Q, h, w) of each cell."""
    mean = np.einsum("qhw,qc->chw", distribution, bins)
    square = np.einsum("qhw,q->hw", distribution, (bins**2).sum(axis=1))
    deviation = np.sqrt(np.maximum(square - (mean**2).sum(axis=0), 0))
    result: Floats = np.minimum(deviation / UNSURE, 1).astype(np.float32)
    return result


def find_variants(ab: Floats, distribution: Floats, bins: Floats, count: int) -> list[Floats]:
    """Find other plausible colors of the whole picture, the most likely first.

    The distributions p of all cells are tilted in the same direction u of the ab plane,
    p(q) exp(s u q), the smallest change (by the Kullback-Leibler divergence) that moves the mean as
    far. Certain colors hardly change; uncertain ones change together.

    Args:
        ab: (2, h, w), the model's colors.
        distribution: (Q, h, w).
        bins: (Q, 2), in Lab units.
        count: the largest number of variants.

    Returns:
        Up to `count` arrays (2, h, w), each of which differs by DIFFERENT from `ab` and the others.
    """
    p = distribution.reshape(len(bins), -1)  # (Q, P), P = h w
    pulls = _pulls() @ bins.T  # (K, Q)
    tilted = _means(p, bins, pulls)  # (K, 2, P)
    evidence = np.log(np.maximum(np.exp(pulls) @ p, 1e-30))  # (K, P)
    change = np.einsum("kc,kcp->kp", _pulls(), tilted) - evidence  # divergence, in nats
    annealed = (p / p.max(axis=0)) ** np.float32(1 / TEMPERATURE)
    usual, moved = (_means(annealed, bins, x / TEMPERATURE) for x in (pulls[:1] * 0, pulls))
    candidates = ab + (moved - usual).reshape(-1, *ab.shape)
    chosen = [ab]
    for k in change.mean(axis=1).argsort(kind="stable"):
        if len(chosen) > count:
            break
        if all(_difference(candidates[k], other) >= DIFFERENT for other in chosen):
            chosen.append(candidates[k].astype(np.float32))
    return chosen[1:]


def _pulls() -> Floats:
    """(K, 2), in nats per Lab unit."""
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return np.concatenate([pull * directions for pull in PULLS]).astype(np.float32)


def _means(weights: Floats, bins: Floats, pulls: Floats) -> Floats:
    """Mean ab (K, 2, P) of weights (Q, P) under each of the pulls (K, Q)."""
    pulled = np.exp(pulls - pulls.max(axis=1, keepdims=True))
    total = np.maximum(pulled @ weights, 1e-30)  # (K, P)
    return np.stack([(pulled * axis) @ weights / total for axis in bins.T], axis=1)


def _difference(one: Floats, other: Floats) -> float:
    return float(np.linalg.norm(one - other, axis=0).mean())
