"""The chunks of a WebP."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

LOSSY, LOSSLESS = b"VP8 ", b"VP8L"
"""Types of the chunk that holds the pixels; an animation has them in others."""


def pixel_data(file: BinaryIO) -> tuple[bytes, int, int]:
    """The type, offset and size of the chunk of pixels; all of them empty: there is none."""
    at = 12
    file.seek(at)
    while len(head := file.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        if kind in (LOSSY, LOSSLESS):
            return kind, at + 8, size
        at = file.seek(size + size % 2, os.SEEK_CUR)
    return b"", 0, 0
