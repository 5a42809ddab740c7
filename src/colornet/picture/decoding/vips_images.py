"""Functions of libvips images: to open them, and to decode them in the calling thread."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.picture.formats import Format
from colornet.picture.libvips import caught_warnings
from colornet.picture.libvips_errors import Damage, find_damage
from colornet.picture.profiles import ICC
from colornet.picture.tiff.repair import Repairs, repaired


def opener(
    format: Format, reopen: Callable[[], BinaryIO], changes: Repairs
) -> Callable[..., pyvips.Image]:
    """A function that opens the image, with the options of libvips' loaders.

    Args:
        format: of the file.
        reopen: opens the file.
        changes: changes to the file, made before libvips reads it.
    """
    if format == "jpeg":  # libvips would apply a gain map
        return lambda **options: pyvips.Operation.call(
            "jpegload_source", source_of(reopen), **options
        )
    return lambda **options: pyvips.Image.new_from_source(source_of(reopen, changes), "", **options)


def source_of(reopen: Callable[[], BinaryIO], changes: Repairs | None = None) -> pyvips.Source:
    """A source for libvips that reads the file from its beginning."""
    with reopen() as file:
        if changes:
            return repaired(file, changes)
        if isinstance(file, io.BytesIO):
            return pyvips.Source.new_from_memory(file.getvalue())  # not copied: it is unchanged
        return pyvips.Source.new_from_descriptor(file.fileno())


KEPT = (ICC, "orientation")
"""Metadata that copies keep, since they affect how the pixels are interpreted."""
ROWS = 64  # rows that are decoded at a time, at most


def first_rows(image: pyvips.Image, rows: int) -> pyvips.Image:
    """The image, black below its first rows, so that no other row is decoded."""
    if rows:
        return image.crop(0, 0, image.width, rows).embed(0, 0, image.width, image.height)
    blank = pyvips.Image.black(image.width, image.height, bands=image.bands).cast(image.format)
    return _like(blank, image)


def decode_in_this_thread(image: pyvips.Image, rows: int = ROWS) -> pyvips.Image:
    """Decode an image into memory in this thread, so that its warnings can be collected.

    Args:
        image: the image.
        rows: the number of rows to decode at a time.
    """
    size = (image.width, image.height, image.bands, image.format)
    data = _decode_here(image, *size[:2], rows)
    return _like(pyvips.Image.new_from_memory(data, *size), image)


def _decode_here(image: pyvips.Image, width: int, height: int, rows: int) -> bytes:
    region = pyvips.Region.new(image)
    tops = range(0, height, rows)
    return b"".join([region.fetch(0, top, width, min(rows, height - top)) for top in tops])


def _like(pixels: pyvips.Image, image: pyvips.Image) -> pyvips.Image:
    """Pixels with the interpretation, profile and orientation of another image."""
    copy = pixels.copy(interpretation=image.interpretation)
    for key in KEPT:
        if gtype := image.get_typeof(key):
            copy.set_type(gtype, key, image.get(key))
    return copy


def find_jpeg_damage(data: bytes) -> Damage | None:
    """The damage of a JPEG in memory; None: there is none."""
    try:
        with caught_warnings() as told:
            tile = pyvips.Image.jpegload_buffer(
                data, fail_on="warning", access="sequential", shrink=8
            )
            _decode_here(tile, tile.width, tile.height, ROWS)
            del tile
    except pyvips.Error as error:
        return Damage(str(error.detail).strip())
    return find_damage("jpeg", told)


def to_array(image: pyvips.Image) -> NDArray[Any]:
    """The pixels as an array (H, W, C), also for one band."""
    return np.asarray(image.numpy()).reshape(image.height, image.width, image.bands)


def orientation(image: pyvips.Image) -> int:
    """The EXIF orientation, 1 to 8."""
    return image.get("orientation") if image.get_typeof("orientation") else 1
