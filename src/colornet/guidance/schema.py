"""What the user says about color: hints, a reference, strength, saturation; and its JSON form.

    {
      "version": 1,
      "strength": 1.0,
      "saturation": 1.0,
      "setting": "vivid",
      "variant": 0,
      "hints": [
        {"points": [[120, 340]], "color": "#2a5a2a", "reach": 0.8},
        {"points": [[0.1, 0.2], [0.5, 0.2]], "color": "skyblue", "radius": 0.1, "unit": "fractions"}
      ]
    }

Only the version, and of a hint its points and color, must be there. A reference is a photograph of
its own and no part of the JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from colornet.errors import GuidanceError
from colornet.guidance.checks import (
    FARTHEST,
    VERSION,
    check_number_of_hints,
    check_number_of_points,
    check_version,
    checked_number,
    checked_object,
    checked_points,
    load_json,
    shown,
)
from colornet.guidance.css_colors import parse_color

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from colornet.guidance.reference import Reference
    from colornet.picture import Source

MAX_SATURATION = 4.0
MAX_REACH = 4.0
SCALARS = {"strength": 1.0, "saturation": 1.0, "setting": None, "variant": 0}
"""The fields of `Guidance` that have one value, and what that usually is."""

Unit = Literal["pixels", "fractions"]
"""Of the upright picture; fractions are of its width and height, a radius' of the longer side."""


@dataclass(frozen=True, eq=False)
class Prior:
    """What a model knows about a whole photograph: its global prior.

    Attributes:
        values: float32 (prior,), as that model's encoder gave them.
    """

    values: NDArray[np.float32]


@dataclass(frozen=True)
class Hint:
    """What color a place of the picture has.

    Only hue and chroma of the color count: the lightness is the picture's own. A gray color means
    that the place stays gray, and "keep" that it keeps the color it has without hints, where
    another hint would change it.

    Raises:
        GuidanceError: a field that makes no sense; its name is the error's subject.
    """

    points: Sequence[tuple[float, float]]
    """x, y from the upper left corner: one is a point, several are a stroke through them. 10,000
    at most, and of all hints together 50,000. Becomes a tuple."""
    color: str
    """"#RRGGBB", "#RGB" or a CSS color name, which become "#rrggbb"; or "keep"."""
    radius: float = 0.0
    """Of the brush. 0, or less than the model can tell apart: the smallest spot that it can."""
    unit: Unit = "pixels"
    reach: float = 1.0
    """Factor, 0..4, on how different a place may look and still take part of the color; with 0 it
    stays where it is given."""

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise GuidanceError(
                "unit", f"{shown(self.unit)} is unknown", 'use "pixels" or "fractions"'
            )
        _set(self, "points", checked_points(self.points))
        _set(self, "color", parse_color(self.color))
        _set(self, "radius", checked_number("radius", self.radius, FARTHEST))
        _set(self, "reach", checked_number("reach", self.reach, MAX_REACH))


@dataclass(frozen=True)
class Suggestion:
    """A color that the model holds possible at a point."""

    color: str
    """"#rrggbb", of the lightness that the picture has there."""
    probability: float
    """0..1."""


