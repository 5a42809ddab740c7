"""A TIFF's strips and tiles: whether they are complete, and whether their checksums are right.

libtiff does not verify checksums, and libvips ignores libjpeg's warnings about tiles.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from colornet.picture.tiff.directories import DAMAGE, SIZES, Value, read_directory, read_header
from colornet.picture.tiff.images import TiffImage
from colornet.stopping import checkpoint

COMPRESSION, ROWS, JPEG_TABLES = 259, 278, 347
STRIPS, TILES = (273, 279), (324, 325)
"""Tags of their offsets and byte counts."""
TILE_SIZES = 322, 323
"""Tags of their width and height."""
UNCOMPRESSED, LZW, JPEG, DEFLATE = 1, 5, 7, (8, 32946)
SOI, EOI = b"\xff\xd8", b"\xff\xd9"
PIECE = 1 << 18  # bytes read and inflated at a time


class Blocks(NamedTuple):
    """The strips or tiles of one page.

    Attributes:
        compression: TIFF's number for it.
        tiled: whether they are tiles.
        offsets: of each, from the beginning of the file.
        counts: bytes of each.
        tables: the quantization and Huffman tables that its JPEG streams share.
        size: width and height of a tile; a strip's width is 0, as it is the image's.
    """

    compression: int
    tiled: bool
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    tables: bytes
    size: tuple[int, int]

    def place(self, number: int, width: int, height: int) -> tuple[int, int, int, int]:
        """The left, top, right and bottom of a strip or tile of an image of this size."""
        across, down = (
            max(1, size or length) for size, length in zip(self.size, (width, height), strict=True)
        )
        columns, rows = -(-width // across), -(-height // down)
        row, column = divmod(number % (columns * rows), columns)  # planes follow one another
        left, top = column * across, row * down
        return left, top, min(left + across, width), min(top + down, height)


def read_blocks(file: BinaryIO, directory: int) -> Blocks | None:
    """The strips or tiles of the image whose directory is at this offset; None: it is damaged."""
    with contextlib.suppress(*DAMAGE):
        return _blocks(read_directory(file, read_header(file), directory)[0])
    return None


def _places(tags: dict[int, Value]) -> tuple[Value | None, Value | None]:
    """The tags of the offsets and the byte counts."""
    offsets, counts = TILES if TILES[0] in tags else STRIPS
    return tags.get(offsets), tags.get(counts)


def _blocks(tags: dict[int, Value]) -> Blocks:
    tiled = TILES[0] in tags
    offsets, counts = (value.all_numbers if value else () for value in _places(tags))
    compression = tags[COMPRESSION].number if COMPRESSION in tags else UNCOMPRESSED
    tables = tags[JPEG_TABLES].data if JPEG_TABLES in tags else b""
    sizes = TILE_SIZES if tiled else (None, ROWS)
    size = tuple(tags[tag].number if tag in tags else 0 for tag in sizes)
    return Blocks(compression, tiled, offsets, counts, tables, (size[0], size[1]))


def is_cut(file: BinaryIO, directories: Iterable[int]) -> bool:
    """Whether a strip or tile of the images extends beyond the end of the file."""
    size = file.seek(0, os.SEEK_END)
    images = (read_blocks(file, directory) for directory in directories)
    return any(
        offset + count > size
        for image in images
        if image
        for offset, count in zip(image.offsets, image.counts, strict=False)
    )


def with_counts_lowered(file: BinaryIO, directories: Iterable[int]) -> bytes:
    """A truncated TIFF whose byte counts are lowered to the bytes that it has.

    libtiff decodes nothing of a strip that lacks its last byte, and it may be the only one.
    Incomplete JPEG tiles get a count of 0, since libvips would decode them without an error.

    Args:
        file: the TIFF.
        directories: offsets of its pages' directories.

    Raises:
        DAMAGE: a directory is damaged.
    """
    file.seek(0)
    whole = bytearray(file.read())
    header = read_header(file)
    for directory in directories:
        tags, _ = read_directory(file, header, directory)
        page, (_, counts) = _blocks(tags), _places(tags)
        if counts is None:
            continue
        there = [
            max(0, min(count, len(whole) - offset))
            for offset, count in zip(page.offsets, page.counts, strict=False)
        ]
        if page.compression == JPEG and page.tiled:
            pairs = zip(there, page.counts, strict=False)
            there = [size if size == count else 0 for size, count in pairs]
        data = np.array(there, f"{header.order}u{SIZES[counts.type]}").tobytes()
        whole[counts.at : counts.at + len(data)] = data
    return bytes(whole)


def may_have_predictor(image: TiffImage) -> bool:
    """Whether it may store differences of neighboring pixels, of 8 or 16 bits."""
    compressed = image.compression == LZW or image.compression in DEFLATE
    return compressed and not image.is_float and set(image.bits) <= {8, 16}


def can_be_checked(image: TiffImage) -> bool:
    """Whether there is more to be found out about its strips or tiles than libtiff tells."""
    return image.compression in DEFLATE or (image.compression == JPEG and image.is_tiled)


def wrong_checksum(file: BinaryIO, page: Blocks, most: int) -> str | None:
    """A message about the first strip or tile whose checksum is wrong; None: there is none.

    Args:
        file: the TIFF.
        page: its strips or tiles; only deflated ones have checksums.
        most: bytes of pixels that a strip or tile may hold.
    """
    if page.compression not in DEFLATE:
        return None
    for number, (offset, count) in enumerate(zip(page.offsets, page.counts, strict=False)):
        checkpoint()
        file.seek(offset)
        try:
            _inflate(file, count, most)
        except zlib.error as error:
            kind = "tile" if page.tiled else "strip"
            return f"{kind} {number} of {len(page.offsets)}: {error}"
    return None


def _inflate(file: BinaryIO, count: int, most: int) -> None:
    """Inflate to the end, and raise zlib.error for wrong checksums and data that end too early."""
    engine = zlib.decompressobj()
    rest = b""
    while most >= 0 and not engine.eof:
        if not rest:
            rest = file.read(min(count, PIECE))
            count -= len(rest)
        if not rest:
            raise zlib.error("the data end too early")
        most -= len(engine.decompress(rest, PIECE))
        rest = engine.unconsumed_tail


def jpeg_tiles(file: BinaryIO, page: Blocks) -> Iterator[bytes]:
    """Each JPEG tile as a JPEG file; libtiff itself reports damage in strips."""
    if page.compression == JPEG and page.tiled:
        yield from jpeg_blocks(file, page, range(min(len(page.offsets), len(page.counts))))


def jpeg_blocks(file: BinaryIO, page: Blocks, numbers: Iterable[int]) -> Iterator[bytes]:
    """These JPEG strips or tiles, each as a JPEG file."""
    tables = page.tables.removesuffix(EOI) or SOI
    for number in numbers:
        yield tables + read_bytes(file, page, number).removeprefix(SOI)


def read_bytes(file: BinaryIO, page: Blocks, number: int, most: int | None = None) -> bytes:
    """The data of a strip or tile, as they are stored; with `most`, no more bytes than that."""
    file.seek(page.offsets[number])
    count = page.counts[number]
    return file.read(count if most is None else min(count, most))
