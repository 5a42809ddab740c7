"""Segments, sound, subtitles and chapters, put together into the film that the user gets."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer

from colornet.errors import OptionError, UnwritableFilm
from colornet.notices import Notice
from colornet.video.codecs import Coder
from colornet.video.source import Source
from colornet.video.target import segment_packets, told

BESIDE = {"subrip": (".srt", "srt"), "ass": (".ass", "ass"), "webvtt": (".vtt", "webvtt")}
"""Suffix and container of subtitles that are written beside a film; of others, Matroska's."""
TEXT = ("mov_text", "subrip", "ass", "webvtt", "text")


def join(
    segments: Sequence[Path],
    source: Source,
    coder: Coder,
    path: Path,
    span: tuple[Fraction, Fraction | None],
    comment: str,
) -> None:
    """Write the film.

    Args:
        segments: colored frames.
        source: of all else.
        coder: how the segments were written.
        path: of the result; replaced if it is there.
        span: the seconds of the source that are wanted, from and to; the result begins at 0 if the
            first is not 0.
        comment: on how the colors were made.

    Raises:
        UnwritableFilm: there is no space, or no permission.
    """
    with told(path), contextlib.ExitStack() as stack:
        given = stack.enter_context(source.opened())
        first = stack.enter_context(av.open(f"file:{segments[0]}"))
        result = stack.enter_context(_begun(path, coder, source, span, comment))
        film: Any = result.add_stream_from_template(first.streams.video[0], opaque=True)
        film.time_base = source.time_base
        film.metadata.update(given.streams.video[0].metadata)
        film.metadata.pop("DURATION", None)
        if source.rotation:
            film.set_display_rotation(source.rotation)
        if source.pixel_aspect:
            film.sample_aspect_ratio = source.pixel_aspect
        kept = {s.index: _copied(result, s) for s in _kept(given, coder)}
        result.start_encoding()
        frames = segment_packets(segments)
        waiting = next(frames, None)
        for packet in _packets(given, kept, span):
            while waiting and _time(waiting) <= _time(packet):
                waiting = _put(result, film, waiting, span[0], frames)
            packet.stream = kept[packet.stream_index]
            _shift(packet, span[0])
            result.mux(packet)
        while waiting:
            waiting = _put(result, film, waiting, span[0], frames)


def check(source: Source, coder: Coder, path: Path) -> tuple[Notice, ...]:
    """Begin a film of this kind and throw it away, before any work is done for it.

    Args:
        source: of sound and subtitles.
        coder: how frames will be written.
        path: where the attempt may be written.

    Returns:
        What of the source will not be in it.

    Raises:
        OptionError: the container does not take the sound.
        UnwritableFilm: it cannot be written there, or the encoder does not take such frames.
    """
    with told(path), source.opened() as given:
        whole = (Fraction(0), None)
        result = _begun(path, coder, source, whole, "")
        kept = _kept(given, coder)
        for stream in kept:
            _copied(result, stream)
        missing = [s for s in given.streams.audio if s not in kept]
        if missing:
            name = missing[0].codec_context.name
            reason = f"a {coder.container} film takes no {name} sound"
            raise OptionError(source.path, reason, "use .mkv, which takes any")
        with contextlib.suppress(av.FFmpegError, OSError):
            result.close()
        path.unlink(missing_ok=True)
        return tuple(_left_out(source, given, kept))


def _kept(given: InputContainer, coder: Coder) -> list[Any]:
    """The streams of a film, but for its pictures, that a container takes as they are."""
    known = _supported(coder.container)
    streams = (*given.streams.audio, *given.streams.subtitles)
    return [stream for stream in streams if _codec(stream) in known]


def _codec(stream: Any) -> str:
    name: str = stream.codec_context.codec.canonical_name
    return name


def _supported(container: str) -> set[str]:
    """The codecs that a container takes."""
    with av.open(io.BytesIO(), "w", format=container) as result:
        return result.supported_codecs


def write_subtitles_beside(source: Source, path: Path, container: str) -> list[Path]:
    """Write each stream of subtitles that the film's container does not take to a file of its own.

    Args:
        source: the film.
        path: of the colored film.
        container: FFmpeg's name of its container.
    """
    written = []
    with source.opened() as given:
        known = _supported(container)
        streams = [s for s in given.streams.subtitles if _codec(s) not in known]
        for number, stream in enumerate(streams):
            name = _codec(stream)
            suffix, container = BESIDE.get(name, (".mks", "matroska"))
            if name == "mov_text":
                suffix, container = BESIDE["subrip"]
            more = f".{number + 1}" if len(streams) > 1 else ""
            beside = path.with_suffix(f"{more}{suffix}")
            with told(beside), source.opened() as again:
                if name == "mov_text":
                    _write_srt(again, stream.index, beside)
                else:
                    _copy_subtitles(again, stream.index, beside, container)
            written.append(beside)
    return written


