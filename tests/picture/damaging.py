"""Sound pictures, and what happens to files: ends lost, zeros and flipped bits in their data."""

import io
import struct

import pyvips
from PIL import Image
from skimage import data

from colornet.picture import Limits
from colornet.picture.tiff import directories
from colornet.picture.tiff.blocks import STRIPS, TILES, read_blocks
from colornet.picture.tiff.images import find_images

GRAY = data.camera()[:256, :320]
ROWS = 64  # of a strip
TILE = 64


def tiff(compression="none", tile=False, array=GRAY, **options):
    """Strips of 64 rows, or tiles of 64 x 64."""
    options = {"tile_height": ROWS, "tile_width": TILE} | options
    return pyvips.Image.new_from_array(array).tiffsave_buffer(
        compression=compression, tile=tile, Q=90, **options
    )


def encoded(format, array=GRAY, **options):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format, **options)
    return buffer.getvalue()


def blocks(sound, page=0):
    """Offset and size of each strip or tile of a TIFF."""
    file = io.BytesIO(sound)
    (image,) = find_images("sound.tif", file, Limits())[page]
    found = read_blocks(file, image.directory)
    return list(zip(found.offsets, found.counts, strict=True))


def directory_first(sound):
    """A TIFF of one page with its directory before its data, as most scanners write it."""
    file = io.BytesIO(sound)
    header = directories.read_header(file)
    assert header.order == "<"
    tags, _ = directories.read_directory(file, header, header.first)
    places = TILES[0] if TILES[0] in tags else STRIPS[0]
    starts = [offset for offset, _ in blocks(sound)]
    size = 0
    for _ in range(2):  # the first time for its size alone
        moved = directories.Value.numbers(directories.LONG, *(start + size for start in starts))
        directory = directories.pack_directory(tags | {places: moved}, 8)
        size = len(directory)
    return sound[:4] + struct.pack("<I", 8) + directory + sound[8 : header.first]


def zeroed(sound, block, page=0, part=0.0):
    """A strip or tile of nothing but zeros, from a part of it on."""
    offset, size = blocks(sound, page)[block]
    start, end = offset + round(part * size), offset + size
    return sound[:start] + bytes(end - start) + sound[end:]
