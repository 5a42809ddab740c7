"""Where one shot of a film ends and the next begins.

A frame begins a shot if it differs from the one before by much, and by far more than the frames
around it do from theirs. Dissolves are no cuts: motion is not trusted in them, which is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.resample import averaged

Floats = NDArray[np.float32]

SIDE = 32
"""Of the square on which frames are compared."""
LEAST = 6.0
"""Mean difference of lightness, at least, in Lab units."""
RATIO = 2.5
"""And this many times the largest of the differences around it."""
AROUND = 3
"""Differences before and after that a cut stands out from; also the frames it is known late."""


class CutFinder:
    """Finds cuts in frames that come one by one."""

    def __init__(self) -> None:
        self._last: Floats | None = None
        self._differences: list[float] = []
        self._told = 0
        self._first = 0  # the frame that the first of the differences belongs to

    def push(self, lightness: Floats) -> list[bool]:
        """Take one frame (h, w), 0..100.

        Returns:
            For each frame about which it is now known, in order, whether it begins a shot. The
            first does.
        """
        small = averaged(lightness, SIDE, SIDE)
        differs = 0.0 if self._last is None else float(np.abs(small - self._last).mean())
        self._last = small
        self._differences.append(differs)
        known = self._first + len(self._differences) - AROUND
        return [self._decide() for _ in range(max(known - self._told, 0))]

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it knows, as arrays with names."""
        last = {} if self._last is None else {"last": self._last}
        counts = np.array([self._told, self._first])
        return last | {"differences": np.array(self._differences), "counts": counts}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> CutFinder:
        """As it was when `state` was asked for."""
        finder = cls()
        finder._last = state.get("last")
        finder._differences = state["differences"].tolist()
        finder._told, finder._first = state["counts"].tolist()
        return finder

    def finish(self) -> list[bool]:
        """The same for the last frames."""
        known = self._first + len(self._differences)
        return [self._decide() for _ in range(known - self._told)]

    def _decide(self) -> bool:
        frame, self._told = self._told, self._told + 1
        at = frame - self._first
        here = self._differences[at]
        around = self._differences[max(at - AROUND, 0) : at]
        around += self._differences[at + 1 : at + 1 + AROUND]
        if at > AROUND:
            del self._differences[: at - AROUND]
            self._first += at - AROUND
        return frame == 0 or (here > LEAST and here > RATIO * max(around, default=0.0))


def cuts(frames: Iterable[Floats]) -> list[int]:
    """The numbers of the frames (h, w) of lightness that begin a shot, from 0."""
    return [number for number, begins in enumerate(_told(frames)) if begins]


def _told(frames: Iterable[Floats]) -> Iterator[bool]:
    finder = CutFinder()
    for frame in frames:
        yield from finder.push(frame)
    yield from finder.finish()
