"""`Hint`: the color of a point or a stroke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from colornet.errors import GuidanceError
from colornet.guidance.checks import (
    FARTHEST,
    checked_number,
    checked_object,
    checked_points,
    normalize,
    shown,
)
from colornet.guidance.css_colors import parse_color

MAX_REACH = 4.0

Unit = Literal["pixels", "fractions"]
"""Pixels of the upright picture, or fractions of its width and height (a radius: of the longer)."""


@dataclass(frozen=True)
class Hint:
    """A color for a point or a stroke.

    Only the hue and chroma of the color are used, since the picture keeps its lightness. With gray,
    the point stays gray; with "keep", it keeps the color that it has without hints.

    Attributes:
        points: x, y from the top left corner: one point, or several that a stroke goes through. At
            most 10,000, and 50,000 of all hints together. Converted to a tuple.
        color: "#RRGGBB", "#RGB" or a CSS color name, which are converted to "#rrggbb"; or "keep".
        radius: of the brush; at least, it covers one cell of the model's grid.
        unit: "pixels", or "fractions" of the width and height; see `Unit`.
        reach: factor, 0..4, on how far the color spreads to locations that look different; with 0
            it does not spread.

    Raises:
        GuidanceError: a field is invalid; its name is the error's subject.
    """

    points: Sequence[tuple[float, float]]
    color: str
    radius: float = 0.0
    unit: Unit = "pixels"
    reach: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.unit, str) or self.unit not in get_args(Unit):
            reason = f"{shown(self.unit)} is unknown"
            raise GuidanceError("unit", reason, 'use "pixels" or "fractions"')
        normalize(self, "points", checked_points(self.points))
        normalize(self, "color", parse_color(self.color))
        normalize(self, "radius", checked_number("radius", self.radius, FARTHEST))
        normalize(self, "reach", checked_number("reach", self.reach, MAX_REACH))


def checked_hints(value: Any) -> tuple[Hint, ...]:
    """Check that a value is a sequence of hints.

    Raises:
        GuidanceError: it is something else.
    """
    remedy = 'use [Hint([(x, y)], "teal"), ..]'
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise GuidanceError("hints", f"{shown(value)} is not a list of hints", remedy)
    hints = tuple(value)
    for i, hint in enumerate(hints):
        if not isinstance(hint, Hint):
            raise GuidanceError(f"hints[{i}]", f"{shown(hint)} is not a Hint", remedy)
    return hints


def hint_from_json(index: int, value: Any) -> Hint:
    """Read one of the hints in JSON.

    Raises:
        GuidanceError: a field is unknown, missing or invalid; the subject names it.
    """
    name = f"hints[{index}]"
    given = checked_object(name, value, {f.name for f in fields(Hint)})
    for needed in ("points", "color"):
        if needed not in given:
            raise GuidanceError(f"{name}.{needed}", "is missing", "add it")
    try:
        return Hint(**given)
    except GuidanceError as error:
        raise GuidanceError(f"{name}.{error.subject}", error.reason, error.remedy) from None
