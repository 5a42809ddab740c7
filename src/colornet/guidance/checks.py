"""Checks of numbers, points and JSON objects from users, with limits on their cost."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from colornet.errors import GuidanceError, how_to_read, system_reason
from colornet.guidance.json_text import JsonObject, not_json, parse_json
from colornet.paths import path_of, read_small

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_HINTS = 10_000
MAX_POINTS = 10_000
"""Most points of one hint; a stroke drawn for minutes has fewer."""
MAX_POINTS_IN_ALL = 50_000
"""Most points of all hints together."""
FARTHEST = 1e9
"""Largest coordinate and radius."""
LEAST_CONTRAST = 1.0
"""Least difference of white and black, in lightness."""
VERSION = 1
"""The version of guidance in JSON."""
NAME_LENGTH = 60
"""Most characters of a user's input that messages repeat."""

JSON_WORDS = {"None": "null", "True": "true", "False": "false"}
"""What JSON calls values that Python calls otherwise."""

T = TypeVar("T")

_short = reprlib.Repr()
_short.maxstring = _short.maxother = NAME_LENGTH


def shown(value: object) -> str:
    """A short representation of a value of any size, for messages."""
    return _short.repr(value)


@contextmanager
def in_json_words() -> Iterator[None]:
    """Let errors about values that came as JSON call them as JSON does, such as null."""
    try:
        yield
    except GuidanceError as error:
        words = "|".join(JSON_WORDS)
        reason = re.sub(
            rf"^((?:is )?)({words})\b", lambda found: found[1] + JSON_WORDS[found[2]], error.reason
        )
        raise GuidanceError(error.subject, reason, error.remedy) from None


def normalize(instance: object, name: str, value: object) -> None:
    """Set a field of a frozen dataclass, while it is made, to its value in the usual form."""
    object.__setattr__(instance, name, value)


def check_number_of_hints(hints: Sequence[object]) -> None:
    """Raise `GuidanceError` if there are too many hints."""
    if len(hints) > MAX_HINTS:
        raise GuidanceError("hints", f"are {len(hints):,}", f"use up to {MAX_HINTS:,}")


def check_number_of_points(points: Iterable[object]) -> None:
    """Raise `GuidanceError` if all hints together have too many points."""
    number = sum(len(one) for one in points if isinstance(one, Sequence))
    if number > MAX_POINTS_IN_ALL:
        reason = f"have {number:,} points together"
        raise GuidanceError("hints", reason, f"use up to {MAX_POINTS_IN_ALL:,}")


def load_json(path: str | Path, build: Callable[[Any], T]) -> T:
    """Read a JSON file, and build an object from its value.

    Raises:
        OptionError: it is not a path.
        GuidanceError: the file cannot be read or is not JSON, or `build` raises it; the subject
            names the file.
    """
    try:
        return build(parse_json(read_small(path_of("path", path))))
    except OSError as error:
        reason = f"cannot be read ({system_reason(error)})"
        raise GuidanceError(path, reason, how_to_read(error, "check the name")) from None
    except GuidanceError as error:
        raise GuidanceError(f"{path}: {error.subject}", error.reason, error.remedy) from None
    except (ValueError, RecursionError) as error:
        raise GuidanceError(path, *not_json(error)) from None


def check_version(given: Mapping[str, Any]) -> None:
    """Raise GuidanceError unless a JSON object has the known version."""
    version = given.get("version")
    if type(version) is not int or version != VERSION:  # True == 1
        reason = f"is {shown(version)}" if "version" in given else "is missing"
        raise GuidanceError("version", reason, f"use {VERSION}")


