"""A film as it is read: its streams, its frames' luma, and what a first look at all of it finds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from colornet.errors import UnreadableFilm
from colornet.notices import Notice
from colornet.stopping import checkpoint
from colornet.video.frames import chroma_level, coding_of, deinterlaced, plain, plain_format
from colornet.video.opening import (
    no_frames,
    open_film,
    pictures,
    promised_end,
    rate_of,
    too_long,
)
from colornet.video.packets import Damage, Packets, frames, in_order, last_lasts, later
from colornet.video.planes import Plane
from colornet.words import counted

HDR = {16: "PQ (SMPTE ST 2084)", 18: "HLG (ARIB STD-B67)"}
"""Transfers, by their numbers in ITU-T H.273."""
PROGRESSIVE = 1
"""FFmpeg's number of it, among orders of fields."""
COLORED = 3.0
"""Mean distance of chroma from gray, in levels of 255, of a film in color."""
EARLIER = (0, 1, 4, 16)
"""Seconds before a frame from which it is looked for, one after another: what is found may come
after it, in MPEG transport streams and where frames are shown before the one that they need."""
LATE = 0.5
"""Seconds by which a film may end before its header says."""


@dataclass(frozen=True)
class Survey:
    """What a first look at all frames finds.

    Attributes:
        pts: of each frame, in the stream's time base; they increase.
        last: how long the last frame is shown, in that base; 0: as long as is usual.
        interlaced: whether most frames are.
        in_color: whether it has colors of its own.
        seekable: whether a frame is found by its time, and can be decoded without all before it.
        notices: what may not be as expected.
    """

    pts: tuple[int, ...]
    last: int
    interlaced: bool
    in_color: bool
    seekable: bool
    notices: tuple[Notice, ...] = ()


