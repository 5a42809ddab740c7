"""Subtitles that a film's container does not take, written beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from colornet.video.join import supported
from colornet.video.names import codec_of
from colornet.video.source import Source
from colornet.video.target import told

BESIDE = {"subrip": (".srt", "srt"), "ass": (".ass", "ass"), "webvtt": (".vtt", "webvtt")}
"""Suffix and container of subtitles that are written beside a film; of others, Matroska's."""


def write_beside(source: Source, path: Path, container: str) -> list[Path]:
    """Write each stream of subtitles that the film's container does not take to a file of its own.

    Args:
        source: the film.
        path: of the colored film.
        container: FFmpeg's name of its container.
    """
    written = []
    with source.opened() as given:
        known = supported(container)
        streams = [s for s in given.streams.subtitles if codec_of(s) not in known]
        for number, stream in enumerate(streams):
            name = codec_of(stream)
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
