"""The parts of a film: whole shots, which need to know nothing of each other.

Each part is colored by itself, so that the frames are the same however many processes share them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

PARTS = 16
"""A film has about as many parts at least, if its shots are short enough."""
SHORTEST, SHORT = 2.0, 10.0
"""Seconds of a part, at least: of a short film, and of a long one."""


@dataclass(frozen=True)
class Part:
    """Some shots.

    Attributes:
        number: of the part, from 0.
        first, end: frames of the film, from one to before another.
        cuts: those that begin a shot; the first one does.
    """

    number: int
    first: int
    end: int
    cuts: tuple[int, ...]


def parts(cuts: Sequence[int], end: int, pts: Sequence[int], base: Fraction) -> list[Part]:
    """Divide a film at its cuts.

    Args:
        cuts: the frames that begin a shot, the first one of those that are wanted first.
        end: the frame before which it ends.
        pts: of each frame.
        base: seconds of a unit of time.
    """
    ticks = pts[end - 1] - pts[cuts[0]]
    least = min(max(float(ticks * base) / PARTS, SHORTEST), SHORT) / base
    begins = [cuts[0]]
    for cut in cuts[1:]:
        if pts[cut] - pts[begins[-1]] >= least and pts[end - 1] - pts[cut] >= least:
            begins.append(cut)
    ends = [*begins[1:], end]
    return [
        Part(number, first, last, tuple(cuts[bisect_left(cuts, first) : bisect_left(cuts, last)]))
        for number, (first, last) in enumerate(zip(begins, ends, strict=True))
    ]
