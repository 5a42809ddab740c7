"""Where what is said about shots belongs: in which frame, and in which places of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from colornet.errors import GuidanceError
from colornet.guidance import Guidance, Hint
from colornet.guidance.raster import NamedHint
from colornet.video.coloring import GRID

if TYPE_CHECKING:
    from colornet.video.hints import ShotGuidance

CELL = 1.25 / GRID
"""Radius of a hint's brush, at least, in fractions of the frame's longer side: the cells around a
point show its thing too, in frames where it falls between them."""


@dataclass(frozen=True)
class Placed:
    """What is said about one shot, and where.

    Attributes:
        frame: of the film, from 0.
        guidance: as it was given.
        hints: the same as the guidance's, in fractions of the frame.
    """

    frame: int
    guidance: Guidance
    hints: tuple[NamedHint, ...]


def placed(
    shots: Sequence[ShotGuidance],
    times: Sequence[Fraction] | Sequence[float],
    length: Fraction | float,
    size: tuple[int, int],
) -> Iterator[Placed]:
    """Find the frames that are spoken of.

    Args:
        shots: what is said about single shots.
        times: of each frame, in seconds.
        length: of the film, in seconds.
        size: width and height of an upright frame.

    Raises:
        GuidanceError: it speaks of a frame that is not there, or a hint lies outside it.
    """
    for number, said in enumerate(shots):
        frame = _frame(number, said.at, times, length)
        hints = tuple(
            _fractions(hint, size, f"shots[{number}].hints[{k}]")
            for k, hint in enumerate(said.guidance.hints)
        )
        for hint in hints:
            if not any(0 <= x <= 1 and 0 <= y <= 1 for x, y in hint.points):
                remedy = f"the film has {size[0]} x {size[1]} pixels"
                raise GuidanceError(hint.name, "lies outside the frame", remedy)
        yield Placed(frame, said.guidance, hints)


def _fractions(hint: Hint, size: tuple[int, int], name: str) -> NamedHint:
    """The same hint in fractions of the frame."""
    points, radius = hint.points, hint.radius
    if hint.unit != "fractions":
        points = tuple((x / size[0], y / size[1]) for x, y in points)
        radius /= max(size)
    return NamedHint(points, hint.color, max(radius, CELL), "fractions", hint.reach, name)


def _frame(number: int, at: int | float, times: Sequence[Any], length: Fraction | float) -> int:
    """The number of the frame that is shown then.

    Raises:
        GuidanceError: there is none.
    """
    remedy = f"the film has {len(times)} frames and lasts {float(length):.2f} s"
    if isinstance(at, int):
        if not 0 <= at < len(times):
            raise GuidanceError(f"shots[{number}].at", f"there is no frame {at}", remedy)
        return at
    if not 0 <= at <= length + 1e-9:
        raise GuidanceError(f"shots[{number}].at", f"{at:g} s is not in the film", remedy)
    return max(bisect_right(times, at + 1e-9) - 1, 0)
