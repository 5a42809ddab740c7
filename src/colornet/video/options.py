"""How a film is to be colored, how far it is, and what was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colornet.errors import OptionError
from colornet.notices import Notice
from colornet.video.codecs import Codec
from colornet.video.fusion import EVERY


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
        sheet: a JPEG for the first, middle and last frame of each shot; None: none.
        partial: color what could be read of a damaged film.
        overwrite: whether a file that is there may be replaced.
        jobs: processes that color parts of the film at the same time; the frames are the same.

    Raises:
        OptionError: a number is out of range.
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
        for name in ("every", "jobs"):
            if getattr(self, name) < 1:
                raise OptionError(name, f"{getattr(self, name)} is less than 1", "use 1 or more")


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