def checked_object(name: str, value: Any, known: set[str]) -> Mapping[str, Any]:
    """Check that a value is a JSON object with known fields, each of them once.

    Raises:
        GuidanceError: it is not an object, or has an unknown or repeated field, which the subject
            names.
    """
    if not isinstance(value, Mapping):
        raise GuidanceError(name, "is not a JSON object", "use {..}")
    prefix = "" if name == "guidance" else f"{name}."
    if isinstance(value, JsonObject) and value.repeated is not None:
        subject = f"{prefix}{value.repeated[:NAME_LENGTH]}"
        raise GuidanceError(subject, "is given more than once", "keep one")
    for key in value:
        if key not in known:
            subject = f"{prefix}{str(key)[:NAME_LENGTH]}"
            raise GuidanceError(subject, "is unknown", f"use {', '.join(sorted(known))}")
    return value


def checked_points(value: Any) -> tuple[tuple[float, float], ...]:
    """Check a sequence of points (x, y), and convert them to floats.

    Raises:
        GuidanceError: the value is something else, or the points are too many or too far away.
    """
    remedy = "use [[x, y], ..]"
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise GuidanceError("points", "is not a list of points", remedy)
    if len(value) > MAX_POINTS:
        reason = f"are {len(value):,}"
        raise GuidanceError("points", reason, f"use up to {MAX_POINTS:,}, or several hints")
    points = []
    for i, point in enumerate(value):
        name = f"points[{i}]"
        if isinstance(point, str) or not isinstance(point, Sequence) or len(point) != 2:
            raise GuidanceError(name, f"{shown(point)} is not a point", remedy)
        x, y = (checked_number(name, coordinate) for coordinate in point)
        if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):  # also true for NaN
            raise GuidanceError(name, f"{x}, {y} is not a point", remedy)
        points.append((x, y))
    return tuple(points)


def checked_levels(value: Any) -> Literal["auto"] | tuple[float, float] | None:
    """Check levels: None, "auto", or black and white as a pair or in a text such as "10,90".

    Raises:
        GuidanceError: the value is something else, or white is not above black, within 0..100.
    """
    if value is None or (isinstance(value, str) and value == "auto"):
        return value  # type: ignore[return-value]
    remedy = "use auto, or the lightness that becomes black and white, such as 10,90"
    pair = value
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)", value, re.ASCII)
        pair = [float(number) for number in found.groups()] if found else None
    if not isinstance(pair, Sequence) or len(pair) != 2:
        raise GuidanceError("levels", f"{shown(value)} is not black and white", remedy)
    black, white = (checked_number("levels", point, 100.0) for point in pair)
    if white - black < LEAST_CONTRAST:
        reason = f"has white at {white:g}, which is not above black at {black:g}"
        raise GuidanceError("levels", reason, remedy)
    return black, white


def checked_number(name: str, value: Any, maximum: float | None = None) -> float:
    """Check a number, from 0 to a maximum if there is one, and convert it to a float.

    Raises:
        GuidanceError: the value is not a number, or is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise GuidanceError(name, f"{shown(value)} is not a number", "use a number")
    try:
        number = float(value)
    except OverflowError:
        raise GuidanceError(name, "is out of range", "use a smaller number") from None
    if maximum is not None and not 0.0 <= number <= maximum:  # also true for NaN
        raise GuidanceError(name, f"{number:g} is out of range", f"use 0 to {maximum:g}")
    return number


def checked_count(name: str, value: Any) -> int:
    """Check a whole number above 0.

    Raises:
        GuidanceError: the value is something else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise GuidanceError(name, f"{shown(value)} is not a whole number above 0", "use 1, 2, 3 ..")
    return int(value)


def checked_prior(value: Any) -> NDArray[np.float32]:
    """Check the values of a global prior, and convert them to float32.

    Raises:
        GuidanceError: they are not a vector of finite numbers.
    """
    import numpy as np  # slow to import, and few need it

    try:
        values = np.asarray(value, np.float32)
    except (TypeError, ValueError, OverflowError):
        values = np.zeros((), np.float32)
    if values.ndim != 1 or not np.isfinite(values).all():
        remedy = "use one of Colorizer.prior or Canvas.prior"
        raise GuidanceError("prior", "is not a vector of finite numbers", remedy)
    return values
