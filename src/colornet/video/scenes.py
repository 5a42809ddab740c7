"""Which shots show the same picture again: films cut from one camera to another, and back.

The first frame of a shot is compared, in gray, with the last frames of earlier ones. Between them
the camera may have been moved, turned or brought nearer by a little, and what is before it may have
moved. Most places that have any contrast are to look the same, in the same light. Of photographs
that show something else, no more than a seventh do (a third, of faces of two people cut out alike).
Places that stay as they are across cuts, as a mask, black bars, a vignette, a logo or a subtitle,
do not count: alone, they would let films that have them look like one picture throughout.

Shots that resemble an earlier one are not compared with later ones themselves. So all that show a
picture have their colors from the first of them, from a few frames of which these can be computed
at any time: see `endings.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colornet.video.motion import around, between, carried

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

KEPT = 12
"""Shots that later ones are compared with: those that were resembled last, or are the latest."""
PLAIN = 0.5
"""Share of what has contrast that is to look the same."""
SAME = 0.8
"""Correlation of lightness around a place that looks the same."""
STAYS = 0.6
"""And around one that stays as it is across a cut."""
AROUND = 9
"""Cells of the squares in which it is measured."""
FAINT, STRONG = 1.0, 8.0
"""Lightness: standard deviations in such a square that are noise, and that count in full."""
LIGHT = 8.0
"""Lightness that a picture may have gained or lost."""
ASTRAY = 1.0
"""Cells by which things move otherwise than all of the picture, about."""
FIXED, RECENT = 0.5, 4
"""Share of the last cuts across which a place stays as it is, above which it does not count; and
how many cuts these are, about."""
ALL = 0.9
"""Share of what has contrast: if more stays, as where the light is switched off, it is a cut from a
picture to itself, and is none of these cuts."""
ROUNDS = 8
"""Of fitting the camera's motion, in which what moves otherwise comes to count less."""


class Scenes:
    """Finds them in frames that come one by one.

    Attributes:
        found: for a frame that begins such a shot, the last frame of the earlier one.
        number: of the next frame, from 0.
    """

    def __init__(self) -> None:
        self.found: dict[int, int] = {}
        self._known: list[tuple[int, Floats]] = []  # last frames of shots, with their numbers
        self._last: Floats | None = None
        self._cuts = 0
        self._fixed: Floats = np.zeros((1, 1), np.float32)  # of these, where a place stays, about
        self.number = 0
        self._is_new = True  # the shot resembles no earlier one

    def see(self, look: Floats, begins: bool) -> None:
        """Take the next frame (h, w), 0..100, and whether it begins a shot."""
        if begins and self._last is not None:
            if self._is_new:
                self._known = [*self._known[1 - KEPT :], (self.number - 1, self._last)]
            self._compare(self._last, look)
            telling = self._fixed <= FIXED
            shares = [resemblance(last, look, telling=telling) for _, last in self._known]
            best = int(np.argmax(shares))
            self._is_new = shares[best] < PLAIN
            if not self._is_new:
                self.found[self.number] = self._known[best][0]
                self._known.append(self._known.pop(best))
        self._last = look
        self.number += 1

    def _compare(self, before: Floats, after: Floats) -> None:
        """See what stays as it is across a cut."""
        alike, contrast = _alike(before, after)
        stays = (alike > STAYS).astype(np.float32)
        if (stays * contrast).sum() <= ALL * contrast.sum():
            self._cuts += 1
            share = np.float32(1 / min(self._cuts, RECENT))
            self._fixed = self._fixed + (stays - self._fixed) * share


def resemblance(earlier: Floats, later: Floats, *, telling: Mask | None = None) -> float:
    """The share, 0..1, of what has contrast in a frame (h, w) that looks as in an earlier one.

    Args:
        earlier, later: lightness, 0..100.
        telling: (h, w), the places of the later one that count; None: all.
    """
    motion = between(earlier, later)
    if motion.leads_elsewhere:
        return 0.0
    spread = np.sqrt(_around(later**2) - _around(later) ** 2 + 1)
    counts = np.ones_like(later, bool) if telling is None else telling
    flow = _of_camera(motion.back, motion.back_trust * spread * counts)
    rows, columns = np.indices(later.shape, np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    inside = counts & (x >= 0) & (y >= 0) & (x < later.shape[1]) & (y < later.shape[0])
    moved = carried(earlier[np.newaxis], flow)[0]
    if not inside.any() or abs(np.median((later - moved)[inside])) > LIGHT:
        return 0.0
    alike, weight = _alike(moved, later)
    weight = weight * counts
    return float((weight * ((alike > SAME) & inside)).sum() / max(weight.sum(), 1e-6))


def _alike(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """How alike (h, w) two frames are around each place, and how much contrast there is."""
    mean, mean_ = _around(one), _around(other)
    variance = np.maximum(_around(one**2) - mean**2, 0)
    variance_ = np.maximum(_around(other**2) - mean_**2, 0)
    both = _around(one * other) - mean * mean_
    alike = both / np.sqrt(variance * variance_ + FAINT)
    return alike, np.minimum(np.sqrt(np.maximum(variance, variance_)), STRONG)


def _around(plane: Floats) -> Floats:
    return around(plane[np.newaxis], AROUND)[0]


def _of_camera(flow: Floats, weight: Floats) -> Floats:
    """The motion (h, w, 2) of most of a picture, as of a camera that shifts, turns or nears."""
    height, width = weight.shape
    rows, columns = np.indices(weight.shape, np.float32).reshape(2, -1)
    x, y = columns / width - np.float32(0.5), rows / height - np.float32(0.5)
    one, nil = np.ones_like(x), np.zeros_like(x)
    terms = np.stack([np.stack([x, -y, one, nil]), np.stack([y, x, nil, one])], axis=1)  # (4, 2, N)
    told, own = np.moveaxis(flow, -1, 0).reshape(2, -1), weight.ravel()
    counts, fitted = own, told
    for _ in range(ROUNDS):
        weighted = terms * counts
        products = np.einsum("ikn,jkn->ij", weighted, terms)
        products += 1e-5 * (counts.sum() + 1) * np.eye(4, dtype=np.float32)
        factors = np.linalg.solve(products, np.einsum("ikn,kn->i", weighted, told))
        fitted = np.einsum("i,ikn->kn", factors, terms)
        missed = ((told - fitted) ** 2).sum(axis=0)
        counts = own / (1 + missed / ASTRAY**2) ** 2
    return np.moveaxis(fitted.reshape(2, height, width), 0, -1).astype(np.float32)
