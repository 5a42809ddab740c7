"""How far a film is, by how far its parts are."""

from __future__ import annotations

import time
from collections.abc import Sequence

from colornet.video.options import Progress
from colornet.video.parts import Part


class Tally:
    """Counts frames and shots.

    Attributes:
        resumed: frames that were there when it began.
    """

    def __init__(self, parts: Sequence[Part], begun: Sequence[int], since: float) -> None:
        """Begin.

        Args:
            parts: of the film.
            begun: for each, the frame after those that are written.
            since: `time.monotonic` when the work began.
        """
        self._parts, self._since = parts, since
        self._frames = sum(part.end - part.first for part in parts)
        self._shots = sum(len(part.cuts) for part in parts)
        self.resumed = self._done(begun)

    def progress(self, written: Sequence[int], read: Sequence[int]) -> Progress:
        """What is told of these positions, given as `begun` is."""
        done = self._done(written)
        shots = sum(
            cut < position
            for part, position in zip(self._parts, written, strict=True)
            for cut in part.cuts
        )
        here, left = done - self.resumed, None
        if here > 0:
            left = (time.monotonic() - self._since) / here * (self._frames - done)
        seen = self._done(read)
        return Progress(done, self._frames, shots, self._shots, left, read=seen)

    def _done(self, positions: Sequence[int]) -> int:
        return sum(at - part.first for part, at in zip(self._parts, positions, strict=True))