@dataclass(frozen=True)
class Guidance:
    """How a picture is to be colored.

    Raises:
        GuidanceError: a field that makes no sense; its name is the error's subject.
    """

    strength: float = 1.0
    """From 0, the gray original, to 1, the model's full color."""
    saturation: float = 1.0
    """Factor on the chroma, 0..4; colors that leave sRGB keep their lightness."""
    reference: Source | Prior | Reference | None = None
    """Another photograph: its global prior takes the place of the picture's own, and its colors go
    to the places that resemble it. `Colorizer.reference` prepares it for many pictures;
    `Colorizer.prior` gives only its prior, and so its mood."""
    setting: str | None = None
    """One of the decodings that the model's card names; None: the model's usual one."""
    hints: Sequence[Hint] = ()
    """Where they overlap, the later ones count. Becomes a tuple."""
    variant: int = 0
    """0: the likeliest colorization; k: the k-th other plausible one, see `Canvas.variants`."""
    said: frozenset[str] | None = field(default=None, compare=False, repr=False)
    """The names of the fields that go over another guidance's, see `over`; None: those that are not
    the usual ones."""

    def __post_init__(self) -> None:
        checked_number("strength", self.strength, 1.0)
        checked_number("saturation", self.saturation, MAX_SATURATION)
        if self.setting is not None and not isinstance(self.setting, str):
            raise GuidanceError(
                "setting", f"{shown(self.setting)} is not a name", "use a setting's name"
            )
        variant = self.variant
        if isinstance(variant, bool) or not isinstance(variant, int) or variant < 0:
            raise GuidanceError("variant", f"{shown(variant)} is out of range", "use 0, 1, 2 ..")
        _set(self, "hints", tuple(self.hints))
        check_number_of_hints(self.hints)
        check_number_of_points(hint.points for hint in self.hints)

    def to_json(self) -> dict[str, Any]:
        """The guidance as a JSON object, all of it but the reference."""
        own = {name: getattr(self, name) for name in (*SCALARS, "hints")}
        return {"version": VERSION} | own | {"hints": [asdict(hint) for hint in self.hints]}

    @classmethod
    def from_json(cls, value: Any) -> Guidance:
        """The guidance that a JSON object holds.

        Raises:
            GuidanceError: it is of another version, or a field is unknown, missing or makes no
                sense; the subject names it, such as `hints[2].color`.
        """
        known = {*SCALARS, "hints"}
        given = checked_object("guidance", value, {"version", *known})
        check_version(given)
        hints = given.get("hints", [])
        if not isinstance(hints, list | tuple):
            raise GuidanceError("hints", "is not a list", "use [{..}, {..}]")
        check_number_of_hints(hints)  # before anything is done for each
        check_number_of_points(one.get("points") for one in hints if isinstance(one, Mapping))
        rest = {name: value for name, value in given.items() if name in SCALARS}
        read = [_hint(i, hint) for i, hint in enumerate(hints)]
        return cls(hints=read, said=frozenset(rest), **rest)

    def over(self, other: Guidance) -> Guidance:
        """Both together: hints of both, and of the rest what this one says.

        A value that is not `said` leaves the other one's as it is.
        """
        said = {name: getattr(self, name) for name in self._said}
        reference = other.reference if self.reference is None else self.reference
        hints = tuple(dict.fromkeys((*other.hints, *self.hints)))
        both = self._said | other._said
        return replace(other, **said, reference=reference, hints=hints, said=both)

    @property
    def _said(self) -> frozenset[str]:
        if self.said is not None:
            return self.said & SCALARS.keys()
        return frozenset(n for n, usual in SCALARS.items() if getattr(self, n) != usual)

    @classmethod
    def load(cls, path: str | Path) -> Guidance:
        """Read a JSON file.

        Raises:
            GuidanceError: it cannot be read, is no JSON, or is not as `from_json` wants it.
        """
        return load_json(path, cls.from_json)

    def save(self, path: str | Path) -> None:
        """Write a JSON file, over one that is there.

        Raises:
            GuidanceError: it cannot be written.
        """
        try:
            Path(path).write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            reason = f"cannot be written ({(error.strerror or str(error)).lower()})"
            raise GuidanceError(path, reason, "check the folder and its permissions") from None


def hints_file(picture: Path) -> Path:
    """Where the guidance for one picture is looked for: NAME.hints.json beside it."""
    return picture.with_suffix(".hints.json")


def for_picture(picture: Path, guidance: Guidance) -> Guidance:
    """The guidance, with that of the picture's own hints file under it, if there is one.

    Raises:
        GuidanceError: see `Guidance.load`.
    """
    path = hints_file(picture)
    there = os.path.lexists(path)  # no error for names that are too long
    return guidance.over(Guidance.load(path)) if there else guidance


def _set(instance: object, name: str, value: object) -> None:
    object.__setattr__(instance, name, value)  # how a frozen dataclass normalizes its fields


def _hint(index: int, value: Any) -> Hint:
    name = f"hints[{index}]"
    given = checked_object(name, value, {f.name for f in fields(Hint)})
    for needed in ("points", "color"):
        if needed not in given:
            raise GuidanceError(f"{name}.{needed}", "is missing", "add it")
    try:
        return Hint(**given)
    except GuidanceError as error:
        raise GuidanceError(f"{name}.{error.subject}", error.reason, error.remedy) from None
