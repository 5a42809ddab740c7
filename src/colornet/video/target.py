"""A film as it is written: colored frames into segments, and segments and sound into the film."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame

from colornet.access import access_of, give_access
from colornet.errors import UnwritableFilm, UnwritablePicture, system_reason
from colornet.paths import is_folder
from colornet.video.codecs import COUNTING, THREADS, Coder
from colornet.video.frames import LIMITED
from colornet.video.planes import Coding, Plane
from colornet.video.priority import kept_priority
from colornet.video.source import PROGRESSIVE, Source

os.environ.setdefault("SVT_LOG", "1")  # of SVT-AV1: errors only
logging.getLogger("libav").setLevel(logging.CRITICAL)  # errors are told, in our own words


def add_encoder(
    container: OutputContainer, coder: Coder, source: Source, size: tuple[int, int]
) -> Any:
    """A stream of encoded frames of this width and height, tagged as the source is."""
    options = dict(coder.options)
    if coder.codec == "h264" and source.tags["color_range"] == LIMITED:
        options["x264-params"] += ":videoformat=component"  # else x264 would not tell the range
    stream: Any = container.add_stream(coder.encoder, rate=source.rate, options=options)
    context = stream.codec_context
    context.width, context.height = size
    context.pix_fmt = coder.pixel_format
    context.time_base = stream.time_base = time_base(source, coder)
    context.thread_count = THREADS
    set_tags(context, coder, source)
    if source.pixel_aspect:
        stream.sample_aspect_ratio = source.pixel_aspect
    return stream


def set_tags(target: Any, coder: Coder, source: Source) -> None:
    """Tell an encoder, or a stream of encoded frames, what the numbers of the source stand for."""
    for name, value in out_tags(source, coder).items():
        setattr(target, name, value)
    if source.progressive:
        target.field_order = PROGRESSIVE


def out_tags(source: Source, coder: Coder) -> dict[str, int]:
    """The source's tags, as they are of what is written."""
    if source.coding.full and not coder.tells_range:
        return source.tags | {"color_range": LIMITED}
    return source.tags


def time_base(source: Source, coder: Coder) -> Fraction:
    """Seconds of a unit of time in what is written: a frame's duration where frames are counted."""
    return 1 / source.rate if coder.container in COUNTING else source.time_base


class Writer:
    """A segment: colored frames of the film, encoded by themselves."""

    def __init__(self, path: Path, coder: Coder, source: Source, size: tuple[int, int]) -> None:
        """Begin a file, of frames of this width and height.

        Raises:
            UnwritableFilm: it cannot be written, or the encoder does not take such frames.
        """
        self._path, self._coder, self._source, self._size = path, coder, source, size
        self._tags = out_tags(source, coder)
        self.frames = 0
        with told(path):
            scale = {"video_track_timescale": str(source.time_base.denominator)}
            options = scale if coder.segment in ("mp4", "mov") else {}
            self._container = av.open(f"file:{path}", "w", format=coder.segment, options=options)
            self._stream = add_encoder(self._container, coder, source, size)
            with kept_priority():
                self._container.start_encoding()

    def write(self, pts: int, planes: Sequence[Plane]) -> None:
        """Add a frame, its luma and chroma; raises `UnwritableFilm` if it cannot be written."""
        frame = VideoFrame(*self._size, self._coder.pixel_format)
        for plane, values in zip(frame.planes, planes, strict=True):
            rows = np.frombuffer(memoryview(plane), values.dtype).reshape(plane.height, -1)
            rows[:, : plane.width] = values[:, : plane.width]  # of two of odd width side by side
        frame.pts, frame.time_base = pts, self._source.time_base
        for name, value in self._tags.items():
            setattr(frame, name, value)
        with told(self._path):
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        self.frames += 1

    def close(self) -> None:
        """Finish the file; raises `UnwritableFilm` if it cannot be written."""
        with told(self._path):
            for packet in self._stream.encode(None):
                self._container.mux(packet)
            self._container.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        with contextlib.suppress(av.FFmpegError, OSError):
            self._container.close()


def out_coding(source: Source, coder: Coder) -> Coding:
    """How numbers stand for luma and chroma in what is written."""
    own = source.coding
    return Coding(coder.bits, own.full and coder.tells_range, own.red, own.blue)


def converted(luma: Plane, source: Coding, target: Coding) -> Plane:
    """Luma in another number of bits or range; the same where these are the same."""
    if (source.bits, source.full) == (target.bits, target.full):
        return luma
    dtype = np.uint8 if target.bits == 8 else np.uint16
    scale = target.range / source.range
    values = (luma.astype(np.float32) - source.black) * np.float32(scale) + target.black
    return np.rint(values).clip(0, (1 << target.bits) - 1).astype(dtype)


def chroma_size(coder: Coder, width: int, height: int) -> tuple[int, int]:
    """Height and width of the chroma planes."""
    down = 2 if coder.pixel_format.startswith("yuv420") else 1
    right = 1 if coder.pixel_format.startswith("yuv444") else 2
    return -(-height // down), -(-width // right)


def zero(pts: Sequence[int]) -> int:
    """What is 0 in the segments of a film of these times: MP4 keeps none that are below."""
    return min(pts[0], 0)


def segment_packets(paths: Sequence[Path]) -> Iterator[Any]:
    """The packets of segments, one after another, with times of decoding that grow.

    Each segment starts its own count of these; here they are those of one long film: the times of
    its frames in order, as many frames earlier as any packet needs.
    """
    shown = [packet.pts for packet in _packets(paths)]
    order = sorted(shown)
    rank = {time: number for number, time in enumerate(order)}
    delay = max((number - rank[time] for number, time in enumerate(shown)), default=0)
    step = order[1] - order[0] if len(order) > 1 else 1
    for number, packet in enumerate(_packets(paths)):
        early = delay - number
        packet.dts = order[0] - early * step if early > 0 else order[number - delay]
        yield packet


def _packets(paths: Sequence[Path]) -> Iterator[Any]:
    for path in paths:
        with av.open(f"file:{path}") as container:
            for packet in container.demux(container.streams.video[0]):
                if packet.pts is not None:
                    yield packet


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns what FFmpeg raises into an error that names the file."""
    try:
        yield
    except UnwritablePicture as error:  # a contact sheet that another process writes
        remedy = f"{error.remedy}, and color the film again, which goes on with what is done"
        raise UnwritableFilm(path, error.reason, remedy) from None
    except (av.FFmpegError, OSError, ValueError) as error:
        remedy = "check its folder's space and permissions"
        reason = f"cannot be written ({system_reason(error)})"
        raise UnwritableFilm(path, reason, remedy) from None


def check_free(path: Path, overwrite: bool) -> None:
    """Raises `UnwritableFilm` where a result may not be written."""
    if is_folder(path):
        raise UnwritableFilm(path, "is a folder", "name a file")
    if os.path.lexists(path) and not overwrite:
        raise UnwritableFilm(path, "already exists", "choose another name, or use --overwrite")
    if not is_folder(path.parent):
        raise UnwritableFilm(path, "its folder does not exist", f"create {path.parent} first")


def put(new: Path, path: Path, overwrite: bool) -> None:
    """Give a whole film its name, and the owner and permissions of one that it replaces.

    Raises:
        UnwritableFilm: it cannot be done.
    """
    check_free(path, overwrite)
    with told(path):
        if access := access_of(path):
            give_access(new, access)
        new.replace(path)
