"""What a first look at all of a film finds: its frames' times, and where its shots begin."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.errors import OptionError
from colornet.notices import Notice
from colornet.video.packets import TS_DISCONT
from colornet.video.planes import Plane, small_lightness
from colornet.video.scenes import Scenes
from colornet.video.shots import CutFinder
from colornet.video.source import Source, Survey
from colornet.video.stills import ByNumber

LOOK = 64
"""Side of the square on which cuts are looked for."""
TOLD = 16
"""Frames after which it is told how many were looked at."""


@dataclass(frozen=True)
class Overview:
    """A film, looked at once.

    Attributes:
        survey: its frames.
        cuts: those that begin a shot, from 0.
        scenes: of those, each that shows the picture of an earlier shot again, and the last frame
            of that one.
        begin: when pictures or sound begin, in the time base of the pictures.
    """

    survey: Survey
    cuts: tuple[int, ...]
    scenes: tuple[tuple[int, int], ...]
    begin: int

    def length(self, source: Source) -> Fraction:
        """Seconds, to the end of the last frame."""
        return (self.survey.pts[-1] - self.begin + source.ticks) * source.time_base

    def times(self, source: Source) -> list[Fraction]:
        """Seconds from the beginning, which may be that of the sound, to each frame."""
        return [(pts - self.begin) * source.time_base for pts in self.survey.pts]

    def span(self, source: Source, start: float, end: float | None) -> tuple[int, int]:
        """The frames of a part of the film, from one to before another.

        Args:
            source: the film.
            start, end: in seconds; None: to the end of the film.

        Raises:
            OptionError: there are none.
        """
        times = list(map(float, self.times(source)))
        first = bisect_left(times, start - 1e-6)
        last = len(times) if end is None else bisect_left(times, end)
        if first >= last:
            remedy = f"the film lasts {float(self.length(source)):.2f} s"
            raise OptionError("--from and --to", "select no frame", remedy)
        return first, last

    def endings(self, first: int, end: int, most: int) -> dict[int, range]:
        """Of the shots that show the picture of an earlier one, the last frames of that.

        Args:
            first, end: the frames that are wanted, from one to before another; the shot that the
                first one is in begins there.
            most: so many frames at most.
        """
        found = {}
        for cut, last in self.scenes:
            next_ = bisect_right(self.cuts, cut)
            if cut < end and (next_ == len(self.cuts) or self.cuts[next_] > first):
                shot = self.cuts[bisect_right(self.cuts, last) - 1]
                found[max(cut, first)] = range(max(shot, last + 1 - most), last + 1)
        return found

    def looks(
        self, source: Source, deinterlace: bool, side: int
    ) -> Callable[[int, int], Iterator[NDArray[np.float32]]]:
        """The lightness (side, side) of the upright frames from one to before another, 0..100.

        Gives a function of the two numbers. What it reads of a shot is read on for a later one. Its
        iterators raise `UnreadableFilm`: the film has changed.
        """
        read = ByNumber(source, self.survey, deinterlace)

        def looks(first: int, end: int) -> Iterator[NDArray[np.float32]]:
            for number in range(first, end):
                small = small_lightness(source.luma(read.frame(number)), side, source.coding)
                yield np.rot90(small, source.quarter_turns).copy()

        return looks

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Overview:
        """The overview that `to_json` wrote."""
        told = dict(value["survey"])
        told["pts"] = tuple(told["pts"])
        told["notices"] = tuple(Notice(**one) for one in told["notices"])
        scenes = tuple((cut, last) for cut, last in value["scenes"])
        return cls(Survey(**told), tuple(value["cuts"]), scenes, value["begin"])


def look(
    source: Source,
    partial: bool = False,
    most_seconds: float | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Overview:
    """Look at all frames of a film.

    Args:
        source: the film.
        partial: take what could be read of a damaged film.
        most_seconds: that it may last; None: any time.
        tell: called now and then with how many frames were looked at.

    Raises:
        UnreadableFilm: it ends too early or is damaged, and `partial` is not set.
        FilmTooLarge: it lasts longer.
    """
    finder, scenes, cuts = CutFinder(), Scenes(), []
    numbers, undecided = itertools.count(), deque[NDArray[np.float32]]()

    def decide(told: list[bool]) -> None:
        for begins in told:
            if begins:
                cuts.append(scenes.number)
            scenes.see(undecided.popleft(), begins)

    def see(luma: Plane) -> None:
        if (number := next(numbers)) % TOLD == 0:
            tell(number)
        undecided.append(small_lightness(luma, LOOK, source.coding))
        decide(finder.push(undecided[-1]))

    survey = source.survey(partial, see, most_seconds)
    decide(finder.finish())
    return Overview(survey, tuple(cuts), tuple(scenes.found.items()), _begin(source, survey))


def _begin(source: Source, survey: Survey) -> int:
    """When pictures or sound begin, in the time base of the pictures.

    Recordings of broadcasts have the clock of the station: it may show hours, or so much less than
    0 where it begins anew within the film. In other films, sound before 0 is not to be heard.
    """
    with source.opened() as film:
        sound: Any = film.streams.audio
        starts = [s.start_time * s.time_base for s in sound if s.start_time is not None]
        least = None if film.format.flags & TS_DISCONT else Fraction(0)
    begins = [start if least is None else max(start, least) for start in starts]
    return min([survey.pts[0], *(floor(start / source.time_base) for start in begins)])
