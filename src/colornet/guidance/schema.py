"""`Guidance` and `Hint`: hints, reference, strength, saturation; and their JSON form.

    {
      "version": 1,
      "strength": 1.0,
      "saturation": 1.0,
      "setting": "vivid",
      "variant": 0,
      "levels": [10, 90],
      "hints": [
        {"points": [[120, 340]], "color": "#2a5a2a", "reach": 0.8},
        {"points": [[0.1, 0.2], [0.5, 0.2]], "color": "skyblue", "radius": 0.1, "unit": "fractions"}
      ]
    }

Only the version is required, and the points and color of a hint. A reference is a photograph, and
not a part of the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colornet.errors import CHECK_FOLDER, GuidanceError, UnwritablePicture, system_reason
from colornet.guidance.checks import (
    VERSION,
    check_number_of_hints,
    check_number_of_points,
    check_version,
    checked_levels,
    checked_number,
    checked_object,
    checked_prior,
    in_json_words,
    load_json,
    normalize,
    shown,
)
from colornet.guidance.hint import Hint, checked_hints, hint_from_json
from colornet.paths import path_of
from colornet.whole_files import whole_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from colornet.guidance.reference import Reference
    from colornet.picture import Source

MAX_SATURATION = 4.0


@dataclass(frozen=True, eq=False)
class Prior:
    """The global prior that a model's encoder computed for a photograph.

    Attributes:
        values: float32 (P,).

    Raises:
        GuidanceError: the values are not a vector of finite numbers.
    """

    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        normalize(self, "values", checked_prior(self.values))


@dataclass(frozen=True)
class Guidance:
    """Options of a coloring.

    Attributes:
        strength: from 0, the gray original, to 1, the model's full color.
        saturation: factor on the chroma, 0..4; colors that leave sRGB keep their lightness.
        reference: another photograph, whose global prior replaces the picture's own, and whose
            colors are used for locations that resemble it. `Colorizer.reference` prepares it for
            many pictures; `Colorizer.prior` computes only its prior.
        setting: the name of one of the settings in the model's card; None: its default.
        hints: where they overlap, later ones take precedence. Converted to a tuple.
        variant: 0: the most likely colors; k: the k-th other plausible ones, see `Canvas.variants`.
        said: the names of the fields that override another guidance's, see `over`; None: those
            whose values are not the defaults.
        levels: black and white point of a faded print: the lightness, 0..100, that becomes black,
            and the one that becomes white; "auto": as the picture needs; None: it keeps its own.

    Raises:
        GuidanceError: a field is invalid; its name is the error's subject.
    """

    strength: float = 1.0
    saturation: float = 1.0
    reference: Source | Prior | Reference | None = field(default=None, hash=False)
    setting: str | None = None
    hints: Sequence[Hint] = ()
    variant: int = 0
    said: frozenset[str] | None = field(default=None, compare=False, repr=False)
    levels: Literal["auto"] | tuple[float, float] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        normalize(self, "strength", checked_number("strength", self.strength, 1.0))
        normalize(self, "saturation", checked_number("saturation", self.saturation, MAX_SATURATION))
        if self.setting is not None and not isinstance(self.setting, str):
            reason = f"{shown(self.setting)} is not a name"
            raise GuidanceError("setting", reason, "use a setting's name")
        variant = self.variant
        if isinstance(variant, bool) or not isinstance(variant, Integral) or variant < 0:
            raise GuidanceError("variant", f"{shown(variant)} is out of range", "use 0, 1, 2 ..")
        normalize(self, "variant", int(variant))
        normalize(self, "hints", checked_hints(self.hints))
        normalize(self, "levels", checked_levels(self.levels))
        check_number_of_hints(self.hints)
        check_number_of_points(hint.points for hint in self.hints)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Guidance):
            return NotImplemented
        names = [f.name for f in fields(self) if f.compare and f.name != "reference"]
        return all(getattr(self, name) == getattr(other, name) for name in names) and (
            _is_same_reference(self.reference, other.reference)
        )

    def __repr__(self) -> str:
        told = {f.name: repr(getattr(self, f.name)) for f in fields(self) if f.repr}
        told["reference"] = shown(self.reference)  # bytes may be millions
        return f"Guidance({', '.join(f'{name}={value}' for name, value in told.items())})"

    @classmethod
    def of(cls, value: Guidance | None) -> Guidance:
        """The guidance that was given; None: the usual one.

        Raises:
            GuidanceError: it is something else.
        """
        if value is not None and not isinstance(value, cls):
            remedy = "use Guidance(..), Guidance.from_json or Guidance.load"
            raise GuidanceError("guidance", f"{shown(value)} is not a Guidance", remedy)
        return value or cls()

    def to_json(self) -> dict[str, Any]:
        """The guidance without its reference, as a JSON object."""
        own = {name: getattr(self, name) for name in (*SCALARS, "hints")}
        return {"version": VERSION} | own | {"hints": [asdict(hint) for hint in self.hints]}

    @classmethod
    @in_json_words()
    def from_json(cls, value: Any) -> Guidance:
        """Read a guidance from a JSON object.

        Raises:
            GuidanceError: it has another version, or a field is unknown, missing or invalid; the
                subject names it, such as `hints[2].color`.
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
        read = [hint_from_json(i, hint) for i, hint in enumerate(hints)]
        return cls(hints=read, said=frozenset(rest), **rest)

    def over(self, other: Guidance) -> Guidance:
        """Combine two guidances: the hints of both, and otherwise the values of this one.

        Where a value of this one is not `said`, the other's is used.
        """
        other = Guidance.of(other)
        said = {name: getattr(self, name) for name in self._said}
        reference = other.reference if self.reference is None else self.reference
        both = (*other.hints, *self.hints)
        hints = tuple(dict.fromkeys(both[::-1]))[::-1]  # each once, where it was said last
        names = self._said | other._said
        return replace(other, **said, reference=reference, hints=hints, said=names)

    @property
    def _said(self) -> frozenset[str]:
        if self.said is not None:
            return self.said & SCALARS.keys()
        return frozenset(n for n, usual in SCALARS.items() if getattr(self, n) != usual)

    @classmethod
    def load(cls, path: str | Path) -> Guidance:
        """Read a JSON file.

        Raises:
            GuidanceError: the file cannot be read, is not JSON, or `from_json` refuses it.
        """
        return load_json(path, cls.from_json)

    def save(self, path: str | Path) -> None:
        """Write a JSON file, whole or not at all; an existing one is replaced.

        Raises:
            OptionError: it is not a path.
            GuidanceError: the file cannot be written.
        """
        text = json.dumps(self.to_json(), indent=2) + "\n"
        try:
            with whole_file(path_of("path", path)) as file:
                file.write(text.encode())
        except (OSError, UnwritablePicture) as error:
            why = system_reason(error) if isinstance(error, OSError) else error.reason
            raise GuidanceError(path, f"cannot be written ({why})", CHECK_FOLDER) from None


SCALARS = {
    one.name: one.default
    for one in fields(Guidance)
    if one.name not in ("hints", "reference", "said")
}
"""The fields of `Guidance` that have one value, with their defaults."""


def _is_same_reference(one: Any, other: Any) -> bool:
    """Whether two references are equal; arrays are where all of their pixels are."""
    arrays = [hasattr(value, "dtype") for value in (one, other)]
    if not any(arrays):
        return bool(one == other)
    import numpy as np  # slow to import, and few need it

    return all(arrays) and one.dtype == other.dtype and np.array_equal(one, other)
