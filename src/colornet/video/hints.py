"""What the user says about a film's colors, shot by shot, and where its hints are in each frame.

    {
      "version": 1,
      "shots": [
        {"at": "00:01:02.5", "setting": "vivid", "reference": "still.jpg"},
        {"at": 93, "hints": [{"points": [[120, 80]], "color": "#2a5a2a"}]}
      ]
    }

`at` is a time or the number of a frame, from 0, that the shot contains. Hints say where their
things are in that very frame, in pixels or fractions of it; from there they are tracked to the cuts
before and after. All other fields are those of `colornet.guidance`. A reference's path counts from
the JSON file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet.errors import GuidanceError
from colornet.guidance import Guidance
from colornet.guidance.checks import (
    VERSION,
    check_version,
    checked_object,
    in_json_words,
    load_json,
    shown,
)
from colornet.guidance.reference import Reference
from colornet.guidance.schema import SCALARS
from colornet.notices import Notice

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

SHOT_FIELDS = {"at", "hints", "reference", *SCALARS} - {"levels"}  # which are for photographs


@dataclass(frozen=True)
class ShotGuidance:
    """What is said about one shot.

    Attributes:
        at: a frame of it, from 0, or a time in seconds.
        guidance: its hints are where their things are in that frame.

    Raises:
        GuidanceError: one of them is something else.
    """

    at: int | float
    guidance: Guidance

    def __post_init__(self) -> None:
        at = self.at
        if isinstance(at, bool) or not isinstance(at, Real) or at != at:
            raise GuidanceError(
                "at", f"{shown(at)} is not a time", "use seconds or a frame's number"
            )
        whole = isinstance(at, Integral)  # numpy's, too
        object.__setattr__(self, "at", int(at) if whole else float(at))
        object.__setattr__(self, "guidance", Guidance.of(self.guidance))


@dataclass(frozen=True)
class FilmGuidance:
    """What is said about a film.

    Attributes:
        all: about all of it; without hints.
        shots: about single shots.

    Raises:
        GuidanceError: `all` has hints, which no frame is given for; or a value is of a wrong type.
    """

    all: Guidance = field(default_factory=Guidance)
    shots: tuple[ShotGuidance, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "all", Guidance.of(self.all))
        are_shots = isinstance(self.shots, list | tuple)
        if not are_shots or not all(isinstance(one, ShotGuidance) for one in self.shots):
            raise GuidanceError("shots", "are not all a ShotGuidance", "use [ShotGuidance(..), ..]")
        object.__setattr__(self, "shots", tuple(self.shots))
        if self.all.levels is not None:
            raise GuidanceError("levels", "are for photographs", "leave them out for a film")
        if self.all.hints:
            raise GuidanceError("hints", "belong to a frame", "give them in a shot, with its `at`")

    @classmethod
    def of(cls, value: Guidance | FilmGuidance | None) -> FilmGuidance:
        """The guidance that was given, of the whole film or with shots of its own; None: the usual.

        Raises:
            GuidanceError: it is something else.
        """
        return value if isinstance(value, FilmGuidance) else cls(Guidance.of(value))

    @classmethod
    @in_json_words()
    def from_json(cls, value: Any, folder: Path | None = None) -> FilmGuidance:
        """The guidance that a JSON object holds.

        Args:
            value: the object.
            folder: that paths of references count from; None: the current one.

        Raises:
            GuidanceError: a field is unknown, missing or makes no sense; the subject names it.
        """
        given = checked_object("guidance", value, {"version", "shots"})
        check_version(given)
        shots = given.get("shots", [])
        if not isinstance(shots, list | tuple):
            raise GuidanceError("shots", "is not a list", "use [{..}, {..}]")
        return cls(shots=tuple(_shot(k, one, folder or Path()) for k, one in enumerate(shots)))

    @classmethod
    def load(cls, path: str | Path) -> FilmGuidance:
        """Read a JSON file.

        Raises:
            GuidanceError: it cannot be read, is no JSON, or is not as `from_json` wants it.
        """
        return load_json(path, lambda value: cls.from_json(value, Path(path).parent))

    def prepared(self, colorizer: Colorizer) -> tuple[FilmGuidance, tuple[Notice, ...]]:
        """The same with its references encoded, and notices of these.

        Raises:
            ModelLacks: the model has no such setting, or takes no hints.
            UnreadablePicture: a reference cannot be read.
        """
        everything, notices = colorizer.prepare(self.all)
        shots = []
        for one in self.shots:
            guidance, told = colorizer.prepare(one.guidance)
            shots.append(replace(one, guidance=guidance))
            notices += told
        return FilmGuidance(everything, tuple(shots)), notices

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, references by what they are; for telling whether it is the same."""
        told = [{"at": s.at, **_told(s.guidance)} for s in self.shots]
        return {"version": VERSION, "all": _told(self.all), "shots": told}


def _shot(number: int, value: Any, folder: Path) -> ShotGuidance:
    name = f"shots[{number}]"
    given = dict(checked_object(name, value, SHOT_FIELDS))
    if "at" not in given:
        raise GuidanceError(f"{name}.at", "is missing", "give a time or a frame of the shot")
    at, reference = _at_time(f"{name}.at", given.pop("at")), given.pop("reference", None)
    if reference is not None and not isinstance(reference, str):
        raise GuidanceError(f"{name}.reference", "is not a path", "name a photograph")
    try:
        guidance = Guidance.from_json({"version": VERSION, **given})
    except GuidanceError as error:
        raise GuidanceError(f"{name}.{error.subject}", error.reason, error.remedy) from None
    return ShotGuidance(at, replace(guidance, reference=reference and folder / reference))


def _at_time(name: str, value: Any) -> int | float:
    """A frame's number, or seconds from "HH:MM:SS.s"."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return parse_time(name, value)
    raise GuidanceError(
        name, f"{shown(value)} is not a time", 'use "00:01:02.5" or a frame\'s number'
    )


def parse_time(name: str, text: str) -> float:
    """Seconds from "HH:MM:SS.s", "MM:SS.s" or "SS.s".

    Raises:
        GuidanceError: it is none of these.
    """
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", text, re.ASCII):
        raise GuidanceError(name, f"{shown(text)} is not a time", 'use "00:01:02.5" or "62.5"')
    seconds = 0.0
    for part in text.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def _told(guidance: Guidance) -> dict[str, Any]:
    reference = guidance.reference
    if isinstance(reference, Reference):
        return guidance.to_json() | {"reference": dict(reference.origin)}
    return guidance.to_json() | ({} if reference is None else {"reference": str(reference)})
