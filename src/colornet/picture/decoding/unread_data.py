"""Damage of JPEG and WebP files, recognized by data that the decoder did not need.

libjpeg and libwebp decode most damaged data without an error, and stop when the picture is full.
Data that are left over then are a sign of damage.
"""

from __future__ import annotations

import io
import mmap
import os
import struct
from typing import Any, BinaryIO

import pyvips

from colornet.notices import Notice
from colornet.picture.decoding import jpeg, webp

EOI = b"\xff\xd9"
TAIL = 2048  # the last bytes are handed out in steps of a quarter of what remains
PART = 4
PADDING = b"\0\xff"
"""Bytes that may pad the data."""
WEBP_TAIL = 16
"""Bytes at the end of a WebP; without them, libwebp finds intact data too short."""


def webp_has_unread_data(file: BinaryIO) -> bool:
    """Whether a WebP can be decoded without its last bytes, so that they are not used."""
    head, at, size = webp.pixel_data(file)
    if size <= WEBP_TAIL:
        return False
    size -= WEBP_TAIL
    file.seek(at)
    body = file.read(size) + bytes(size % 2)
    chunk = head + struct.pack("<I", size) + body
    data = b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk
    try:
        image = pyvips.Image.webpload_buffer(data, fail_on="error", access="sequential")
        image.crop(0, image.height - 1, 1, 1).avg()
    except pyvips.Error:
        return False
    return True


class JpegReader:
    """A JPEG that is handed to libvips in pieces, to see how many of them it needs."""

    def __init__(self, file: BinaryIO) -> None:
        """Read a file, which may be closed afterwards.

        Raises:
            struct.error, ValueError: it is not a JPEG, or has data between its segments.
        """
        self._pieces = pieces = _Pieces(file)
        self._source = pyvips.SourceCustom()  # has to live as long as what is opened
        self._source.on_read(pieces.read)
        self._source.on_seek(pieces.seek)

    def open(self, **options: Any) -> pyvips.Image:
        """The image, which can be decoded once; the options are those of libvips' loader."""
        return pyvips.Operation.call("jpegload_source", self._source, **options)

    @property
    def data(self) -> bytes:
        """All of the file."""
        return self._pieces.data

    @property
    def left_over(self) -> int:
        """Bytes between the last one read and the end of the picture; 0 if they are padding."""
        return self._pieces.left_over


class _Pieces:
    """The pieces of a JPEG. Separate, so that it and its source are no reference cycle."""

    def __init__(self, file: BinaryIO) -> None:
        self._data: bytes | mmap.mmap = (
            file.getvalue()
            if isinstance(file, io.BytesIO)
            else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        )
        self._end = self._data.find(EOI, jpeg.scan_start(file))
        self._position = 0

    @property
    def data(self) -> bytes:
        return bytes(self._data)

    @property
    def left_over(self) -> int:
        rest = self._data[self._position : max(self._end, self._position)]
        return len(rest) if rest.strip(PADDING) else 0

    def read(self, size: int) -> bytes:
        """Read the next bytes; near the end, fewer than asked for."""
        tail = max(self._end - TAIL, 0)
        if self._position < tail:
            size = min(size, tail - self._position)
        elif self._position < self._end:
            size = min(size, -(-(self._end - self._position) // PART))
        data = bytes(self._data[self._position : self._position + size])
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int) -> int:
        """Move the current position, like `seek` of a file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self._data)}[whence]
        self._position = base + offset
        return self._position


MORE_DATA = Notice(
    "data-left-over",
    "may be damaged: its data go on behind its last pixel; look at the result",
)


def left_over(count: int) -> Notice:
    """A notice of bytes that the decoder did not need."""
    text = f"may be damaged: {count:,} bytes of its data are left over; look at the result"
    return Notice("data-left-over", text)
