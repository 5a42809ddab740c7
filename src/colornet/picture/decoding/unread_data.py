"""Whether the decoder of a JPEG or WebP came to the end of its data.

libjpeg and libwebp find no fault with most damaged data: they go on with what they now mean, and
stop when the picture is full. What is left over then tells.
"""

from __future__ import annotations

import io
import mmap
import os
import struct
from typing import Any, BinaryIO

import pyvips

from colornet.notices import Notice
from colornet.picture.decoding import jpeg

EOI = b"\xff\xd9"
TAIL, STEP = 2048, 16  # bytes before the end that are handed out in small pieces
LAST = 64  # and one by one; libjpeg takes up to 8 more than it needs
PADDING = b"\0\xff"
"""What may fill up the data without being any."""
WEBP_TAIL = 16
"""Bytes without whose last four libwebp finds the data too short."""


def webp_has_unread_data(file: BinaryIO) -> bool:
    """Whether a WebP can be decoded without its last bytes, which then are not its picture's."""
    head, at, size = _webp_data(file)
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


def _webp_data(file: BinaryIO) -> tuple[bytes, int, int]:
    """Type, offset and size of the chunk that holds a WebP's picture; all 0 if there is none."""
    at = 12
    file.seek(at)
    while len(head := file.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        if kind in (b"VP8 ", b"VP8L"):
            return kind, at + 8, size
        at = file.seek(size + size % 2, os.SEEK_CUR)
    return b"", 0, 0


class JpegReader:
    """A JPEG that is handed to libvips piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        """The file may be closed afterwards.

        Raises:
            struct.error, ValueError: it is no JPEG, or there is something between its segments.
        """
        self._pieces = pieces = _Pieces(file)
        self._source = pyvips.SourceCustom()  # has to live as long as what is opened
        self._source.on_read(pieces.read)
        self._source.on_seek(pieces.seek)

    def open(self, **options: Any) -> pyvips.Image:
        """The image, to be decoded once; its options are those of libvips' loader."""
        return pyvips.Operation.call("jpegload_source", self._source, **options)

    @property
    def left_over(self) -> int:
        """Bytes between the last that was asked for and the end of the picture; 0: padding."""
        return self._pieces.left_over


class _Pieces:
    """The source holds on to this, and this not to the source."""

    def __init__(self, file: BinaryIO) -> None:
        self._data: bytes | mmap.mmap = (
            file.getvalue()
            if isinstance(file, io.BytesIO)
            else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        )
        self._end = self._data.find(EOI, jpeg.scan_start(file))
        self._position = 0

    @property
    def left_over(self) -> int:
        rest = self._data[self._position : max(self._end, self._position)]
        return len(rest) if rest.strip(PADDING) else 0

    def read(self, size: int) -> bytes:
        """Fewer bytes than asked for, near the end."""
        tail = max(self._end - TAIL, 0)
        if self._position < tail:
            size = min(size, tail - self._position)
        elif self._position < self._end:
            size = min(size, STEP if self._position < self._end - LAST else 1)
        data = bytes(self._data[self._position : self._position + size])
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int) -> int:
        """As of a file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self._data)}[whence]
        self._position = base + offset
        return self._position


MORE_DATA = Notice(
    "data-left-over",
    "may be damaged: its data go on behind its last pixel; look at the result",
)


def left_over(count: int) -> Notice:
    """A notice of so many bytes that its decoder had no use for."""
    text = f"may be damaged: {count:,} bytes of its data are left over; look at the result"
    return Notice("data-left-over", text)
