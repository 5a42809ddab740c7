"""The propagation of hints to all locations.

The model's own colors are the mean of a Gaussian process, and hints are observations of it. The
result is its posterior mean (kriging): the hint's color at the hint, and the model's own color far
from any hint. The covariance of two cells is the sum of

    s s' exp(-|e - e'|^2 - |k - k'|^2 / 2)    for parts of one segment
    t t' exp(-|f - f'|)                       for mistakes that the model may make in both
    SHIFT^2 + STRETCH^2 ab ab'                for a color cast, and colors too strong or too weak

The model gives the amplitudes s, t and the embeddings e, f of each cell. k is the cell's
appearance: its lightness and the model's surest color there, in units of APPEARANCE.

A hint far from the model's color is an edit. It changes its own segment, and tells little about the
latter two terms. These are estimated first, with more noise for edits, and the rest is attributed
to the segment. An edit applies to all of its segment and to nothing else, so its weights are moved
toward 1 or 0. The user can change where a segment ends: the reach of a hint is a factor on the
distances |e - e'| at which its weight fades. Half of the differences of the model's own colors
within a segment count as mistakes, and are removed where hints reach (HOMOGENIZE).

A stroke is one observation of the mean color of its cells (block kriging), however many they are.
`colornet.guidance.strokes` estimates its segment. A stroke always applies to all of its segment.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colornet.guidance.strokes import membership, nearness, statements

NOISE = 1e-3
"""Variance of an observation; that of the process is about 1. Without it, hints in similar cells
would make the system singular."""
SHIFT, STRETCH = 0.3, 0.03
"""Standard deviations of the color cast, and of the relative error of the colors' chroma."""
APPEARANCE = np.array([30, 14, 14], np.float32)
"""Standard deviations of L, a, b within a segment, in Lab units. With smaller ones, hints stop at
weaker edges."""
EDIT = 20.0
"""Lab units. A hint at this distance from the model's color is half an edit: its noise, as an
observation of other segments, equals the variance of the process. With a larger value, hints
correct more of the picture, and spill more."""
HOMOGENIZE = 0.5
"""Share, 0..1, of the differences of the model's colors within a segment that hints remove."""
SHARPNESS, DOUBT = 3, 3.0
"""Power and divisor of the odds that a cell belongs to a segment, for the weight of an edit. A
higher power makes the weight more binary; a higher divisor leaves more cells out."""
LEAST_REACH = 0.1
"""Smallest reach in the factor on distances; a hint with less does not spread."""
MOST = 512
"""Most hints, and most cells that represent them; more are sampled evenly. The cost is cubic."""
SAMPLED = 64
"""Most cells that represent a stroke; more are sampled evenly."""
CLAIM = 4
"""Power of the memberships by which cells are divided among hints, if one of them is a stroke."""
TINY = 1e-6


class _Hints(NamedTuple):
    """G hints of one location each or, for strokes, of several.

    Attributes:
        at: (M,), locations that represent the hints, grouped by hint.
        first: (G,), the index of each hint's first location in `at`.
        residual: (2, G), mean difference of the hint's color and the model's, in Lab units.
        kept: (G,), see `spread`.
        reach: (G,), see `spread`.
        locations: all locations of each hint.
    """

    at: NDArray[np.int64]
    first: NDArray[np.int64]
    residual: NDArray[np.float32]
    kept: NDArray[np.bool_]
    reach: NDArray[np.float32]
    locations: list[NDArray[np.int64]]

    def means(self, values: NDArray[np.float32], axis: int = -1) -> NDArray[np.float32]:
        """The means of values over each hint's part of an axis (M,)."""
        sizes = np.diff(self.first, append=len(self.at)).astype(np.float32)
        sums: NDArray[np.float32] = np.add.reduceat(values, self.first, axis=axis)
        return sums / (sizes if axis == -1 else sizes[:, np.newaxis])


