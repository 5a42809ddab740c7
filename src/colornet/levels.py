"""The black and white point of faded prints: applied to lightness, and found in it.

Levels are a pair of lightnesses, 0..100: the one that becomes black and the one that becomes white.
Those between are spread evenly, and those beyond are clipped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Levels: TypeAlias = tuple[float, float]
AskedLevels: TypeAlias = Levels | Literal["auto"] | None
"""As in `Guidance`; None: `AS_STORED`."""
Planes = Callable[[int, int], Iterator[tuple[Floats, NDArray[Any] | None]]]
"""A function like `Picture.planes`."""

AS_STORED: Levels = (0.0, 100.0)
"""The levels that change nothing."""
STRAY = 0.5
"""Percent of the pixels that may lie beyond the levels at either end: dust, scratches, glints."""
DARK_ENOUGH, LIGHT_ENOUGH = 8.0, 92.0
"""Lightness. A picture that reaches beyond these needs no other black or white point."""
OPAQUE = 0.9
"""Share of the greatest opacity from which pixels count, since edges are mixed with the unseen."""
LEAST_RANGE = 15.0
"""Lightness. In a smaller range there is nothing to be seen but grain."""
FRAMES = 3
"""Most frames around a picture: a scanner's lid, a mount, and the paper's own border."""
TONE = 5.0
"""Lightness by which a plain frame varies around its tone."""
PLAIN, BROKEN = 0.9, 0.5
"""Shares of a line in the tone of a frame, above which it is part of that, and below which not."""
WIDEST, EDGE = 0.25, 0.05
"""Shares of a side: the widest frame, and the widest edge of one, since scans are not straight."""


def leveled(lightness: Floats, levels: Levels) -> Floats:
    """The lightness under levels: 100 (lightness - black) / (white - black), within 0..100.

    Args:
        lightness: of any shape, 0..100.
        levels: the lightness that becomes 0, and that which becomes 100.
    """
    if levels == AS_STORED:
        return lightness
    black, white = levels
    spread = (lightness - np.float32(black)) * np.float32(100.0 / (white - black))
    return np.clip(spread, np.float32(0.0), np.float32(100.0), out=spread)


def leveled_planes(planes: Planes, levels: Levels) -> Planes:
    """The same strips of lightness and alpha, under levels."""
    if levels == AS_STORED:
        return planes

    def between(first: int, end: int) -> Iterator[tuple[Floats, NDArray[Any] | None]]:
        for lightness, alpha in planes(first, end):
            yield leveled(lightness, levels), alpha

    return between


def find_levels(lightness: Floats, opacity: Floats | None = None) -> Levels:
    """The levels that a picture needs: whole numbers; `AS_STORED` if it is not faded.

    Plain frames such as paper, and transparent pixels, do not count. Found again in the picture
    under its levels, they are `AS_STORED`.

    Args:
        lightness: (S, S), 0..100, of the picture squashed to a square.
        opacity: (S, S), 0 transparent; None: it is opaque.
    """
    inside = _inside_frames(lightness)
    values = lightness[inside]
    if opacity is not None:
        values = values[opacity[inside] >= OPAQUE * opacity.max()]
    if not values.size:
        return AS_STORED
    darkest, lightest = np.percentile(values, (STRAY, 100.0 - STRAY))
    if lightest - darkest < LEAST_RANGE:
        return AS_STORED
    black, white = AS_STORED
    for _ in range(2):  # the one point moves what the other one is judged by
        if _between(black, darkest, white) > DARK_ENOUGH:
            black = float(math.floor(darkest))
        if _between(black, lightest, white) < LIGHT_ENOUGH:
            white = float(math.ceil(lightest))
    return black, white


def _between(black: float, lightness: float, white: float) -> float:
    """A lightness under levels."""
    return 100.0 * (lightness - black) / (white - black)


def _inside_frames(lightness: Floats) -> tuple[slice, slice]:
    """The rows and columns within plain frames."""
    top, left = 0, 0
    bottom, right = lightness.shape
    for _ in range(FRAMES):
        inner = lightness[top:bottom, left:right]
        upper, lower, before, behind = _widths(inner)
        if not upper + lower + before + behind:
            break
        top, bottom, left, right = top + upper, bottom - lower, left + before, right - behind
    return slice(top, bottom), slice(left, right)


def _widths(lightness: Floats) -> tuple[int, int, int, int]:
    """The widths of a frame above, below, left and right; all 0: there is none.

    A frame has one tone at opposite sides at least, and ends at a straight edge, unlike a plain sky
    or a backdrop.
    """
    sides = [_frame(side) for side in (lightness, lightness[::-1], lightness.T, lightness.T[::-1])]
    for one, other in (sides[:2], sides[2:]):
        if one[0] and other[0] and abs(one[1] - other[1]) <= TONE:
            alike = [width if abs(tone - one[1]) <= TONE else 0 for width, tone in sides]
            return alike[0], alike[1], alike[2], alike[3]
    return 0, 0, 0, 0


def _frame(lightness: Floats) -> tuple[int, float]:
    """The width of the plain strip at the top of a picture, with its edge, and its tone."""
    side = len(lightness)
    tone = float(np.median(lightness[0]))
    in_tone = (np.abs(lightness[: int(side * (WIDEST + EDGE)) + 1] - tone) <= TONE).mean(axis=1)
    plain = int(np.argmax(in_tone < PLAIN)) if (in_tone < PLAIN).any() else side
    edge = in_tone[plain : plain + max(2, int(side * EDGE))]
    if not 0 < plain <= side * WIDEST or edge.min() > BROKEN:
        return 0, tone
    return plain + int(np.argmax(edge <= edge.min() + 1 - PLAIN)), tone
