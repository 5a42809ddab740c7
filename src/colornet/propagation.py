"""Hints spread: how a few given colors change all the others.

Seen as a Gaussian process around the model's own colors, hints are observations of it, and the
colors that follow from them its posterior mean (kriging): exactly the hint where it was given, the
model's own color far from any. The covariance of two places is the sum of

    s s' exp(-|e - e'|^2 - |k - k'|^2 / 2)    for the parts of one thing, at whose edge it ends
    t t' exp(-|f - f'|)                       for what the model may have mistaken in the same way
    SHIFT^2 + STRETCH^2 ab ab'                for a cast, and colors too strong or too weak

The model says the amplitudes s, t and the embeddings e, f of each place; k is its look, that is its
lightness and surest color, in units of LOOKS. A hint far from the model's color is a wish about its
own thing, and tells little of the latter two: they are found first, with more noise for such hints,
and what they leave is the thing's. A wish is for all of its thing and for nothing else: its share
in a place is brought closer to 1 or to 0. Where a thing ends the user may know best: the reach of a
hint is a factor on the distances |e - e'| at which its share fades. Half of what the model's own
colors differ by within a thing is held for mistakes, and taken back where hints reach.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NOISE = 1e-3
"""Variance of a hint, where that of the process is about 1."""
SHIFT, STRETCH = 0.3, 0.03
"""Expected sizes of the cast, and of the change of colors for each of their Lab units."""
LOOKS = np.array([30, 14, 14], np.float32)
"""Standard deviations of L, a, b within one thing, in Lab units."""
WISH = 20.0
"""Lab units from the model's color at which a hint is half a wish, and its noise for what is not of
its thing as large as the process."""
EVEN = 0.5
"""Share of the differences of the model's own colors within a thing that hints take back."""
SHARPNESS, DOUBT = 3, 3.0
"""Power of the odds that a place is of a thing, and their divisor, which make a wish's share."""
LEAST_REACH = 0.1
"""Of less, hints reach as far as of this, which is nowhere."""
MOST = 512
"""Cells that may bear a hint; of more, evenly chosen ones count."""
TINY = 1e-6


def spread(
    ab: NDArray[np.float32],
    affinity: NDArray[np.float32],
    looks: NDArray[np.float32],
    cells: NDArray[np.int64],
    hint_ab: NDArray[np.float32],
    kept: NDArray[np.bool_] | None = None,
    reach: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """The colors that follow from hints; what no hint reaches stays as it was.

    Args:
        ab: (2, h, w), the model's own colors in Lab units.
        affinity: (2 + 2 D, h, w): s, e, t, f.
        looks: (3, h, w), lightness and the model's surest ab, in Lab units.
        cells: (N, 2), row and column of each hint.
        hint_ab: (N, 2), their colors in Lab units.
        kept: (N,), which of them only hold others back, and even nothing; None: none.
        reach: (N,), factors on how far they reach; None: 1. With less, a hint is sooner a wish.

    Returns:
        (2, h, w), in Lab units.
    """
    if not len(cells):
        return ab
    if len(cells) > MOST:
        chosen = np.linspace(0, len(cells) - 1, MOST).round().astype(int)
        cells, hint_ab = cells[chosen], hint_ab[chosen]
        kept = None if kept is None else kept[chosen]
        reach = None if reach is None else reach[chosen]
    at = cells[:, 0] * ab.shape[2] + cells[:, 1]  # (N,) of the P = h w places
    own = ab.reshape(2, -1)
    residual = hint_ab.T - own[:, at]  # (2, N)
    thing, alike = np.split(affinity.reshape(len(affinity), -1), 2)  # (1 + D, P) each
    thing = np.concatenate([thing, looks.reshape(3, -1) / (2**0.5 * LOOKS[:, np.newaxis])])
    near, wide = _covariance(thing, at, 2), _covariance(alike, at, 1)  # (P, N) each
    reach = np.ones(len(at), np.float32) if reach is None else reach.clip(min=LEAST_REACH)
    strength = (np.linalg.norm(residual, axis=0) / (WISH * reach.clip(max=1))) ** 4
    noise = np.diag(strength * (near[at] + wide[at]).diagonal())
    shares = _shares(near, at, strength / (1 + strength), reach)
    evening = shares if kept is None else shares * ~kept
    whole = evening.sum(axis=1)
    guided = []
    for colors, missing in zip(own, residual, strict=True):
        common = wide + SHIFT**2 + np.outer(colors, STRETCH**2 * colors[at])
        weights = np.linalg.solve(_noisy(near[at] + common[at] + noise), missing)
        change = common @ weights.astype(np.float32)
        change += shares @ (missing - change[at])
        change = change.clip(min(0, missing.min()), max(0, missing.max()))
        even = evening @ colors[at] - whole * colors
        least, most = colors[at].min() - colors, colors[at].max() - colors
        guided.append(colors + change + EVEN * even.clip(least.clip(max=0), most.clip(min=0)))
    return np.stack(guided).astype(np.float32).reshape(ab.shape)


def _shares(
    near: NDArray[np.float32],
    at: NDArray[np.int64],
    wishes: NDArray[np.float32],
    reach: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The shares (P, N) of hints in all places: of each its own where it was given.

    Args:
        near: (P, N), covariances within things.
        at: (N,), places of the hints.
        wishes: (N,), how far each is a wish, 0..1.
        reach: (N,), factors on how far each reaches.
    """
    mean = near @ np.linalg.inv(_noisy(near[at])).astype(np.float32)
    positive = mean.clip(min=0)
    whole = positive.sum(axis=1, keepdims=True).clip(min=TINY)
    whose = positive / whole
    fading = whole.clip(max=1) ** (whose @ (1 / reach**2 - 1))[:, np.newaxis]
    part = (whole * fading).clip(max=1)
    odds = part**SHARPNESS, DOUBT * (1 - part) ** SHARPNESS
    sharp = whose * (odds[0] / (odds[0] + odds[1]))
    mean *= np.where(mean > 0, fading, fading.clip(max=1))
    return (1 - wishes) * mean + wishes * sharp


def _noisy(among: NDArray[np.floating]) -> NDArray[np.float64]:
    """Covariances (N, N) of hints, as they are observed."""
    return among.astype(np.float64) + NOISE * np.eye(len(among))


def _covariance(
    map_: NDArray[np.float32], at: NDArray[np.int64], power: int
) -> NDArray[np.float32]:
    """(P, N) of all places of a map (1 + D, P), amplitude and embedding, and some of them (N,)."""
    s, e = map_[0], map_[1:]
    squared = (e**2).sum(0)[:, None] + (e[:, at] ** 2).sum(0) - 2 * (e.T @ e[:, at])
    result: NDArray[np.float32] = np.exp(-(np.maximum(squared, 0) ** (power / 2)))
    result *= s[:, None]
    result *= s[at]
    return result
