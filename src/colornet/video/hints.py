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
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.errors import GuidanceError
from colornet.guidance import Guidance, Hint
from colornet.guidance.checks import (
    VERSION,
    check_version,
    checked_object,
    in_json_words,
    load_json,
    shown,
)
from colornet.notices import Notice
from colornet.video.motion import Motion, at_points, between
from colornet.video.placing import placed
from colornet.words import counted

Floats = NDArray[np.float32]

SIDE = 128
"""Of the square grid on which points are tracked."""
LOST = 2.0
"""Cells by which a point may miss its place, going to the next frame and back."""


@dataclass(frozen=True)
class ShotGuidance:
    """What is said about one shot.

    Attributes:
        at: a frame of it, from 0, or a time in seconds.
        guidance: its hints are where their things are in that frame.
    """

    at: int | float
    guidance: Guidance


@dataclass(frozen=True)
class FilmGuidance:
    """What is said about a film.

    Attributes:
        all: about all of it; without hints.
        shots: about single shots.

    Raises:
        GuidanceError: `all` has hints, which no frame is given for.
    """

    all: Guidance = field(default_factory=Guidance)
    shots: tuple[ShotGuidance, ...] = ()

    def __post_init__(self) -> None:
        if self.all.levels is not None:
            raise GuidanceError("levels", "are for photographs", "leave them out for a film")
        if self.all.hints:
            raise GuidanceError("hints", "belong to a frame", "give them in a shot, with its `at`")

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

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, references by their names; for telling whether it is the same."""
        told = [{"at": s.at, **_told(s.guidance)} for s in self.shots]
        return {"version": VERSION, "all": _told(self.all), "shots": told}


@dataclass(frozen=True)
class Schedule:
    """The guidance of every frame.

    Attributes:
        cuts: the frames that begin a shot.
        shots: the guidance of each shot, without hints.
        hints: by frame.
        notices: what was lost on the way.
    """

    cuts: Sequence[int]
    shots: Sequence[Guidance]
    hints: Mapping[int, tuple[Hint, ...]]
    notices: tuple[Notice, ...] = ()

    def of(self, frame: int) -> Guidance:
        """The guidance of a frame."""
        own = self.shots[bisect_right(self.cuts, frame) - 1]
        hints = self.hints.get(frame, ())
        return replace(own, hints=hints) if hints else own


def schedule(
    guidance: FilmGuidance,
    times: Sequence[Fraction] | Sequence[float],
    length: Fraction | float,
    cuts: Sequence[int],
    size: tuple[int, int],
    looks: Callable[[int, int], Sequence[Floats]],
    prepare: Callable[[Guidance], tuple[Guidance, tuple[Notice, ...]]],
    span: tuple[int, int] | None = None,
) -> Schedule:
    """Find where hints are in each frame of their shots.

    Args:
        guidance: of the film.
        times: of each frame, in seconds.
        length: of the film, in seconds.
        cuts: the frames that begin a shot.
        size: width and height of an upright frame.
        looks: gives the lightness (SIDE, SIDE) of the frames from one to before another.
        prepare: `Colorizer.prepare`, for references.
        span: the frames that are wanted, from one to before another; hints of shots beyond them
            are not looked for; None: all.

    Raises:
        GuidanceError: it speaks of a frame that is not there, or a hint lies outside it.
    """
    prepared, told = prepare(guidance.all)
    shots = [prepared for _ in cuts]
    hints: dict[int, tuple[Hint, ...]] = {}
    notices = list(told)
    for one in placed(guidance.shots, times, length, size):
        shot = bisect_right(cuts, one.frame) - 1
        prepared, told = prepare(replace(one.guidance, hints=()))
        shots[shot] = prepared.over(shots[shot])
        notices += told
        first = cuts[shot]
        end = cuts[shot + 1] if shot + 1 < len(cuts) else len(times)
        if not one.hints or (span and (end <= span[0] or first >= span[1])):
            continue
        tracked = _tracked(one.hints, looks(first, end), one.frame - first)
        for frame, found in enumerate(tracked, first):
            kept = tuple(hint for hint in found if hint)
            hints[frame] = hints.get(frame, ()) + kept
        for k, name in enumerate(one.names):
            lost = [first + i for i, found in enumerate(tracked) if found[k] is None]
            if lost:
                text = f"its place is not seen in {counted(len(lost), 'frame')}, from {lost[0]} on"
                notices.append(Notice("hint-lost", text, name))
    return Schedule(cuts, shots, hints, tuple(notices))


def _tracked(hints: Sequence[Hint], looks: Sequence[Floats], at: int) -> list[list[Hint | None]]:
    """Each hint in each frame of a shot; None where it is lost. They are given in frame `at`."""
    points = [np.array(hint.points, np.float32) * SIDE for hint in hints]
    found: list[list[Hint | None]] = [[] for _ in looks]
    for frames in (range(at, len(looks)), range(at, -1, -1)):
        alive = list(points)
        for frame, following in zip(frames, [*frames[1:], None], strict=True):
            found[frame] = [_at(hint, p) for hint, p in zip(hints, alive, strict=True)]
            if following is None:
                break
            motion = between(looks[frame], looks[following])
            alive = [_moved(p, motion) for p in alive]
    return found


def _moved(points: Floats, motion: Motion) -> Floats:
    """Points (N, 2) in cells, in the next frame; those that are lost are left out."""
    if not len(points):
        return points
    next_ = points + at_points(motion.ahead, points)
    missed = np.linalg.norm(next_ + at_points(motion.back, next_) - points, axis=1)
    inside = ((next_ >= 0) & (next_ <= SIDE)).all(axis=1)
    kept: Floats = next_[(missed < LOST) & inside]
    return kept


def _at(hint: Hint, points: Floats) -> Hint | None:
    if not len(points):
        return None
    return replace(hint, points=tuple((float(x), float(y)) for x, y in points / SIDE))


def _shot(number: int, value: Any, folder: Path) -> ShotGuidance:
    name = f"shots[{number}]"
    fields = {"at", "hints", "reference", "setting", "strength", "saturation", "variant"}
    given = dict(checked_object(name, value, fields))
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
    return guidance.to_json() | ({} if reference is None else {"reference": str(reference)})
