"""Gray frames in, steadily colored frames out: for programs that read films by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from colornet.errors import GuidanceError, OptionError, UnreadableFilm
from colornet.guidance import Guidance
from colornet.resample import averaged
from colornet.video.coloring import FrameColors
from colornet.video.fusion import EVERY, Colored, Fusion
from colornet.video.hints import FilmGuidance
from colornet.video.options import checked_count
from colornet.video.planes import Coding, lightness_of, small_lightness, to_rgb
from colornet.video.schedule import SIDE, Schedule, schedule
from colornet.video.shots import cuts

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

RATE = 25.0
"""Frames a second of frames without times."""


class Steady:
    """A film's colors, held still."""

    def __init__(
        self,
        colorizer: Colorizer,
        guidance: Guidance | FilmGuidance | None = None,
        *,
        every: int = EVERY,
    ) -> None:
        """Choose the model and how to color.

        Args:
            colorizer: the model.
            guidance: of the whole film, or with shots of its own.
            every: the network runs on one of so many frames of a shot at least, and wherever
                little is known.
        """
        self._colorizer, self._every = colorizer, checked_count("every", every)
        self._guidance = FilmGuidance.of(guidance)

    def run(self, frames: Iterable[NDArray[Any]], rate: float = RATE) -> Iterator[NDArray[Any]]:
        """Color the frames of a film.

        About a hundred frames are read before the first comes out, and no more are held at a time;
        of very large frames, fewer.

        Args:
            frames: gray, (H, W), uint8 or uint16, all of one size; a sequence if the guidance has
                shots of its own.
            rate: frames a second, for the times in the guidance.

        Yields:
            sRGB, (H, W, 3), of the same depth, as many as came in.

        Raises:
            OptionError: the rate is none.
            UnreadableFilm: a frame is no gray one, or of another size or depth than the first.
            GuidanceError: the guidance has shots, and the frames come one by one; or see `Canvas`.
        """
        is_number = isinstance(rate, Real) and not isinstance(rate, bool)
        if not is_number or not 0 < rate < inf:
            raise OptionError("rate", f"{rate!r} is not a number of frames", "use 25, or another")
        given, _ = self._guidance.prepared(self._colorizer)
        known = self._schedule(given, frames, rate) if given.shots else None
        fusion: Fusion | None = None
        first: NDArray[Any] | None = None
        coding = Coding()
        for number, frame in enumerate(frames):
            first = _checked(number, frame, first)
            if fusion is None:
                coding = Coding(8 * first.itemsize, full=True)
                colors = FrameColors(self._colorizer, first.shape[1], first.shape[0])
                cuts_ = known.cuts if known else None
                fusion = Fusion(colors, self._every, cuts_, first.nbytes)
                side = colors.side
            small = small_lightness(frame, side, coding)
            guidance = known.of(number) if known else given.all
            for colored in fusion.push(small, frame, guidance):
                yield _full(colored, coding)
        for colored in fusion.finish() if fusion else []:
            yield _full(colored, coding)

    def _schedule(
        self, given: FilmGuidance, frames: Iterable[NDArray[Any]], rate: float
    ) -> Schedule:
        if not isinstance(frames, Sequence):
            reason = "needs all frames at once"
            raise GuidanceError("shots", reason, "give the frames as a list, or leave shots out")
        if not frames:
            return Schedule((), (), {})
        for number, frame in enumerate(frames):
            _checked(number, frame, frames[0] if number else None)
        coding = Coding(8 * frames[0].itemsize, full=True)
        looks = [small_lightness(frame, SIDE, coding) for frame in frames]
        height, width = frames[0].shape
        times = [number / rate for number in range(len(frames))]
        return schedule(
            given,
            times,
            len(frames) / rate,
            cuts(averaged(look, SIDE // 2, SIDE // 2) for look in looks),
            (width, height),
            lambda first, end: looks[first:end],
        )


def _checked(number: int, frame: NDArray[Any], first: NDArray[Any] | None) -> NDArray[Any]:
    """The first frame; raises `UnreadableFilm` for one that does not go with it."""
    is_gray = isinstance(frame, np.ndarray) and frame.ndim == 2 and frame.dtype in ("u1", "u2")
    if not is_gray or not frame.size:
        remedy = "give arrays (H, W) of uint8 or uint16"
        raise UnreadableFilm(f"frame {number}", "is not a gray frame", remedy)
    if first is not None and (frame.shape, frame.dtype) != (first.shape, first.dtype):
        reason = "has another size or depth than the first"
        raise UnreadableFilm(f"frame {number}", reason, "give frames of one size and depth")
    return frame if first is None else first


def _full(colored: Colored, coding: Coding) -> NDArray[Any]:
    lightness = lightness_of(colored.what, coding)
    return to_rgb(lightness, colored.ab, colored.shade, colored.what.dtype)
