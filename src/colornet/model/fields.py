"""What the fields of a model's card hold, built from plain values and checked."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class FileRecord:
    """The checksum and size of a file."""

    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        _check_types(self)


@dataclass(frozen=True)
class TrainingData:
    """A set of pictures that a model was trained on."""

    name: str
    pictures: int
    license: str

    def __post_init__(self) -> None:
        _check_types(self)


@dataclass(frozen=True)
class Setting:
    """Named parameters of decoding:

    saturation x L^2 / (L^2 + shadow^2) x ((1 - vividness) x "ab" + vividness x "vivid")

    Attributes:
        vividness: share of the decoder's "vivid"; the rest is its "ab". Values above 1 extrapolate.
        saturation: factor on the chroma.
        shadow: the lightness L at which half of the chroma is left: models are least sure of dark
            colors, and the errors show most there. 0: colors of all lightnesses keep it.
        description: the purpose of the setting.
    """

    vividness: float
    saturation: float
    shadow: float = 0.0
    description: str = ""

    def __post_init__(self) -> None:
        _check_types(self)
        if not 0 <= self.shadow <= 100:
            raise TypeError(f"shadow is {reprlib.repr(self.shadow)}, and no lightness of 0 to 100")


KINDS: dict[str, Any] = {"str": str, "int": int, "float": int | float}
"""Types of values by annotation."""


def _check_types(record: FileRecord | TrainingData | Setting) -> None:
    """Raise TypeError for a value of another type than the field's, as in a card of someone else.

    Numbers that are not finite count as such.
    """
    for one in fields(record):
        value = getattr(record, one.name)
        right = isinstance(value, KINDS[str(one.type)]) and not isinstance(value, bool)
        if not right or (isinstance(value, float) and not math.isfinite(value)):
            raise TypeError(f"{one.name} is {reprlib.repr(value)}")


def describing(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a card that say what a model is, from plain values of JSON or YAML.

    Args:
        given: some of the fields; others are passed over.

    Raises:
        TypeError: a field has a value of another type; the message names it.
    """
    found = {}
    for name, build in DESCRIBING.items():
        if name in given:
            try:
                found[name] = build(given[name])
            except TypeError as error:
                raise TypeError(f"{name}: {error}") from None
    return found


def as_text(value: Any) -> str:
    """The same; raises TypeError for what is no text."""
    if not isinstance(value, str):
        raise TypeError(f"{reprlib.repr(value)} is not text")
    return value


def _listed(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"{reprlib.repr(value)} is not a list")
    return value


def _mapped(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{reprlib.repr(value)} is not a mapping")
    return value


def _figures(value: Any) -> dict[str, dict[str, float]]:
    found = {name: dict(_mapped(figures)) for name, figures in _mapped(value).items()}
    for number in (number for figures in found.values() for number in figures.values()):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{reprlib.repr(number)} is not a number")
    return found


DESCRIBING: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("title", "description", "license", "recipe"), as_text),
    "data": lambda value: tuple(TrainingData(**_mapped(source)) for source in _listed(value)),
    "settings": lambda value: {n: Setting(**_mapped(s)) for n, s in _mapped(value).items()},
    "figures": _figures,
    "weaknesses": lambda value: tuple(map(as_text, _listed(value))),
}
"""What builds each field that says what a model is."""
