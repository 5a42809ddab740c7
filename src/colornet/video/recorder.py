"""Colored frames, written into segments as they come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colornet.video.codecs import Coder
from colornet.video.fusion import Colored, Fusion
from colornet.video.planes import chroma
from colornet.video.segments import Segments
from colornet.video.source import Source
from colornet.video.target import Writer, chroma_size, converted, out_coding, zero

LONG = 15.0
"""Seconds of a segment, about, at most."""


class Recorder:
    """Writes colored frames into segments."""

    def __init__(
        self,
        segments: Segments,
        source: Source,
        coder: Coder,
        pts: Sequence[int],
        side_by_side: bool,
        end: int,
    ) -> None:
        """Begin with the first segment that is missing.

        Args:
            segments: those of a part.
            source: the film.
            coder: how it is written.
            pts: of all frames of the film.
            side_by_side: whether the gray frame is shown beside the colored one.
            end: the frame before which the part ends.
        """
        self._segments, self._source, self._coder = segments, source, coder
        self._pts, self._side_by_side, self._end = pts, side_by_side, end
        self._number = len(segments.whole())
        self._size = (source.width * (1 + side_by_side), source.height)
        self._writer: Writer | None = None
        self._first = self._next = 0
        self._coding = out_coding(source, coder)

    def write(self, colored: Colored) -> None:
        """Add a frame; `what` is its number and its luma."""
        number, luma = colored.what
        source = self._source
        if self._writer is None:
            path = self._segments.new_path(self._number)
            self._writer = Writer(path, self._coder, source, self._size)
            self._first = number
        ab = np.rot90(colored.ab, -source.quarter_turns, (1, 2)).copy()
        shade = np.rot90(colored.shade, -source.quarter_turns).copy()
        luma = converted(luma, source.coding, self._coding)
        size = chroma_size(self._coder, source.width, source.height)
        planes = [luma, *chroma(luma, ab, shade, self._coding, size)]
        if self._side_by_side:
            gray = np.full(size, self._coding.neutral, luma.dtype)
            planes = [np.hstack(pair) for pair in zip((luma, gray, gray), planes, strict=True)]
        self._writer.write(self._pts[number] - zero(self._pts), planes)
        self._next = number + 1

    def end_if_long(self, fusion: Fusion) -> None:
        """End the segment if it is long enough."""
        if self._writer is None:
            return
        length = (self._pts[self._next - 1] - self._pts[self._first]) * self._source.time_base
        if length > LONG:
            self.end(fusion)

    def end(self, fusion: Fusion) -> None:
        """End the segment, and keep what the next one begins with."""
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        counts = {"film.next": np.array(self._next), "film.waiting": np.array(fusion.waiting)}
        state = fusion.state() if self._next < self._end else {}
        self._segments.keep(self._number, state | counts)
        self._number += 1

    def abandon(self) -> None:
        """Close what is not whole."""
        if self._writer is not None:
            self._writer.abandon()