class Source:
    """A film that is read.

    Attributes:
        path: of the file.
        width, height: of its frames as they are coded, in pixels.
        rotation: degrees, counterclockwise, by which players turn them: 0, 90, 180 or 270.
        time_base: seconds of a unit of time.
        rate: frames a second, about.
        coding: how numbers stand for luma and chroma.
        pixel_aspect: width of a pixel to its height.
        tags: color range, primaries, transfer and matrix, by their numbers in H.273.
        has_alpha: whether its frames tell how transparent they are.
        progressive: whether it says that its frames have no fields.
        promised_frames: as its header says, or about; 0: it says nothing.
    """

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            UnreadableFilm: it is missing, empty, damaged or no film.
        """
        self.path = path
        with self.opened() as container:
            stream = pictures(container, path)
            frame = next(frames(Packets(container), stream, []), None)
            if frame is None:
                raise no_frames(path)
            self.width, self.height = frame.width, frame.height
            self._begins = frame.time or 0.0  # recordings of broadcasts have their station's clock
            self.rotation = round(frame.rotation / 90) % 4 * 90
            self.time_base = stream.time_base or Fraction(1, 90000)
            self.rate = rate_of(stream) or Fraction(25)
            self.pixel_aspect = (
                stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
            )
            self._format, self._plain = frame.format.name, plain_format(frame.format)
            has_alpha = any(one.is_alpha for one in frame.format.components)
            self.has_alpha = has_alpha and container.format.name != "gif"  # which always has it
            self.coding, self.tags = coding_of(frame, stream.codec_context)
            self.progressive = stream.codec_context.field_order == PROGRESSIVE
            self.metadata = dict(container.metadata)
            lasts = promised_end(container, stream) - (frame.pts or 0) * self.time_base
            seconds = lasts if lasts > 0 else Fraction(container.duration or 0, 10**6)
            self.promised_frames = stream.frames or round(seconds * self.rate)
            self.chapters = container.chapters()
        if (transfer := self.tags["color_trc"]) in HDR:
            remedy = "convert it to standard dynamic range first"
            raise UnreadableFilm(path, f"is high dynamic range, {HDR[transfer]}", remedy)

    @property
    def quarter_turns(self) -> int:
        """Counterclockwise, that stand its frames upright."""
        return self.rotation // 90

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of what players show, in pixels of the film."""
        size = (self.width, self.height)
        return size[::-1] if self.quarter_turns % 2 else size

    def survey(self, partial: bool, see: Any = None, most_seconds: float | None = None) -> Survey:
        """Look at all frames once.

        Args:
            partial: take what could be read of a damaged film.
            see: called with each frame's luma.
            most_seconds: that it may last; None: any time.

        Raises:
            UnreadableFilm: it ends too early or is damaged, and `partial` is not set.
            FilmTooLarge: it lasts longer.
        """
        times: list[int | None] = []
        pts: list[int] = []
        notices: list[Notice] = []
        interlaced = corrupt = 0
        strays: list[float] = []
        end = Fraction(0)
        with self.opened() as container:
            stream = pictures(container, self.path)
            stream.thread_type = "AUTO"  # type: ignore[assignment]
            packets, errors = Packets(container), Damage()
            for frame in frames(packets, stream, errors):
                if errors and not partial:
                    break
                checkpoint()
                times.append(frame.pts if frame.pts is not None else frame.dts)
                pts.append(later(times[-1], pts, self.ticks))
                self._check_length(pts, most_seconds)
                interlaced += frame.interlaced_frame
                corrupt += frame.is_corrupt
                if len(times) % 25 == 1:
                    strays.append(chroma_level(frame))
                if see:
                    see(self.luma(frame))
            end = Fraction(0) if packets.jumps else promised_end(container, stream)
            promised = stream.frames
            seekable = container.format.name != "mpeg" and not packets.jumps  # it tells few times
        if not times and (partial or not errors):
            raise no_frames(self.path)
        pts = in_order(times) or pts
        damage = _told(errors) or self._shortfall(pts, end, promised, corrupt)
        if damage and not partial:
            remedy = "get another copy of it, or color what there is with --partial (partial=True)"
            raise UnreadableFilm(self.path, damage, remedy)
        if damage:
            notices.append(Notice("film-damaged", damage, str(self.path)))
        notices += packets.notices(str(self.path))
        in_color = float(np.quantile(strays, 0.75)) > COLORED
        if in_color:
            text = "is in color already; its own colors are discarded"
            notices.append(Notice("color-discarded", text, str(self.path)))
        combed = 2 * interlaced > len(pts)
        seekable &= pts == times and not errors
        last = last_lasts(pts, round(end / self.time_base))
        return Survey(tuple(pts), last, combed, in_color, seekable, tuple(notices))

    def _check_length(self, pts: list[int], most_seconds: float | None) -> None:
        if most_seconds is not None and (pts[-1] - pts[0]) * self.time_base > most_seconds:
            raise too_long(self.path, most_seconds)

    @property
    def ticks(self) -> int:
        """A frame's usual duration in units of the time base."""
        return max(round(1 / (self.rate * self.time_base)), 1)

    def frames(self, survey: Survey, first: int, deinterlace: bool) -> Iterator[Plane]:
        """The luma of the frames from this one on.

        Raises:
            UnreadableFilm: they are not what the survey found: the file has changed.
        """
        begin, decoded = self.near(survey, first, deinterlace)
        left = len(survey.pts) - first
        for number, frame in enumerate(decoded, begin):
            if number >= first and left:
                checkpoint()
                left -= 1
                yield self.luma(frame)
        if left:
            raise self.changed()

    def changed(self) -> UnreadableFilm:
        """The error about a film that has not the frames that the survey found."""
        remedy = "begin again, once nothing writes it any more"
        return UnreadableFilm(self.path, "has changed while it was read", remedy)

    def near(
        self, survey: Survey, first: int, deinterlace: bool
    ) -> tuple[int, Iterator[VideoFrame]]:
        """The frames from one before this one on, from where they can be read, and its number."""
        begin, decoded = self._near(survey, first, deinterlace)
        return begin, deinterlaced(decoded) if deinterlace else decoded

    def _near(
        self, survey: Survey, first: int, deinterlace: bool
    ) -> tuple[int, Iterator[VideoFrame]]:
        early = max(first - 2 * deinterlace, 0)  # it looks at the frames before
        pts = survey.pts
        for seconds in EARLIER if first > 1 and survey.seekable else ():
            place = pts[early] - round(seconds / self.time_base)
            if place <= pts[0]:
                break
            decoded = self._decoded(place)
            start = next(decoded, None)
            # of frames that are refreshed bit by bit, a decoder first gives some that are not whole
            if start is not None and start.pts is not None and start.key_frame:
                number = bisect_left(pts, start.pts)
                if number <= early and pts[number] == start.pts:
                    return number, chain([start], decoded)
        return 0, self._decoded(None)

    def _decoded(self, seek: int | None) -> Iterator[VideoFrame]:
        with self.opened() as container:
            stream = pictures(container, self.path)
            stream.thread_type = "AUTO"  # type: ignore[assignment]
            if seek is not None:
                container.seek(seek, stream=stream)
            yield from frames(Packets(container), stream, [])  # the survey told of damage

    def luma(self, frame: VideoFrame) -> Plane:
        """A frame's luma (H, W), as `coding` has it.

        Raises:
            UnreadableFilm: the frame has another size or format than the first.
        """
        is_known = frame.format.name in (self._format, self._plain)
        if (frame.width, frame.height) != (self.width, self.height) or not is_known:
            seconds = (frame.time or 0.0) - self._begins
            reason = f"changes its size or format, at {seconds:.2f} s"
            raise UnreadableFilm(self.path, reason, "split it there")
        frame = plain(frame)
        plane = frame.planes[0]
        dtype = np.uint8 if self.coding.bits == 8 else np.uint16
        rows = np.frombuffer(memoryview(plane), dtype).reshape(plane.height, -1)
        luma: Plane = rows[:, : frame.width].copy()
        return np.right_shift(luma, 6) if frame.format.name.startswith("p010") else luma

    def opened(self) -> InputContainer:
        """The file, to be read from its beginning; raises as `open_film`."""
        return open_film(self.path)

    def _shortfall(self, pts: list[int], end: Fraction, promised: int, corrupt: int) -> str:
        """What is missing, in words; empty: nothing."""
        is_slower = len(pts) > 1 and pts[-1] - pts[-2] > self.ticks  # in AVI, others may be empty
        there = (pts[-1] + self.ticks * (1 + is_slower)) * self.time_base
        if len(pts) < promised and end - there > self.ticks * self.time_base / 2:
            return f"ends after {len(pts)} of the {promised} frames that its header states"
        if end - there > LATE:
            return (
                f"ends after {float(there):.1f} s of the {float(end):.1f} s that its header states"
            )
        return f"has {corrupt} damaged frames" if corrupt else ""


def _told(errors: Damage) -> str:
    """What cannot be decoded, in words; empty: nothing."""
    if not errors:
        return ""
    (after, reason), *more = errors
    text = f"cannot be decoded after {after} frames ({reason})"
    return f"{text}, and in {counted(len(more), 'place')} after that" if more else text
