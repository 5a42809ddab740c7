"""A TIFF's strips and tiles that hold black, looked at for damage that libtiff does not notice.

LZW has no checksums, and a JPEG in a TIFF has none either. A wrong bit can turn an area black.
"""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.notices import Notice
from colornet.picture.decoding.jpeg import damaged_header
from colornet.picture.decoding.jpeg_range import out_of_range
from colornet.picture.decoding.unread_data import JpegReader, left_over
from colornet.picture.tiff.blocks import JPEG, LZW, Blocks, jpeg_blocks, read_blocks, read_bytes
from colornet.picture.tiff.images import TiffImage
from colornet.picture.tiff.lzw import adds_a_string_twice
from colornet.stopping import checkpoint

BLACK = 8 / 255  # of the largest level
LEAST_SHARE = 0.01  # of the pixels are black, or no strip is looked at
MOST_BYTES = 1 << 16  # of data, after which no other strip is looked at; the darkest come first
MOST_LZW = 1 << 20  # bytes of one strip that are looked at, which takes half a second
STRANGE_LZW = Notice(
    "lzw-data",
    "may be damaged: its LZW data are unlike any encoder's; look at the result",
)


def doubts(
    file: BinaryIO, image: TiffImage, levels: NDArray[np.unsignedinteger]
) -> Iterator[Notice]:
    """Notices of damage, at most one of each kind.

    Args:
        file: the TIFF.
        image: of it.
        levels: (H, W) of a small copy of the image.
    """
    dark = levels <= BLACK * np.iinfo(levels.dtype).max
    page = read_blocks(file, image.directory) if dark.mean() >= LEAST_SHARE else None
    if page is None or page.compression not in (LZW, JPEG):
        return
    known: set[str] = set()
    left = MOST_BYTES
    for number in _darkest_first(page, image, dark):
        if left < 0:
            break
        left -= page.counts[number]
        checkpoint()
        for notice in _doubts_of(file, page, number):
            if notice.code not in known:
                known.add(notice.code)
                yield notice


def _darkest_first(page: Blocks, image: TiffImage, dark: NDArray[np.bool_]) -> list[int]:
    """The numbers of the strips or tiles that hold black."""
    count = min(len(page.offsets), len(page.counts))
    shares = {}
    for number in range(count):
        left, top, right, bottom = page.place(number, image.width, image.height)
        rows = slice(top * len(dark) // image.height, -(-bottom * len(dark) // image.height))
        across = dark.shape[1]
        columns = slice(left * across // image.width, -(-right * across // image.width))
        part = dark[rows, columns]
        shares[number] = float(part.mean()) if part.size else 0.0
    held = [number for number in shares if shares[number] >= LEAST_SHARE]
    return sorted(held, key=lambda number: -shares[number])


def _doubts_of(file: BinaryIO, page: Blocks, number: int) -> Iterator[Notice]:
    if page.compression == LZW:
        if adds_a_string_twice(read_bytes(file, page, number, MOST_LZW)):
            yield STRANGE_LZW
        return
    whole = next(jpeg_blocks(file, page, [number]))
    yield from damaged_header(io.BytesIO(whole))
    with contextlib.suppress(pyvips.Error, struct.error, ValueError):
        reader = JpegReader(io.BytesIO(whole))
        reader.open(access="sequential").avg()
        if count := reader.left_over:
            yield left_over(count)
    if beyond := out_of_range(whole):
        yield beyond
