"""Formats and codecs as people call them, by FFmpeg's names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CONTAINERS = {
    "asf": "ASF",
    "avi": "AVI",
    "flv": "Flash Video",
    "gif": "GIF",
    "mpeg": "MPEG",
    "mpegts": "MPEG transport stream",
    "mxf": "MXF",
    "ogg": "Ogg",
}
FAMILIES = {
    "matroska": {".webm": "WebM", "": "Matroska"},
    "mov": {".mov": "QuickTime", ".3gp": "3GP", "": "MP4"},
}
"""Containers that FFmpeg has one name for, by the film's suffix; "" stands for all others."""
CODECS = {
    "aac": "AAC",
    "ac3": "AC-3",
    "alac": "Apple Lossless",
    "ass": "ASS",
    "av1": "AV1",
    "dts": "DTS",
    "dvb_subtitle": "DVB subtitles",
    "dvd_subtitle": "DVD subtitles",
    "dvvideo": "DV",
    "eac3": "E-AC-3",
    "ffv1": "FFV1",
    "flac": "FLAC",
    "gif": "GIF",
    "h264": "H.264",
    "hdmv_pgs_subtitle": "Blu-ray subtitles",
    "hevc": "HEVC",
    "mjpeg": "Motion JPEG",
    "mov_text": "MPEG-4 timed text",
    "mp2": "MP2",
    "mp3": "MP3",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4",
    "opus": "Opus",
    "prores": "ProRes",
    "subrip": "SubRip",
    "theora": "Theora",
    "vc1": "VC-1",
    "vorbis": "Vorbis",
    "vp8": "VP8",
    "vp9": "VP9",
    "webvtt": "WebVTT",
    "wmav2": "Windows Media Audio",
    "wmv3": "Windows Media Video 9",
}


def container(name: str, path: Path) -> str:
    """The name of a film's container.

    Args:
        name: FFmpeg's, which may be a list of names.
        path: of the film.
    """
    first = name.split(",")[0]
    family = FAMILIES.get(first)
    if family:
        return family.get(path.suffix.lower(), family[""])
    return CONTAINERS.get(first, first)


def codec(name: str) -> str:
    """The name of a codec, or FFmpeg's own for a rare one."""
    return "uncompressed" if name.startswith("pcm_") else CODECS.get(name, name)


def codec_of(stream: Any) -> str:
    """FFmpeg's name of a stream's codec; "unknown" if it has none."""
    if stream.codec_context is None:
        return "unknown"
    name: str = stream.codec_context.codec.canonical_name
    return name
