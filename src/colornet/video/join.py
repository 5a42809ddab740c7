"""Segments, sound, subtitles and chapters, put together into the film that the user gets."""

from __future__ import annotations

import contextlib
import heapq
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.stream import Discard

from colornet.errors import OptionError, system_reason
from colornet.notices import Notice
from colornet.video import tags
from colornet.video.codecs import COUNTING, WITHOUT_ASPECT, Coder
from colornet.video.matroska import set_pixel_aspect
from colornet.video.names import codec_of
from colornet.video.opening import pictures
from colornet.video.packets import TS_NONSTRICT, Span, move, time_of, wanted
from colornet.video.priority import kept_priority
from colornet.video.source import Source
from colornet.video.supported import containers_of, kept
from colornet.video.target import add_encoder, segment_packets, set_tags, time_base, told
from colornet.words import counted

LAYOUTS = ("mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1")
"""What so many channels are by FFmpeg's account where a film does not say: MP4 has to."""

BLOCKS = frozenset({"avi", "asf"})
"""Containers with blocks of sound, by whose size AVI would count too few packets of .."""
OF_ANY_SIZE = frozenset({("mp3", None), ("ac3", None), ("aac", "LC")})
""".. these codecs and profiles."""


@dataclass(frozen=True)
class Frames:
    """Colored frames.

    Attributes:
        segments: that hold them.
        begin: seconds by their clock, at which the film begins.
        last: seconds for which the last one is shown; 0: as long as is usual.
    """

    segments: Sequence[Path]
    begin: Fraction
    last: Fraction


def join(
    frames: Frames, source: Source, coder: Coder, path: Path, span: Span, comment: str
) -> tuple[Notice, ...]:
    """Write the film.

    Args:
        frames: of the film.
        source: of all else.
        coder: how the segments were written.
        path: of the result; replaced if it is there.
        span: what of the source is wanted; the result begins with it, at 0.
        comment: on how the colors were made.

    Returns:
        What of the source could not be kept.

    Raises:
        UnwritableFilm: there is no space, or no permission.
    """
    with told(path), contextlib.ExitStack() as stack:
        given = stack.enter_context(source.opened())
        first = stack.enter_context(av.open(f"file:{frames.segments[0]}"))
        result = stack.enter_context(_begun(f"file:{path}", coder, source, span, comment))
        film: Any = result.add_stream_from_template(first.streams.video[0], opaque=True)
        film.time_base = time_base(source, coder)
        film.codec_context.framerate = source.rate
        set_tags(film.codec_context, coder, source)
        film.metadata.update(pictures(given, source.path).metadata)
        film.metadata.pop("DURATION", None)
        if source.rotation:
            film.set_display_rotation(source.rotation)
        if source.pixel_aspect:
            film.sample_aspect_ratio = source.pixel_aspect
        copied = {s.index: _copied(result, s) for s in kept(given, coder)}
        result.start_encoding()
        seen = _of_film(film, frames)
        apart = not result.format.flags & TS_NONSTRICT
        sound = _of_source(given, copied, span, apart)
        for packet in heapq.merge(seen, sound, key=time_of):
            result.mux(packet)
    with told(path):
        lost = tags.left_out(tags.kept(source.metadata), path, coder.container, str(source.path))
        return (*_told_aspect(path, source, coder), *lost)


def _told_aspect(path: Path, source: Source, coder: Coder) -> tuple[Notice, ...]:
    """The aspect of pixels, in containers that FFmpeg does not write it to."""
    aspect = source.pixel_aspect
    if not aspect or aspect == 1 or coder.codec not in WITHOUT_ASPECT:
        return ()
    if coder.container in ("mp4", "mov"):
        return ()
    if coder.container in ("matroska", "webm") and set_pixel_aspect(path, aspect):
        return ()
    text = f"has pixels of aspect {aspect.numerator}:{aspect.denominator}, which is not kept"
    return (Notice("pixel-aspect-lost", text, str(source.path)),)


def check(source: Source, coder: Coder, size: tuple[int, int]) -> tuple[Notice, ...]:
    """Begin a film of this kind and throw it away, before any work is done for it.

    Args:
        source: of sound and subtitles.
        coder: how frames will be written.
        size: width and height of these.

    Returns:
        What of the source will not be in it, but for subtitles.

    Raises:
        OptionError: the container does not take the sound, or the encoder does not take such
            frames or options.
    """
    if source.rotation and coder.container in COUNTING:
        raise OptionError(source.path, "is rotated, which AVI cannot hold", "use .mp4")
    with source.opened() as given:
        streams = kept(given, coder)
        names = [codec_of(stream) for stream in given.streams.audio]
        refused = [codec_of(stream) for stream in given.streams.audio if stream not in streams]
        reason = f"{coder.container} cannot hold its {' and '.join(refused or names)} sound"
        fits = [k for k, name in containers_of({*names}).items() if name != coder.container]
        remedy = f"use {fits[0]}, which can" if fits else "convert the sound first"
        sound = OptionError(source.path, reason, remedy)
        if refused:
            raise sound
        try:
            _attempt(source, coder, size, [])
        except (av.FFmpegError, ValueError) as error:
            told = f"cannot be encoded with these options ({system_reason(error)})"
            raise OptionError(source.path, told, "check codec, preset and crf") from None
        try:
            _attempt(source, coder, size, streams)
        except (av.FFmpegError, ValueError):
            raise sound from None
        return tuple(_left_out(source, given, coder))


