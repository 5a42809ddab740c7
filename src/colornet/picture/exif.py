"""EXIF in TIFF files, where it is a part of the file's own directory; libvips leaves it alone.

Everywhere else it is a block of bytes: a small TIFF of its own, which is how it is passed on here.
"""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from colornet.picture.ifd import (
    Directory,
    Header,
    Value,
    pack_directory,
    read_directory,
    read_header,
)

MARK = b"Exif\0\0"
TEXTS = (269, 270, 271, 272, 285, 305, 306, 315, 316, 33432)
"""Tags of the first directory that say something about the picture: document, description, make,
model, page, software, time, artist, computer, copyright."""
DIRECTORIES = (34665, 34853)
"""EXIF proper and GPS, which are directories of their own."""
STALE = (40962, 40963, 40965)
"""Width and height, which turning the picture changes, and what only its maker needs."""
COMPRESSION = 259
COMPRESSIONS = {1: "none", 5: "lzw", 8: "deflate", 32946: "deflate", 32773: "packbits"}
"""Those without loss that libvips writes, by their numbers in TIFF."""


def of_tiff(file: BinaryIO) -> bytes | None:
    """What a TIFF file says about its first page, as a block; None: nothing, or it is damaged."""
    try:
        header = read_header(file)
        told = _told(file, header)
    except (struct.error, ValueError, OverflowError):
        return None
    if not told:
        return None
    return MARK + struct.pack("<2sHI", b"II", 42, 8) + pack_directory(told, 8)


def tiff_compression(file: BinaryIO) -> str | None:
    """What the first page is compressed with, if libvips can do the same without loss."""
    try:
        header = read_header(file)
        value = read_directory(file, header, header.first)[0].get(COMPRESSION)
    except (struct.error, ValueError, OverflowError):
        return None
    return COMPRESSIONS.get(value.number) if value else None


def add_to_tiff(file: BinaryIO, block: bytes) -> None:
    """Put what a block says into the first directory of a TIFF that libvips wrote."""
    blob = io.BytesIO(block.removeprefix(MARK))
    try:
        told = _told(blob, read_header(blob))
    except (struct.error, ValueError, OverflowError):
        return
    header = read_header(file)
    present, following = read_directory(file, header, header.first)
    at = file.seek(0, io.SEEK_END)
    at += file.write(b"\0" * (at % 2))
    file.write(pack_directory(told | present, at, header.big, following))
    file.seek(header.first_at)
    file.write(struct.pack("<Q" if header.big else "<I", at))


def _told(file: BinaryIO, header: Header) -> dict[int, Value | Directory]:
    values, _ = read_directory(file, header, header.first)
    told: dict[int, Value | Directory] = {tag: values[tag] for tag in TEXTS if tag in values}
    for tag in DIRECTORIES:
        if tag in values:
            inner, _ = read_directory(file, header, values[tag].number)
            told[tag] = {key: value for key, value in inner.items() if key not in STALE}
    return told
