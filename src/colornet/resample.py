"""Resampling of maps (C, h, w) to grids of any other size."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def resample(maps: Floats, height: int, width: int) -> Floats:
    """Resample (..., h, w) to (..., height, width): bilinear, with a wider kernel to shrink."""
    return _mixed(maps, _lines(height, maps.shape[-2]), _lines(width, maps.shape[-1]))


def averaged(plane: Floats, height: int, width: int) -> Floats:
    """Resample (h, w) to (height, width): the mean over each new cell's area."""
    return _mixed(plane, _areas(height, plane.shape[0]), _areas(width, plane.shape[1]))


def linear(points: Floats, side: int) -> Floats:
    """Weights (N, side) of a line's cells in bilinear interpolation at points (N,), 0..1."""
    position = (points[:, np.newaxis] * side - 0.5).clip(0, side - 1)
    return np.maximum(1 - np.abs(position - np.arange(side)), 0).astype(np.float32)


def cubic(points: Floats, side: int) -> Floats:
    """Weights as of `linear`, in cubic interpolation; some are negative.

    The curve is that of Catmull and Rom (1974); beyond both ends, the last cells are repeated.
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
"""The indices (T, to) of the old lines that make up each new one, and their weights (T, to)."""


@functools.lru_cache(maxsize=32)
def _lines(to: int, of: int) -> Mixture:
    reach = max(1.0, of / to)
    middles = (np.arange(to) + 0.5) * of / to - 0.5
    at = np.ceil(middles - reach).astype(int) + np.arange(2 * math.ceil(reach))[:, None]
    weights = np.maximum(1 - np.abs(middles - at) / reach, 0) * ((at >= 0) & (at < of))
    return at.clip(0, of - 1), (weights / weights.sum(axis=0)).astype(np.float32)


@functools.lru_cache(maxsize=32)
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
    """A sum without matrix products, after which numpy's threads would keep cores busy."""
    return functools.reduce(operator.iadd, parts).astype(np.float32, copy=False)
