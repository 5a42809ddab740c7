"""What a decoded frame is: how its numbers stand for luma, its chroma, its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.codec.context import CodecContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from colornet.video.planes import Coding

BT601 = (0.299, 0.114)
WEIGHTS = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: BT601, 6: BT601}
WEIGHTS |= {7: (0.212, 0.087), 9: (0.2627, 0.0593)}
"""Shares of red and blue in luma, by the numbers of matrices in H.273. Films of others, such as RGB
and YCgCo, are written as if they told none: gray has the same luma in all of them.
"""
RGB, UNSPECIFIED = 0, 2
HIGH_DEFINITION = 720
"""Lines from which players take BT.709 for granted."""
LIMITED, FULL = 1, 2
"""Color ranges: that in which 16 of 8 bits is black, and that in which 0 is."""
DEPTHS = (8, 9, 10, 12, 14, 16)
"""Bits of a sample that FFmpeg has 4:4:4 of."""


def coding_of(frame: VideoFrame, context: CodecContext) -> tuple[Coding, dict[str, int]]:
    """How a frame's numbers stand for luma and chroma, once it has a plain format, and the tags
    that say so: color range, primaries, transfer and matrix, by their numbers in H.273.
    """
    name = frame.format.name
    names = ("color_range", "color_primaries", "color_trc", "colorspace")
    tags = {one: int(getattr(context, one)) for one in names}
    if not is_plain(name):
        tags["color_range"] = LIMITED
    bits = VideoFormat(plain_format(frame.format)).components[0].bits
    matrix = tags["colorspace"]
    if matrix not in WEIGHTS:
        tags["colorspace"] = UNSPECIFIED
        matrix = 1 if frame.height >= HIGH_DEFINITION else 6
    red, blue = WEIGHTS[matrix]
    full = name.startswith("yuvj") or tags["color_range"] == FULL
    full |= name.startswith("gray") and tags["color_range"] != LIMITED
    if full:
        tags["color_range"] = FULL
    return Coding(bits, full, red, blue), tags


def is_plain(name: str) -> bool:
    """Whether a format's first plane is its luma."""
    return bool(re.match(r"(yuv[ja]?4\d\dp|gray(?!f)|nv\d\d|p010)", name)) and not name.endswith(
        "be"
    )


def plain_format(format: VideoFormat) -> str:
    """The format itself if it is plain, and of others one that they become, of limited range."""
    if is_plain(format.name):
        return format.name
    most = max((one.bits for one in format.components), default=8)
    bits = next((bits for bits in DEPTHS if bits >= most), DEPTHS[-1])
    return "yuv444p" if bits == 8 else f"yuv444p{bits}le"


def chroma_level(frame: VideoFrame) -> float:
    """Mean distance of the chroma from gray, in levels of 255."""
    if frame.format.name.startswith("gray"):
        return 0.0
    small = _converted(frame, "yuv444p", 64, 64)
    chroma = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(64, -1)[:, :64]
        for plane in small.planes[1:3]
    ]
    return float(np.mean(np.abs(np.stack(chroma).astype(np.float32) - 128)))


def plain(frame: VideoFrame) -> VideoFrame:
    """The same frame in a plain format."""
    name = plain_format(frame.format)
    if name == frame.format.name:
        return frame
    return _converted(frame, name)


def _converted(
    frame: VideoFrame, name: str, width: int | None = None, height: int | None = None
) -> VideoFrame:
    """A frame in another format, of limited range, and of another size if that is given."""
    if int(frame.colorspace) not in (RGB, UNSPECIFIED, *WEIGHTS):  # FFmpeg converts no others
        frame.colorspace = UNSPECIFIED  # type: ignore[assignment]
    return frame.reformat(width, height, name, dst_color_range="MPEG")


def deinterlaced(frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """The same frames in a plain format, each from both of its fields (bwdif)."""
    graph = None
    for frame in map(plain, frames):
        if graph is None:
            graph = av.filter.Graph()
            buffer = graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            )
            graph.link_nodes(
                buffer,
                graph.add("bwdif", "mode=send_frame:deint=all"),
                graph.add("format", frame.format.name),  # bwdif does not take all of them
                graph.add("buffersink"),
            ).configure()
        graph.vpush(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.vpush(None)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return
