"""Small films, made here: a photograph that a camera moves over."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from skimage import data

from colornet import Colorizer, Guidance
from colornet.video import FilmOptions, FilmReport, Progress, colorize
from colornet.video.priority import kept_priority

WIDTH, HEIGHT = 64, 48
BASE = Fraction(1, 12800)
STEP = 512
"""A frame at 25 a second."""


def gray_frames(
    count: int, width: int = WIDTH, height: int = HEIGHT, cuts: Sequence[int] = ()
) -> list[NDArray[np.uint8]]:
    """Frames (height, width) of a pan; each cut goes to another photograph."""
    photographs = [data.camera()[::2, ::2], data.moon()[::2, ::2] // 3, data.page()]
    frames = []
    for number in range(count):
        picture = photographs[sum(number >= cut for cut in cuts) % 3]
        picture = np.tile(picture, (3, 3))
        left = 20 + number
        frames.append(np.ascontiguousarray(picture[30 : 30 + height, left : left + width]))
    return frames


def write_film(
    path: Path,
    frames: Sequence[NDArray[Any]],
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    pts: Sequence[int] | None = None,
    base: Fraction = BASE,
    options: dict[str, str] | None = None,
    container: str | None = None,
    sound: str | None = None,
    layout: str = "mono",
    subtitles: bool = False,
    chapters: bool = False,
    rotation: int = 0,
    pixel_aspect: Fraction | None = None,
    tags: dict[str, int] | None = None,
    interlaced: bool = False,
) -> Path:
    """A gray film of these luma planes."""
    height, width = frames[0].shape
    muxer = (
        {"video_track_timescale": str(base.denominator)} if path.suffix in (".mp4", ".mov") else {}
    )
    with av.open(str(path), "w", format=container, options=muxer) as film:
        stream: Any = film.add_stream(codec, rate=25, options=options or {})
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, pixel_format
        context.time_base = stream.time_base = base
        context.thread_count = 1
        for name, value in (tags or {}).items():
            setattr(context, name, value)
        if interlaced:
            context.flags |= 1 << 18 | 1 << 29
        if pixel_aspect:
            stream.sample_aspect_ratio = pixel_aspect
        if rotation:
            stream.set_display_rotation(rotation)
        heard = _add_sound(film, sound, layout) if sound else None
        lines = _lines(path.with_suffix(".srt")) if subtitles else None
        told: Any = film.add_stream_from_template(lines.streams[0]) if lines else None
        if chapters:
            film.set_chapters([_chapter(1, 0, "a"), _chapter(2, 200, "b")])
        film.metadata["title"] = "a film"
        with kept_priority():
            film.start_encoding()
        times = pts or [STEP * number for number in range(len(frames))]
        for luma, time in zip(frames, times, strict=True):
            for packet in stream.encode(_frame(luma, pixel_format, time, base)):
                film.mux(packet)
        for packet in stream.encode(None):
            film.mux(packet)
        if heard is not None:
            _put_sound(film, heard, 0.04 * len(frames))
        if lines is not None:
            with lines:
                for packet in lines.demux():
                    if packet.dts is not None:
                        packet.stream = told
                        film.mux(packet)
    return path


def _lines(path: Path) -> Any:
    path.write_text("1\n00:00:00,040 --> 00:00:00,140\na line of text\n")
    return av.open(str(path), "r")


def _chapter(number: int, start: int, title: str) -> Any:
    """200 ms of the film."""
    base, metadata = Fraction(1, 1000), {"title": title}
    whole = {"id": number, "start": start, "end": start + 200}
    return whole | {"time_base": base, "metadata": metadata}


def _frame(luma: NDArray[Any], pixel_format: str, time: int, base: Fraction) -> VideoFrame:
    frame = VideoFrame(luma.shape[1], luma.shape[0], pixel_format)
    bits = frame.format.components[0].bits
    for number, plane in enumerate(frame.planes):
        values = luma if number == 0 else np.full((plane.height, plane.width), 1 << (bits - 1))
        rows = np.frombuffer(memoryview(plane), np.uint8 if bits == 8 else np.uint16)
        rows.reshape(plane.height, -1)[:, : plane.width] = values
    frame.pts, frame.time_base = time, base
    return frame


def _add_sound(film: Any, codec: str, layout: str) -> Any:
    stream = film.add_stream(codec, rate=48000)
    stream.codec_context.layout = layout
    return stream


def _put_sound(film: Any, stream: Any, seconds: float) -> None:
    context = stream.codec_context
    context.open(strict=False)
    size = context.frame_size or 1024
    for start in range(0, int(seconds * 48000) - size, size):
        wave = np.sin(np.arange(start, start + size) / 20)[np.newaxis].astype(np.float32) / 3
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        resampled = av.AudioResampler(context.format, context.layout, 48000).resample(frame)
        for packet in stream.encode(resampled[0]):
            film.mux(packet)
    for packet in stream.encode(None):
        film.mux(packet)


def color(colorizer: Colorizer, source: Path, output: Path, **options: Any) -> FilmReport:
    return colorize(source, output, colorizer=colorizer, options=FilmOptions(**options))


def begin(
    colorizer: Colorizer,
    source: Path,
    output: Path,
    guidance: Guidance | None = None,
    sheet: Path | None = None,
) -> None:
    """Color a film, and stop after its first 60 frames."""

    def stop(now: Progress) -> None:
        if now.frames > 60:
            raise KeyboardInterrupt

    options = FilmOptions(sheet=sheet)
    with pytest.raises(KeyboardInterrupt):
        colorize(source, output, guidance, colorizer=colorizer, options=options, progress=stop)


def decoded(path: Path) -> list[VideoFrame]:
    with av.open(str(path), "r") as film:
        return list(film.decode(video=0))


def luma_of(frame: VideoFrame) -> NDArray[Any]:
    plane = frame.planes[0]
    dtype = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
    return (
        np.frombuffer(memoryview(plane), dtype).reshape(plane.height, -1)[:, : plane.width].copy()
    )


def chroma_of(frame: VideoFrame) -> NDArray[Any]:
    return np.stack(
        [
            np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
            for plane in frame.planes[1:3]
        ]
    )


def packets(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """Time and content of the packets of the first stream of a kind."""
    with av.open(str(path), "r") as film:
        stream = getattr(film.streams, kind)[0]
        return [
            (packet.pts * packet.time_base, bytes(packet))
            for packet in film.demux(stream)
            if packet.pts is not None
        ]
