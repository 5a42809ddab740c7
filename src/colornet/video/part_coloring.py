"""One part of a film, colored into segments; it goes on where an earlier run was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from colornet.guidance import Guidance
from colornet.notices import Notice
from colornet.video.codecs import Coder
from colornet.video.coloring import FrameColors
from colornet.video.endings import Endings
from colornet.video.fusion import Colored, Fusion
from colornet.video.parts import Part
from colornet.video.planes import Plane, small_lightness
from colornet.video.recorder import Recorder
from colornet.video.schedule import Schedule
from colornet.video.segments import Segments
from colornet.video.sheet import Sheet
from colornet.video.source import Source, Survey

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

TOLD = 8
"""Frames after which it is told, at least, how many were read."""


@dataclass(frozen=True)
class Job:
    """What there is to know of a film to color a part of it.

    Attributes:
        source, survey: the film.
        deinterlace: whether its frames are interlaced, and are to be deinterlaced.
        known: the guidance of each frame.
        endings: of shots that show the picture of an earlier one, the last frames of that.
        every: the network runs on one of so many frames of a shot at least.
        coder, side_by_side: how it is written.
        segments: where to.
        sheet: what keeps frames for a contact sheet; None: nothing does.
    """

    source: Source
    survey: Survey
    deinterlace: bool
    known: Schedule
    endings: Mapping[int, range]
    every: int
    coder: Coder
    side_by_side: bool
    segments: Segments
    sheet: Sheet | None


@dataclass(frozen=True)
class PartDone:
    """What became of a part.

    Attributes:
        observed: frames that this run ran the network on.
        notices: what may not be as expected.
    """

    observed: int
    notices: tuple[Notice, ...]


@dataclass
class Reader:
    """The frames of a film; those after the last ones it gave are read on."""

    job: Job
    colorizer: Colorizer
    _next: int = -1
    _frames: Iterator[Plane] = field(default_factory=lambda: iter(()))

    def frames(self, first: int, end: int) -> Iterator[tuple[int, Plane]]:
        """Numbers and luma of the frames from one to before another."""
        if first >= end:
            return
        if self._next != first:
            job = self.job
            self._frames = job.source.frames(job.survey, first, job.deinterlace)
            self._next = first
        while self._next < end:
            luma = next(self._frames)
            self._next += 1
            yield self._next - 1, luma

    @cached_property
    def colors(self) -> FrameColors:
        """The model, for these frames."""
        return FrameColors(self.colorizer, *self.job.source.upright)

    @cached_property
    def endings(self) -> Endings:
        """The ends of its shots."""
        asked: dict[range, set[Guidance]] = {}
        for cut, frames in self.job.endings.items():
            guidance = self.job.known.of(cut)
            asked.setdefault(frames, set()).add(replace(guidance, hints=()))
        return Endings(self.colors, self._looks, asked)

    def _looks(self, frames: range) -> Iterator[NDArray[np.float32]]:
        job = self.job
        lumas = job.source.frames(job.survey, frames.start, job.deinterlace)
        for luma in islice(lumas, len(frames)):
            yield _upright(luma, self.colors.side, job.source)


def color_part(reader: Reader, part: Part, tell: Callable[[int, int], None]) -> PartDone:
    """Write all segments of a part that are not there.

    Args:
        reader: of the film.
        part: the part.
        tell: called with the numbers of the frames after those that are written, and read.

    Raises:
        UnreadableFilm: the film has changed.
        UnwritableFilm: there is no space, or no permission.
        GuidanceError, ModelLacks: see `FrameColors.colors`.
    """
    job = reader.job
    source, known = job.source, job.known
    colors = FrameColors(reader.colorizer, *source.upright)
    frame_bytes = source.width * source.height * (1 + (source.coding.bits > 8))
    cuts = frozenset(cut - part.first for cut in part.cuts)
    fusion = Fusion(colors, job.every, cuts, frame_bytes)
    segments = job.segments.of(part.number)
    first = _restore(fusion, segments, reader, part)
    recorder = Recorder(segments, source, job.coder, job.survey.pts, job.side_by_side, part.end)
    observed, written = 0, first - fusion.waiting

    def put(batch: list[Colored], read: int) -> None:
        nonlocal observed, written
        for colored in batch:
            recorder.write(colored)
            if job.sheet:
                job.sheet.see(colored, source.coding, source.quarter_turns)
        observed += sum(colored.observed for colored in batch)
        if batch:
            written = batch[-1].what[0] + 1
        if batch or read % TOLD == 0:
            tell(written, read)

    try:
        for number, luma in reader.frames(first, part.end):
            small, guidance = _upright(luma, colors.side, source), known.of(number)
            reader.endings.see(number, small)
            earlier = job.endings.get(number)
            ending = reader.endings.of(earlier, guidance) if earlier else None
            put(fusion.push(small, (number, luma), guidance, ending), number + 1)
            recorder.end_if_long(fusion)
        put(fusion.finish(), part.end)
        recorder.end(fusion)
    finally:
        recorder.abandon()
    return PartDone(observed, tuple(colors.notices.values()))


def _upright(luma: Plane, side: int, source: Source) -> NDArray[np.float32]:
    """The lightness (side, side) of an upright frame, 0..100."""
    small = small_lightness(luma, side, source.coding)
    return np.ascontiguousarray(np.rot90(small, source.quarter_turns))


def _restore(fusion: Fusion, segments: Segments, reader: Reader, part: Part) -> int:
    """Go on after the last segment that is whole; gives the first frame that is to be pushed."""
    done = len(segments.whole())
    if not done:
        return part.first
    state = segments.state(done - 1)
    begin, waiting = int(state["film.next"]), int(state["film.waiting"])
    frames: list[tuple[Any, Guidance]] = []
    for number, luma in reader.frames(begin, begin + waiting):
        frames.append(((number, luma), reader.job.known.of(number)))
    if begin < part.end:
        fusion.restore(state, frames)
    return begin + waiting
