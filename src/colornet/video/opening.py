"""A film's file, opened: no other file and no address is read for it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from colornet.errors import (
    FilmTooLarge,
    UnreadableFilm,
    UnreadablePicture,
    system_reason,
)
from colornet.paths import exists
from colornet.picture.identify import HEAD, find_format

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h264,hevc,ivf,obu,flv,"
    "ogg,asf,mxf,nut,dv,gif,yuv4mpegpipe,vc1,rm,swf"
)
"""Containers that hold their own frames: playlists would open other files, and connections."""
FASTEST = 1000
"""Frames a second, at most, of a film."""


def open_film(path: Path) -> InputContainer:
    """The file, to be read from its beginning.

    Raises:
        UnreadableFilm: it is missing, empty or no film.
    """
    try:
        if not path.is_file():
            if exists(path) and not path.is_dir():
                reason = "is a pipe or device, in which no frame can be looked for"
                raise UnreadableFilm(path, reason, "save what comes out of it as a file first")
            reason = "is a folder" if path.is_dir() else "there is no such file"
            raise UnreadableFilm(path, reason, "name a film")
        if not path.stat().st_size:
            raise UnreadableFilm(path, "is empty", "check the file")
        allowed = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
        return av.open(f"file:{path}", options=allowed, metadata_errors="replace")
    except av.FFmpegError as error:
        if _lacks_index(path):
            reason = "ends before its index, without which no frame of an MP4 or MOV can be found"
            raise UnreadableFilm(path, reason, "get a whole copy of it") from None
        if _is_picture(path):
            reason = "is a picture, not a film"
            raise UnreadableFilm(path, reason, "color it as a photograph") from None
        reason = f"cannot be read as a film ({system_reason(error)})"
        raise UnreadableFilm(path, reason, "check the file") from None
    except OSError as error:
        reason = f"cannot be read ({system_reason(error)})"
        raise UnreadableFilm(path, reason, "check its permissions") from None


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(find_format(path.name, file.read(HEAD)))
    except UnreadablePicture:
        return False


def _lacks_index(path: Path) -> bool:
    """Whether it is an MP4 or MOV (ISO 14496-12) that was cut off before the box `moov`."""
    size = path.stat().st_size
    at, kinds = 0, []
    with path.open("rb") as file:
        while 0 <= at <= size - 8:
            file.seek(at)
            length, kind = int.from_bytes(file.read(4), "big"), file.read(4)
            if length == 1:  # a longer number follows
                length = int.from_bytes(file.read(8), "big")
            kinds.append(kind)
            at = at + length if length >= 8 else size
    return kinds[:1] == [b"ftyp"] and b"moov" not in kinds


def pictures(container: InputContainer, path: Path) -> VideoStream:
    """The first stream of pictures that is not a cover.

    Raises:
        UnreadableFilm: there is none.
    """
    for stream in container.streams.video:
        if stream.disposition & stream.disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise UnreadableFilm(path, "is coded in a way that is not known", "convert it first")
        return stream
    reason = "has sound only" if container.streams.audio else "has no video"
    raise UnreadableFilm(path, reason, "name a film")


def rate_of(stream: VideoStream) -> Fraction | None:
    """Frames a second, about; None: it does not say, or tells ticks of a clock, as raw DV."""
    rates = (stream.average_rate, stream.guessed_rate)
    return next((Fraction(rate) for rate in rates if rate and rate <= FASTEST), None)


def promised_end(container: InputContainer, stream: VideoStream) -> Fraction:
    """When the header says that the film ends, in seconds; 0 if it does not."""
    if stream.duration and stream.time_base:
        return ((stream.start_time or 0) + stream.duration) * stream.time_base
    told = re.fullmatch(r"(\d+):(\d+):(\d+\.\d{1,6})\d*", stream.metadata.get("DURATION", ""))
    if told:
        hours, minutes, seconds = told.groups()
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    if container.duration and len(container.streams) == 1:
        return Fraction((container.start_time or 0) + container.duration, 10**6)
    return Fraction(0)


def too_long(path: Path, most_seconds: float) -> FilmTooLarge:
    """The error about a film that lasts longer than it may."""
    reason = f"lasts longer than {most_seconds:g} seconds"
    return FilmTooLarge(path, reason, "cut it into parts, or raise the limit")


def no_frames(path: Path) -> UnreadableFilm:
    """The error about a film of which nothing can be decoded."""
    return UnreadableFilm(path, "holds no frame that can be decoded", "check the file")