def _write_srt(given: InputContainer, index: int, path: Path) -> None:
    """mov_text, which is two bytes of length and text, as SubRip."""
    blocks: list[str] = []
    for packet in given.demux(given.streams[index]):
        data = bytes(packet)
        text = data[2 : 2 + int.from_bytes(data[:2], "big")].decode("utf-8", "replace").strip()
        if text and packet.pts is not None:
            times = (packet.pts, packet.pts + (packet.duration or 0))
            start, end = (_clock(float(time * packet.time_base)) for time in times)
            blocks.append(f"{len(blocks) + 1}\n{start} --> {end}\n{text}\n")
    path.write_text("\n".join(blocks), "utf-8")


def _copy_subtitles(given: InputContainer, index: int, path: Path, container: str) -> None:
    stream: Any = given.streams[index]
    with av.open(f"file:{path}", "w", format=container) as result:
        copy = result.add_stream_from_template(stream)
        for packet in given.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                result.mux(packet)


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"


def _begun(
    path: Path,
    coder: Coder,
    source: Source,
    span: tuple[Fraction, Fraction | None],
    comment: str,
) -> OutputContainer:
    options = {}
    if coder.container in ("mp4", "mov"):
        scale = str(source.time_base.denominator)
        options = {"movflags": "+faststart", "video_track_timescale": scale}
    result = av.open(f"file:{path}", "w", format=coder.container, options=options)
    told_before = source.metadata.get("comment") or source.metadata.get("COMMENT")
    skipped = ("major_brand", "minor_version", "compatible_brands", "encoder", "comment", "COMMENT")
    result.metadata.update({k: v for k, v in source.metadata.items() if k not in skipped})
    result.metadata["comment"] = "; ".join(filter(None, (told_before, comment)))
    if source.chapters:
        result.set_chapters(list(_chapters(source, span)))
    return result


def _chapters(source: Source, span: tuple[Fraction, Fraction | None]) -> Iterator[Any]:
    """Those that are in the span, shifted as the film is."""
    for chapter in source.chapters:
        base = chapter["time_base"] or Fraction(1, 1000)
        first, last = span[0] / base, None if span[1] is None else span[1] / base
        start = max(chapter["start"] - round(first), 0)
        end = (chapter["end"] if last is None else min(chapter["end"], round(last))) - round(first)
        if end > start:
            yield {**chapter, "start": start, "end": end}


def _copied(result: OutputContainer, stream: Any) -> Any:
    copy = result.add_stream_from_template(stream)
    copy.metadata.update({k: v for k, v in stream.metadata.items() if k != "DURATION"})
    copy.disposition = stream.disposition
    return copy


def _packets(
    given: InputContainer, kept: dict[int, Any], span: tuple[Fraction, Fraction | None]
) -> Iterator[Any]:
    """Those of sound and subtitles that are wanted."""
    streams = [given.streams[index] for index in kept]
    if not streams:
        return
    try:
        for packet in given.demux(streams):
            if packet.dts is None and packet.pts is None:
                continue
            begins = _time(packet)
            if span[0] and begins < span[0]:
                continue
            if span[1] is None or begins < span[1]:
                yield packet
    except (av.FFmpegError, EOFError):  # a damaged film, of which what could be read is wanted
        return


def _put(
    result: OutputContainer, film: Any, packet: Any, start: Fraction, rest: Iterator[Any]
) -> Any:
    packet.stream = film
    _shift(packet, start)
    result.mux(packet)
    return next(rest, None)


def _shift(packet: Any, start: Fraction) -> None:
    earlier = round(start / packet.time_base)
    if earlier:
        packet.pts = None if packet.pts is None else packet.pts - earlier
        packet.dts = None if packet.dts is None else packet.dts - earlier


def _time(packet: Any) -> Fraction:
    time = packet.dts if packet.dts is not None else packet.pts
    return Fraction(time) * packet.time_base


def _left_out(source: Source, given: InputContainer, kept: Sequence[Any]) -> Iterator[Notice]:
    subject = str(source.path)
    for stream in given.streams.subtitles:
        if stream not in kept:
            name = _codec(stream)
            text = f"its {name} subtitles do not go into this container; they are written beside it"
            yield Notice("subtitles-beside", text, subject)
    more = [s for s in given.streams.video[1:] if not s.disposition & s.disposition.attached_pic]
    if more:
        yield Notice("streams-left-out", "has further streams of pictures, left out", subject)
    if len(given.streams.attachments):
        yield Notice("attachments-left-out", "has attachments, left out", subject)


def check_free(path: Path, overwrite: bool) -> None:
    """Raises `UnwritableFilm` where a result may not be written."""
    if path.exists() and not overwrite:
        raise UnwritableFilm(path, "is there already", "name another, or use --overwrite")
    if not path.parent.is_dir():
        raise UnwritableFilm(path, "has no folder", f"make {path.parent} first")


def put(new: Path, path: Path, overwrite: bool) -> None:
    """Give a whole film its name; raises `UnwritableFilm` if it cannot be."""
    check_free(path, overwrite)
    with told(path):
        new.replace(path)
