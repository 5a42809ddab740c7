"""Maps (C, h, w) on grids of other sizes, whatever these are."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def resample(maps: Floats, height: int, width: int) -> Floats:
    """(..., h, w) -> (..., height, width): bilinear, and averaged over areas where it shrinks."""
    return _mixed(maps, _lines(height, maps.shape[-2]), _lines(width, maps.shape[-1]))


def averaged(plane: Floats, height: int, width: int) -> Floats:
    """(h, w) -> (height, width): the mean over each new cell's area."""
    return _mixed(plane, _areas(height, plane.shape[0]), _areas(width, plane.shape[1]))


def linear(points: Floats, side: int) -> Floats:
    """The weight (N, side) of each cell of a line in each of the points (N,), fractions of it."""
    position = (points[:, np.newaxis] * side - 0.5).clip(0, side - 1)
    return np.maximum(1 - np.abs(position - np.arange(side)), 0).astype(np.float32)


def cubic(points: Floats, side: int) -> Floats:
    """The same as `linear`, by a curve; some weights are less than 0.

    It is the one that Catmull and Rom describe (1974); the last cells go on beyond both ends.
    """
    position = points.astype(np.float64) * side - 0.5
    before = np.floor(position).astype(int)
    t = position - before
    four = ((2 - t) * t - 1) * t, (3 * t - 5) * t**2 + 2, ((4 - 3 * t) * t + 1) * t, (t - 1) * t**2
    weights = np.zeros((len(points), side), np.float32)
    for step, weight in enumerate(four, -1):
        weights[np.arange(len(points)), (before + step).clip(0, side - 1)] += weight / 2
    return weights


Mixture = tuple[NDArray[np.int64], Floats]
"""The old lines (T, to) that each new one consists of, and their weights (T, to)."""


def _lines(to: int, of: int) -> Mixture:
    reach = max(1.0, of / to)
    middles = (np.arange(to) + 0.5) * of / to - 0.5
    at = np.ceil(middles - reach).astype(int) + np.arange(2 * math.ceil(reach))[:, None]
    weights = np.maximum(1 - np.abs(middles - at) / reach, 0) * ((at >= 0) & (at < of))
    return at.clip(0, of - 1), (weights / weights.sum(axis=0)).astype(np.float32)


def _areas(to: int, of: int) -> Mixture:
    edges = np.arange(to + 1) * of / to
    first, last = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
    at = first + np.arange((last - first).max())[:, None]
    weights = (np.minimum(at + 1, edges[1:]) - np.maximum(at, edges[:-1])).clip(0)
    return at.clip(0, of - 1), (weights / weights.sum(axis=0)).astype(np.float32)


def _mixed(maps: Floats, rows: Mixture, columns: Mixture) -> Floats:
    maps = _sum(maps[..., at, :] * weight[:, None] for at, weight in zip(*rows, strict=True))
    return _sum(maps[..., at] * weight for at, weight in zip(*columns, strict=True))


def _sum(parts: Iterable[Floats]) -> Floats:
    """No product of matrices: numpy's threads would spin on after it, and hold the cores."""
    return functools.reduce(operator.iadd, parts).astype(np.float32, copy=False)