def spread(
    ab: NDArray[np.float32],
    affinity: NDArray[np.float32],
    appearance: NDArray[np.float32],
    cells: NDArray[np.int64],
    hint_ab: NDArray[np.float32],
    kept: NDArray[np.bool_] | None = None,
    reach: NDArray[np.float32] | None = None,
    hint: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Spread hints to all locations; colors that no hint reaches stay as they are.

    Args:
        ab: (2, h, w), the model's own colors in Lab units.
        affinity: (2 + 2 D, h, w): s, e, t, f.
        appearance: (3, h, w), lightness and the model's surest ab, in Lab units.
        cells: (N, 2), row and column of each cell under a hint.
        hint_ab: (N, 2), the hints' colors in Lab units.
        kept: (N,), which cells only protect colors from other hints; None: none.
        reach: (N,), factors on how far the hints reach; None: 1. With less, a smaller difference
            makes a hint an edit.
        hint: (N,), the index of each cell's hint, a stroke if it has several cells; None: each
            cell has its own.

    Returns:
        (2, h, w), in Lab units.
    """
    if not len(cells):
        return ab
    at = cells[:, 0] * ab.shape[2] + cells[:, 1]  # (N,) of the P = h w locations
    own = ab.reshape(2, -1)
    kept = np.zeros(len(at), bool) if kept is None else kept
    reach = np.ones(len(at), np.float32) if reach is None else reach
    hint = np.arange(len(at)) if hint is None else hint
    segment, alike = np.split(affinity.reshape(len(affinity), -1), 2)  # (1 + D, P) each
    segment = np.concatenate(
        [segment, appearance.reshape(3, -1) / (2**0.5 * APPEARANCE[:, np.newaxis])]
    )
    hints = _hints(segment[1:], at, hint_ab.T, hint_ab.T - own[:, at], kept, reach, hint)
    guided = _guided(own, segment, alike, hints, ab.shape[1:])
    stroked = np.isin(
        at, np.concatenate([[], *(each for each in hints.locations if len(each) > 1)])
    )
    guided[:, at[stroked]] = hint_ab[stroked].T
    return guided.reshape(ab.shape)


def _hints(
    segment: NDArray[np.float32],
    at: NDArray[np.int64],
    asked: NDArray[np.float32],
    residual: NDArray[np.float32],
    kept: NDArray[np.bool_],
    reach: NDArray[np.float32],
    hint: NDArray[np.int64],
) -> _Hints:
    """Group the N cells under hints, see `spread`; asked and residual are (2, N)."""
    # a hint that corrects the model's color only a little is no edit, and not grouped
    alone = np.where(np.linalg.norm(residual, axis=0) < EDIT / 2, hint, -1)
    each = statements(segment, at, hint, np.stack([*asked, kept, reach, alone]), MOST)
    most = min(SAMPLED, MOST // len(each))
    speaking = [k[np.linspace(0, len(k) - 1, min(len(k), most)).round().astype(int)] for k in each]
    first = np.array([k[0] for k in each])
    return _Hints(
        at=at[np.concatenate(speaking)],
        first=np.cumsum([0, *(len(k) for k in speaking[:-1])]),
        residual=np.stack([residual[:, k].mean(axis=1) for k in each], axis=1),
        kept=kept[first],
        reach=reach[first],
        locations=[np.unique(at[k]) for k in each],
    )


def _guided(
    own: NDArray[np.float32],
    segment: NDArray[np.float32],
    alike: NDArray[np.float32],
    hints: _Hints,
    shape: tuple[int, ...],
) -> NDArray[np.float32]:
    """The resulting colors (2, P); under strokes, only approximately the hint's."""
    at = hints.at
    near = hints.means(_covariance(segment, at, 2))  # (P, G)
    wide = hints.means(_covariance(alike, at, 1))
    limit = EDIT * hints.reach.clip(LEAST_REACH, 1)
    strength = (np.linalg.norm(hints.residual, axis=0) / limit) ** 4
    strokes = np.array([len(locations) > 1 for locations in hints.locations])
    weights = _weights(near, segment[1:], hints, shape, strength / (1 + strength))
    homogenizing = weights * ~hints.kept
    whole = homogenizing.sum(axis=1)
    guided = []
    for colors, missing in zip(own, hints.residual, strict=True):
        hinted = hints.means(colors[at])
        common = wide + SHIFT**2 + np.outer(colors, STRETCH**2 * hinted)
        among = hints.means((near + common)[at], axis=0)
        cast = SHIFT**2 + (STRETCH * hinted) ** 2
        noise = strength * (hints.means(segment[0, at] ** 2 + alike[0, at] ** 2) + strokes * cast)
        coefficients = np.linalg.solve(_noisy(among + np.diag(noise)), missing)
        change = common @ coefficients.astype(np.float32)
        change += weights @ (missing - hints.means(change[at]))
        change = change.clip(min(0, missing.min()), max(0, missing.max()))
        homogenized = homogenizing @ hinted - whole * colors
        least, most = hinted.min() - colors, hinted.max() - colors
        guided.append(
            colors + change + HOMOGENIZE * homogenized.clip(least.clip(max=0), most.clip(min=0))
        )
    return np.stack(guided).astype(np.float32)


def _weights(
    near: NDArray[np.float32],
    segment: NDArray[np.float32],
    hints: _Hints,
    shape: tuple[int, ...],
    edits: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The weights (P, G) of hints at all locations; 1 for each hint at its own.

    Args:
        near: (P, G), covariances within segments.
        segment: (D, P), embeddings of all locations.
        hints: G of them.
        shape: h and w.
        edits: (G,), the degree, 0..1, to which each hint is an edit.
    """
    mean = near @ np.linalg.inv(_noisy(hints.means(near[hints.at], axis=0))).astype(np.float32)
    positive, close = mean.clip(min=0), np.ones_like(mean)
    strokes = np.array([len(locations) > 1 for locations in hints.locations])
    for k, (locations, reach) in enumerate(zip(hints.locations, hints.reach, strict=True)):
        if strokes[k]:
            positive[:, k] = membership(segment, locations)
        if reach < 1:
            close[:, k] = nearness(locations, shape, float(reach))
    claims = positive**CLAIM if strokes.any() else positive
    whose = claims / claims.sum(axis=1, keepdims=True).clip(min=TINY)
    belonging = np.where(strokes, whose * positive, positive)
    edits = np.where(strokes, 1, edits)
    whole = belonging.sum(axis=1, keepdims=True).clip(min=TINY)
    exponent = 1 / hints.reach.clip(min=LEAST_REACH) ** 2 - 1
    fading = whole.clip(max=1) ** (whose @ exponent)[:, np.newaxis]
    part = (whole * fading).clip(max=1)
    odds = part**SHARPNESS, DOUBT * (1 - part) ** SHARPNESS
    sharp = whose * (odds[0] / (odds[0] + odds[1]))
    mean *= np.where(mean > 0, fading, fading.clip(max=1))
    weights: NDArray[np.float32] = close * ((1 - edits) * mean + edits * sharp)
    return weights


def _noisy(among: NDArray[np.floating]) -> NDArray[np.float64]:
    """Covariances (N, N) of hints, with the noise of observations."""
    return among.astype(np.float64) + NOISE * np.eye(len(among))


def _covariance(
    map_: NDArray[np.float32], at: NDArray[np.int64], power: int
) -> NDArray[np.float32]:
    """Covariances (P, N) of all locations of a map (1 + D, P) with those at (N,)."""
    s, e = map_[0], map_[1:]
    squared = (e**2).sum(0)[:, None] + (e[:, at] ** 2).sum(0) - 2 * (e.T @ e[:, at])
    result: NDArray[np.float32] = np.exp(-(np.maximum(squared, 0) ** (power / 2)))
    result *= s[:, None]
    result *= s[at]
    return result
