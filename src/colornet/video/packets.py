"""A film's packets and frames, in the order of its file.

The times of MPEG streams may begin anew, as where two recordings were joined or a DVD has its next
cell: here they go on where they were, in all streams alike. What cannot be decoded is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

import av
from av.container import InputContainer
from av.format import Flags
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colornet.errors import system_reason
from colornet.notices import Notice
from colornet.words import counted

TS_DISCONT, TS_NONSTRICT = (int(flag.value) for flag in (Flags.ts_discont, Flags.ts_nonstrict))
"""Of containers: times may begin anew, and two packets may have the same."""
BACK, AHEAD = Fraction(1, 10), 10
"""Seconds by which times may go back and leap ahead before they are taken to begin anew; the
program ffmpeg has the same."""

JOINED = 1
"""Seconds around where times begin anew in which nothing that is missing is missed."""
PRIMING = Fraction(1, 10)
"""Seconds of sound before a film that a decoder may need. More of it was cut off by an edit list,
which other containers than MP4 do not have: there it would be heard."""

Span = tuple[Fraction, Fraction | None]
"""Seconds of a film, from and to; None: its end."""
Damage = list[tuple[int, str]]
"""Errors of the decoder: the frames before each, and its words."""


class Packets:
    """A film's packets.

    Attributes:
        jumps: where times began anew in those that were read, in seconds.
    """

    def __init__(self, container: InputContainer) -> None:
        """Begin with the first packet of a film that was opened."""
        self._container = container
        self._may_jump = bool(container.format.flags & TS_DISCONT)
        self._later = Fraction(0)  # than they say, all streams are
        self._due: dict[int, Fraction] = {}  # the next packet of each stream
        self.jumps: list[Fraction] = []
        self._torn: list[Fraction] = []  # where some before or after are missing

    def of(self, streams: Sequence[Any]) -> Iterator[Packet[Any]]:
        """Those of some streams; empty ones follow the last."""
        wanted = {stream.index for stream in streams}
        if self._may_jump:  # what the others say counts, too
            timed = (*self._container.streams.video, *self._container.streams.audio)
            streams = [*streams, *(stream for stream in timed if stream.index not in wanted)]
        for packet in self._container.demux(list(streams)):
            if self._may_jump:
                self._go_on(packet)
            if packet.stream_index in wanted:
                if packet.is_corrupt and not (packet.pts is None and packet.dts is None):
                    self._torn.append(time_of(packet))
                yield packet

    def notices(self, subject: str) -> Iterator[Notice]:
        """What may not be as expected in those that were read."""
        if self.jumps:
            text = "has times that begin anew, and go on where they were"
            yield Notice("times-joined", text, subject)
        gaps = [at for at in self._torn if all(abs(at - jump) > JOINED for jump in self.jumps)]
        if gaps:
            text = f"lost data in {counted(len(gaps), 'place')}, where frames may be missing"
            yield Notice("frames-missing", text, subject)

    def _go_on(self, packet: Packet[Any]) -> None:
        """Move a packet whose times, or those of one before, began anew."""
        if packet.pts is None and packet.dts is None:
            return
        now = time_of(packet) + self._later
        if packet.stream.type in ("video", "audio"):
            due = self._due.get(packet.stream_index)
            latest = max(self._due.values(), default=now)
            if due is not None and (now < due - BACK or now > latest + AHEAD):
                self.jumps.append(latest)
                self._later += latest - now
                now = latest
            self._due[packet.stream_index] = now + (packet.duration or 0) * packet.time_base
        move(packet, self._later)


def frames(packets: Packets, stream: VideoStream, damage: Damage) -> Iterator[VideoFrame]:
    """The frames that can be decoded.

    Args:
        packets: of the film.
        stream: its pictures.
        damage: what cannot be decoded is added here.
    """
    count = 0
    try:
        for packet in packets.of([stream]):
            try:
                decoded = packet.decode()
            except (av.FFmpegError, EOFError) as error:
                damage.append((count, system_reason(error)))
                continue
            for frame in decoded:
                assert isinstance(frame, VideoFrame)
                count += 1
                yield frame
    except (av.FFmpegError, EOFError) as error:  # there are no packets after this place
        damage.append((count, system_reason(error)))


def wanted(given: InputContainer, indices: Sequence[int], span: Span) -> Iterator[Packet[Any]]:
    """The packets of sound and subtitles in a span, shifted as the film is.

    Args:
        given: the film.
        indices: of its streams that are wanted.
        span: see `join.join`.
    """
    streams = [given.streams[index] for index in indices]
    if not streams:
        return
    first, last = span
    try:
        for packet in Packets(given).of(streams):
            if packet.dts is None and packet.pts is None:
                continue
            begins = time_of(packet)
            if first and begins < first and not _cut(packet, first):
                continue
            if packet.is_discard and begins < -PRIMING:
                continue
            if last is None or begins < last:
                move(packet, -first)
                yield packet
    except (av.FFmpegError, EOFError):  # a damaged film, of which what could be read is wanted
        return


def _cut(packet: Packet[Any], first: Fraction) -> bool:
    """Let a line of subtitles that is still shown at a time begin there; whether it is one."""
    late = ceil((first - time_of(packet)) / packet.time_base)
    left = (packet.duration or 0) - late
    if packet.stream.type != "subtitle" or left <= 0:
        return False
    packet.duration = left
    move(packet, late * packet.time_base)
    return True


def later(time: int | None, pts: Sequence[int], ticks: int) -> int:
    """A frame's time, or one after the frame before if it has none that is later."""
    if not pts:
        return time or 0
    return time if time is not None and time > pts[-1] else pts[-1] + ticks


def in_order(times: Sequence[int | None]) -> list[int]:
    """The times, sorted: H.264 in AVI has the right ones, but at other frames; empty: some lack."""
    known = [time for time in times if time is not None]
    return sorted(known) if len(set(known)) == len(times) else []


def last_lasts(pts: Sequence[int], end: int) -> int:
    """How long the last frame of a varying rate is shown; 0: as long as is usual.

    Args:
        pts: of all frames.
        end: of the film, as its header has it: where frames are not stored in the order in which
            they are shown, it may be that of the one that is stored last.
    """
    steps = [after - before for before, after in pairwise(pts)]
    shortest, longest = min(steps, default=0), max(steps, default=0)
    left = end - pts[-1]
    return left if 2 * longest > 3 * shortest and shortest <= left <= longest else 0


def time_of(packet: Packet[Any]) -> Fraction:
    """When a packet is to be decoded, or else shown, in seconds."""
    time = packet.dts if packet.dts is not None else packet.pts
    assert time is not None
    return time * packet.time_base


def move(packet: Packet[Any], seconds: Fraction) -> None:
    """Make a packet so much later."""
    ticks = round(seconds / packet.time_base)
    if ticks:
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks
