"""Subtitles that a film's container does not take, written beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from colornet.notices import Notice
from colornet.video.names import codec_of
from colornet.video.packets import Span, wanted
from colornet.video.source import Source
from colornet.video.supported import supported
from colornet.video.target import told

BESIDE = {"subrip": (".srt", "srt"), "ass": (".ass", "ass"), "webvtt": (".vtt", "webvtt")}
"""Suffix and container of subtitles that are written beside a film; of others, Matroska's."""


@dataclass(frozen=True)
class Apart:
    """A stream of subtitles that the film's container does not take.

    Attributes:
        index: of the stream.
        codec: FFmpeg's name of it.
        path: of the file that it goes to; None: none can hold it.
    """

    index: int
    codec: str
    path: Path | None


def apart(source: Source, path: Path, container: str) -> list[Apart]:
    """The subtitles that the film's container does not take.

    Args:
        source: the film.
        path: of the colored film.
        container: FFmpeg's name of its container.
    """
    taken = supported(container)
    with source.opened() as given:
        streams = [s for s in given.streams.subtitles if codec_of(s) not in taken]
        found = []
        for number, stream in enumerate(streams, 1):
            codec = codec_of(stream)
            suffix, own = _kind(codec)
            more = f".{number}" if len(streams) > 1 else ""
            can_be = codec == "mov_text" or codec in supported(own)
            found.append(
                Apart(stream.index, codec, path.with_suffix(f"{more}{suffix}") if can_be else None)
            )
        return found


def notices(lines: Iterable[Apart], subject: str) -> Iterator[Notice]:
    """What becomes of subtitles that the film's container does not take."""
    for one in lines:
        if one.path is None:
            text = f"has subtitles of the kind {one.codec}, which are left out"
            yield Notice("subtitles-left-out", text, subject)
        else:
            text = f"has {one.codec} subtitles, which are written to a file of their own"
            yield Notice("subtitles-beside", text, subject)


def write(source: Source, index: int, path: Path, span: Span) -> None:
    """Write a stream of subtitles to a file of its own.

    Args:
        source: the film.
        index: of the stream.
        path: of the file.
        span: what of the film is wanted, see `join.join`.

    Raises:
        UnwritableFilm: there is no space, or no permission.
    """
    with told(path), source.opened() as given:
        name = codec_of(given.streams[index])
        if name == "mov_text":
            _write_srt(given, index, path, span)
        else:
            _copy_subtitles(given, index, path, _kind(name)[1], span)


def _kind(name: str) -> tuple[str, str]:
    """Suffix and container of subtitles of a codec."""
    return BESIDE.get("subrip" if name == "mov_text" else name, (".mks", "matroska"))


def _write_srt(given: InputContainer, index: int, path: Path, span: Span) -> None:
    """mov_text, which is two bytes of length and text, as SubRip."""
    blocks: list[str] = []
    for packet in wanted(given, [index], span):
        data = bytes(packet)
        text = data[2 : 2 + int.from_bytes(data[:2], "big")].decode("utf-8", "replace").strip()
        if text and packet.pts is not None:
            times = (packet.pts, packet.pts + (packet.duration or 0))
            start, end = (_clock(float(time * packet.time_base)) for time in times)
            blocks.append(f"{len(blocks) + 1}\n{start} --> {end}\n{text}\n")
    path.write_text("\n".join(blocks), "utf-8")


def _copy_subtitles(
    given: InputContainer, index: int, path: Path, container: str, span: Span
) -> None:
    stream: Any = given.streams[index]
    with av.open(f"file:{path}", "w", format=container) as result:
        copy = result.add_stream_from_template(stream)
        result.start_encoding()  # also where there are no lines
        for packet in wanted(given, [index], span):
            packet.stream = copy
            result.mux(packet)


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"
