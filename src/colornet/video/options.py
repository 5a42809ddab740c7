"""How a film is to be colored, how far it is, and what was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from colornet.errors import OptionError, checked_flag
from colornet.notices import Notice
from colornet.paths import path_of
from colornet.video.codecs import Codec
from colornet.video.fusion import EVERY

LONGEST = 1e12
"""Seconds; a larger number is a mistake, and may be too large for a float."""
SHEETS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
"""Pillow's formats of contact sheets, by suffix."""


@dataclass(frozen=True)
class FilmOptions:
    """How a film is read and written.

    Attributes:
        codec: of the result; None: the container's usual one.
        crf: its quality, smaller is better; None: the codec's usual one.
        preset: its speed, as the encoder names it; None: the codec's usual one.
        start: seconds of the film at which to begin.
        end: seconds at which to end; None: with the film.
        every: the network runs on one of so many frames of a shot at least.
        deinterlace: "auto", where most frames are interlaced, or "off".
        side_by_side: the gray film to the left of the colored one.
        sheet: a JPEG or PNG, by its suffix, for the first, middle and last frame of each shot;
            None: none.
        partial: color what could be read of a damaged film.
        overwrite: whether a file that is there may be replaced.
        jobs: processes that color parts of the film at the same time; the frames are the same.

    Raises:
        OptionError: a value is of a wrong type, or out of range.
    """

    codec: Codec | None = None
    crf: int | None = None
    preset: str | None = None
    start: float = 0.0
    end: float | None = None
    every: int = EVERY
    deinterlace: Literal["auto", "off"] = "auto"
    side_by_side: bool = False
    sheet: Path | None = None
    partial: bool = False
    overwrite: bool = False
    jobs: int = 1

    def __post_init__(self) -> None:
        set_: Callable[[str, object], None] = partial(object.__setattr__, self)
        for name in ("every", "jobs"):
            set_(name, checked_count(name, getattr(self, name)))
        for name in ("side_by_side", "partial", "overwrite"):
            set_(name, checked_flag(name, getattr(self, name)))
        for name in ("start", "end"):
            seconds = getattr(self, name)
            set_(name, None if seconds is None and name == "end" else _seconds(name, seconds))
        if self.crf is not None:
            if isinstance(self.crf, bool) or not isinstance(self.crf, Integral):
                raise OptionError("crf", f"{self.crf!r} is not a whole number", "use 0 to 63")
            set_("crf", int(self.crf))
        if self.sheet is not None:
            set_("sheet", _sheet(path_of("sheet", self.sheet)))
        if self.deinterlace not in ("auto", "off"):
            reason = f"{self.deinterlace!r} is unknown"
            raise OptionError("deinterlace", reason, "use auto or off")

    @classmethod
    def of(cls, value: FilmOptions | None) -> FilmOptions:
        """The options that were given; None: the usual ones.

        Raises:
            OptionError: it is something else.
        """
        if value is not None and not isinstance(value, cls):
            raise OptionError("options", f"{value!r} is not a FilmOptions", "use FilmOptions(..)")
        return value or cls()


def checked_count(name: str, value: object) -> int:
    """A whole number; raises `OptionError` unless it is 1 or more."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise OptionError(name, f"{value!r} is not a whole number above 0", "use 1 or more")
    return int(value)


def _seconds(name: str, value: Any) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= LONGEST:
        raise OptionError(name, f"{value!r} is not a number of seconds", "use 0 or more")
    return float(value)


def _sheet(path: Path) -> Path:
    if path.suffix.lower() not in SHEETS:
        raise OptionError(path, "is not the name of a sheet", "end it in .jpg or .png")
    return path


@dataclass(frozen=True)
class Progress:
    """How far a film is.

    Attributes:
        frames, of_frames: colored, and in all; before all are looked at, as its header says.
        shots, of_shots: the same.
        seconds_left: about; None: not known yet.
        stage: a film is first looked at for its cuts, then colored.
        read: frames read in this stage, of those that are wanted; colors come about a hundred
            frames later.
    """

    frames: int
    of_frames: int
    shots: int
    of_shots: int
    seconds_left: float | None
    stage: Literal["looking", "coloring"] = "coloring"
    read: int = 0


@dataclass(frozen=True)
class FilmReport:
    """What was made.

    Attributes:
        path: of the film.
        beside: files written beside it: subtitles.
        frames: in it.
        cuts: those that begin a shot, from 0.
        observed: how many of those that this run colored the network saw.
        resumed: frames that were there from an earlier run.
        seconds: that this run took.
        notices: what may not be as expected.
    """

    path: Path
    beside: tuple[Path, ...]
    frames: int
    cuts: tuple[int, ...]
    observed: int
    resumed: int
    seconds: float
    notices: tuple[Notice, ...]
