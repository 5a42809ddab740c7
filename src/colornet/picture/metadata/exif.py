"""EXIF and IPTC in TIFF files, where they are tags of the file's own directory.

libvips does not read EXIF there, and truncates IPTC. In all other formats, EXIF is a block of
bytes in the form of a small TIFF, and this module uses the same form.
"""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Sequence
from typing import BinaryIO

import pyvips

from colornet.notices import Notice
from colornet.picture.tiff.directories import (
    DAMAGE,
    UNDEFINED,
    Directory,
    Header,
    Value,
    pack_directory,
    read_directory,
    read_header,
)

PHOTOSHOP = b"Photoshop 3.0\0"
"""The start of Photoshop's resources in a JPEG; IPTC is one of them."""
EXIF_DAMAGED = Notice("exif-damaged", "some of its EXIF is damaged, and is left out")
IPTC_DAMAGED = Notice("iptc-damaged", "some of its IPTC is damaged, and is left out")
MARK = b"Exif\0\0"
TEXTS = (269, 270, 271, 272, 285, 305, 306, 315, 316, 33432)
"""Tags of the first directory that describe the picture: document, description, make, model, page,
software, time, artist, computer, copyright."""
DIRECTORIES = (34665, 34853)
"""Tags of the EXIF and GPS directories."""
STALE = (40962, 40963, 40965)
"""Tags that are not copied: width and height, which rotation changes, and interoperability."""
COMPRESSION, XMP, IPTC = 259, 700, 33723
RESOLUTION = (282, 283, 296)
"""Tags of the horizontal and vertical resolution, and of its unit."""
OF_PAGES = (*TEXTS, *DIRECTORIES, *RESOLUTION, XMP, IPTC)
"""Tags that each page has for itself."""
COMPRESSIONS = {1: "none", 5: "lzw", 8: "deflate", 32946: "deflate", 32773: "packbits"}
"""Lossless compressions that libvips writes, by their numbers in TIFF."""


def damage(image: pyvips.Image) -> tuple[Notice, ...]:
    """Notices of EXIF and IPTC that are damaged.

    Args:
        image: an image of libvips, with both as fields.
    """
    found: list[Notice] = []
    if image.get_typeof("exif-data"):
        block = io.BytesIO(bytes(image.get("exif-data")).removeprefix(MARK))
        try:
            header = read_header(block)
            _told(block, header, header.first)
        except DAMAGE:
            found.append(EXIF_DAMAGED)
    if image.get_typeof("iptc-data"):
        data = bytes(image.get("iptc-data"))
        if data.startswith(PHOTOSHOP) and not photoshop_resources(data)[1]:
            found.append(IPTC_DAMAGED)
    return tuple(found)


def photoshop_resources(data: bytes) -> tuple[dict[int, bytes], bool]:
    """Photoshop's resources by number, up to the first damaged one, and whether all are intact."""
    found: dict[int, bytes] = {}
    at = len(PHOTOSHOP)
    while data[at : at + 4] == b"8BIM" and len(data) >= at + 7:
        (number,) = struct.unpack_from(">H", data, at + 4)
        name = data[at + 6] + 1
        at += 6 + name + name % 2
        if len(data) < at + 4:
            return found, False
        (size,) = struct.unpack_from(">I", data, at)
        found[number] = data[at + 4 : at + 4 + size]
        at += 4 + size + size % 2
    return found, at in (len(data), len(data) + 1) or not any(data[at:])


def of_tiff(file: BinaryIO, *directories: int) -> tuple[dict[str, bytes], tuple[Notice, ...]]:
    """Read EXIF, as a block, and IPTC, as records, of an image in a TIFF.

    Args:
        file: the TIFF.
        directories: offsets of the image's directories; tags of later ones take precedence. None:
            the first directory.

    Returns:
        The data under `exif` and `iptc`, and notices of those that are damaged and left out.
    """
    found = {}
    told: dict[int, Value | Directory] = {}
    try:
        header = read_header(file)
        for offset in directories or (header.first,):
            iptc = read_directory(file, header, offset)[0].get(IPTC)
            if iptc:
                found["iptc"] = iptc.data
            told |= _told(file, header, offset)
        if told:
            found["exif"] = MARK + struct.pack("<2sHI", b"II", 42, 8) + pack_directory(told, 8)
    except DAMAGE:
        return found, (EXIF_DAMAGED,)
    return found, ()


def tiff_compression(file: BinaryIO, *directories: int) -> str | None:
    """The compression of an image in a TIFF; None: libvips cannot write it without loss.

    Args:
        file: the TIFF.
        directories: offsets of the image's directories, its own last. None: the first directory.
    """
    with contextlib.suppress(*DAMAGE):
        header = read_header(file)
        *_, offset = directories or (header.first,)
        value = read_directory(file, header, offset)[0].get(COMPRESSION)
        return COMPRESSIONS.get(value.number) if value else None
    return None


def of_page(file: BinaryIO, *directories: int) -> dict[int, Value | Directory]:
    """The metadata of a TIFF's page, as it is stored.

    Args:
        file: the TIFF.
        directories: offsets of the page's directories; tags of later ones take precedence.
    """
    told: dict[int, Value | Directory] = {}
    for offset in directories:
        with contextlib.suppress(*DAMAGE):
            header = read_header(file)
            told |= read_directory(file, header, offset, (*RESOLUTION, XMP, IPTC))[0]
            told |= _told(file, header, offset)
    return told


def add_to_tiff(
    file: BinaryIO, block: bytes = b"", iptc: bytes = b"", later: Sequence[Directory] = ()
) -> None:
    """Write metadata into the directories of a TIFF.

    Args:
        file: the TIFF, as libvips wrote it.
        block: EXIF of the first page.
        iptc: IPTC records of the first page.
        later: all metadata of each later page, which replaces what libvips wrote.
    """
    told: dict[int, Value | Directory] = {IPTC: Value(UNDEFINED, iptc)} if iptc else {}
    blob = io.BytesIO(block.removeprefix(MARK))
    with contextlib.suppress(*DAMAGE):
        header = read_header(blob)
        told |= _told(blob, header, header.first)
    if not told and not later:
        return
    header = read_header(file)
    pages, following = [], header.first
    for own in (None, *later):
        present, following = read_directory(file, header, following)
        if own is not None:
            present = {tag: value for tag, value in present.items() if tag not in OF_PAGES}
        pages.append({**(told if own is None else own), **present})
    for page in reversed(pages):  # each has the offset of the next
        at = file.seek(0, io.SEEK_END)
        at += file.write(b"\0" * (at % 2))
        file.write(pack_directory(page, at, header.big, following))
        following = at
    file.seek(header.first_at)
    file.write(struct.pack("<Q" if header.big else "<I", following))


def _told(file: BinaryIO, header: Header, offset: int) -> dict[int, Value | Directory]:
    values, _ = read_directory(file, header, offset)
    told: dict[int, Value | Directory] = {tag: values[tag] for tag in TEXTS if tag in values}
    for tag in DIRECTORIES:
        if tag in values:
            inner, _ = read_directory(file, header, values[tag].number)
            told[tag] = {key: value for key, value in inner.items() if key not in STALE}
    return told
