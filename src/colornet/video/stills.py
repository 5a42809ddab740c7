"""Frames of a film by their numbers, in any order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from colornet.stopping import checkpoint
from colornet.video.source import Source, Survey

WAIT = 0.2
"""Seconds between two looks at whether to stop waiting."""


class ByNumber:
    """Frames as the film has them.

    For a later frame it reads on, where that is nearer than any other place to begin at: those of
    all shots in their order cost no more than one reading, also of films that can only be read from
    their beginning.
    """

    def __init__(self, source: Source, survey: Survey, deinterlace: bool) -> None:
        """Of a film that was looked at."""
        self._source, self._survey, self._deinterlace = source, survey, deinterlace
        self._frames: Iterator[VideoFrame] = iter(())
        self._last: VideoFrame | None = None  # that was read
        self._next = -1

    def frame(self, number: int) -> VideoFrame:
        """A frame by its number, from 0.

        Raises:
            UnreadableFilm: the film has changed.
        """
        if self._last is not None and number == self._next - 1:
            return self._last
        if number != self._next:
            begin, frames = self._source.near(self._survey, number, self._deinterlace)
            if not begin <= self._next <= number:
                self._frames, self._next, self._last = frames, begin, None
        while True:
            checkpoint()  # what was read until then is kept
            self._last = next(self._frames, None)
            if self._last is None:
                self._next = -1
                raise self._source.changed()
            self._next += 1
            if self._next > number:
                return self._last


class Stills:
    """Frames as players show them, but gray, in the film's own pixels.

    Several threads may use it.
    """

    def __init__(self, source: Source, survey: Survey) -> None:
        """Of a film that was looked at."""
        self._source = source
        self._read = ByNumber(source, survey, survey.interlaced)
        self._lock = threading.Lock()

    def still(self, number: int) -> NDArray[np.uint8]:
        """A frame by its number, from 0: (H, W), upright, sRGB; interlaced ones are deinterlaced.

        Raises:
            UnreadableFilm: the film has changed.
        """
        while not self._lock.acquire(timeout=WAIT):
            checkpoint()
        try:
            luma = self._source.luma(self._read.frame(number))
        finally:
            self._lock.release()
        coding = self._source.coding
        share = (luma.astype(np.float32) - coding.black) * np.float32(255 / coding.range)
        turned = np.rot90(np.rint(share).clip(0, 255).astype(np.uint8), self._source.quarter_turns)
        return np.ascontiguousarray(turned)