def _attempt(source: Source, coder: Coder, size: tuple[int, int], kept: Sequence[Any]) -> None:
    """Write the header of a film, with these streams beside the pictures."""
    file = io.BytesIO()
    result = _begun(file, coder, source, (Fraction(0), None), "")
    try:
        add_encoder(result, coder, source, size)
        for stream in kept:
            _copied(result, stream)
        with kept_priority():
            result.start_encoding()
    finally:
        with contextlib.suppress(av.FFmpegError, ValueError, OSError):
            result.close()


def _begun(
    file: str | io.BytesIO, coder: Coder, source: Source, span: Span, comment: str
) -> OutputContainer:
    options = {}
    if coder.container in ("mp4", "mov"):
        scale = str(source.time_base.denominator)
        options = {"video_track_timescale": scale}
        if isinstance(file, str):
            any_tags = coder.container == "mov" and tags.are_quicktime(source.metadata)
            options["movflags"] = "+faststart" + "+use_metadata_tags" * any_tags
    result = av.open(file, "w", format=coder.container, options=options)
    result.metadata.update(tags.kept(source.metadata))
    result.metadata["comment"] = comment
    if source.chapters and coder.container not in COUNTING:
        result.set_chapters(list(_chapters(source, span)))
    return result


def _chapters(source: Source, span: Span) -> Iterator[Any]:
    """Those that are in the span, shifted as the film is."""
    for chapter in source.chapters:
        base = chapter["time_base"] or Fraction(1, 1000)
        first, last = span[0] / base, None if span[1] is None else span[1] / base
        start = max(chapter["start"] - round(first), 0)
        end = (chapter["end"] if last is None else min(chapter["end"], round(last))) - round(first)
        if end > start:
            yield {**chapter, "start": start, "end": end}


def _copied(result: OutputContainer, stream: Any) -> Any:
    copy: Any
    blocks = result.format.name in COUNTING and stream.container.format.name in BLOCKS
    if blocks and (codec_of(stream), stream.profile) in OF_ANY_SIZE:
        copy = result.add_stream(codec_of(stream), stream.rate, layout=stream.layout.name)
        copy.codec_context.bit_rate = stream.bit_rate or copy.codec_context.bit_rate
    else:
        copy = result.add_stream_from_template(stream)
    if stream.type == "audio" and not stream.container.format.name.startswith("mov"):
        untold = {f"{count} channels": name for count, name in enumerate(LAYOUTS, 1)}
        if name := untold.get(copy.codec_context.layout.name):
            copy.codec_context.layout = name
    copy.metadata.update({k: v for k, v in stream.metadata.items() if k != "DURATION"})
    copy.disposition = stream.disposition
    return copy


def _of_film(film: Any, frames: Frames) -> Iterator[Any]:
    """The packets of colored frames."""
    for packet in segment_packets(frames.segments):
        move(packet, -frames.begin)
        if frames.last:  # how long the others are shown, the time of the next one tells
            packet.duration = round(frames.last / packet.time_base)
        packet.stream = film
        yield packet


def _of_source(
    given: InputContainer, kept: dict[int, Any], span: Span, apart: bool
) -> Iterator[Any]:
    """The packets of sound and subtitles, none of them earlier than the one before in its stream.

    Args:
        given: the film.
        kept: the streams that they go to, by the index of their own.
        span: what is wanted.
        apart: whether no two of a stream may have the same time.
    """
    due: dict[int, Fraction] = {}
    for packet in wanted(given, list(kept), span):
        stream = kept[packet.stream_index]
        now = time_of(packet)
        late = due.get(stream.index, now) - now
        if late > 0:  # damaged films, and badly joined ones, have such
            move(packet, ceil(late / packet.time_base) * packet.time_base)
        due[stream.index] = time_of(packet) + apart * stream.time_base
        packet.stream = stream
        yield packet


def _left_out(source: Source, given: InputContainer, coder: Coder) -> Iterator[Notice]:
    subject = str(source.path)
    if source.chapters and coder.container in COUNTING:
        yield Notice("chapters-left-out", "has chapters, which AVI cannot hold", subject)
    covers = [s for s in given.streams.video if s.disposition & s.disposition.attached_pic]
    if len(given.streams.video) - len(covers) > 1:
        yield Notice(
            "streams-left-out", "has several video streams, of which the first is kept", subject
        )
    if covers:
        yield Notice("attachments-left-out", "has a cover, which is left out", subject)
    if len(given.streams.attachments):
        yield Notice("attachments-left-out", "has attachments, which are left out", subject)
    # titles of chapters are read as these, and a time code is written anew
    data = [s for s in given.streams.data if s.discard != Discard.all]
    if count := sum("timecode" not in stream.metadata for stream in data):
        text = f"has data beside pictures and sound, left out ({counted(count, 'stream')})"
        yield Notice("streams-left-out", text, subject)
