"""Small copies, decoded from whole pictures, which are checked for damage on the way."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyvips

from colornet.notices import Notice
from colornet.picture.decoding import dark_blocks
from colornet.picture.decoding.differences import LOST_PREDICTOR, corner_of, look_like_differences
from colornet.picture.decoding.jpeg_range import is_clipped, out_of_range
from colornet.picture.decoding.jpeg_tiles import join_tiles
from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.plain_areas import plain_area
from colornet.picture.decoding.unread_data import (
    MORE_DATA,
    JpegReader,
    left_over,
    webp_has_unread_data,
)
from colornet.picture.decoding.vips_images import (
    ROWS,
    decode_in_this_thread,
    find_jpeg_damage,
    orientation,
    to_array,
)
from colornet.picture.libvips import caught_warnings
from colornet.picture.libvips_errors import Damage, clear_errors, find_damage, ignored_tags
from colornet.picture.tiff import blocks

WITHOUT_CHECKSUMS = ("jpeg", "tiff", "webp")
TRIES = 3  # attempts, if a warning may be about a picture of another thread
ANY_BLOCK = 1 << 26  # bytes that any tile may hold, since it may be larger than its picture


def small_copy(loader: Loader, side: int, keep: bool = False) -> pyvips.Image:
    """A small upright copy in memory, of one to four times `side` pixels a side.

    This decodes the whole picture and checks it for damage. Smaller pictures keep their size.

    Args:
        loader: of the picture.
        side: in pixels.
        keep: whether to keep the copy for the next call that asks for it.

    Raises:
        pyvips.Error: the picture is damaged.
    """
    kept = loader.findings.small.pop((loader.page, side), None)
    image = _checked(loader, side) if kept is None else kept
    if keep:
        loader.findings.small[loader.page, side] = image
    return image


def _checked(loader: Loader, side: int) -> pyvips.Image:
    if _has_more_to_check(loader):
        with ThreadPoolExecutor(1) as thread:
            checked = thread.submit(_check_blocks, loader)
            image, doubt = _small(loader, side)
            doubt = doubt or checked.result()
    else:
        image, doubt = _small(loader, side)
    loader.raise_damage(doubt)
    return image.autorot() if orientation(image) > 1 else image


def _small(loader: Loader, side: int) -> tuple[pyvips.Image, Damage | None]:
    for _ in range(TRIES):
        clear_errors()
        with caught_warnings() as told:
            image, known = _shrunk(loader, side, told)
        doubt = find_damage(loader.format, told, told[:known])
        if doubt is None or doubt.certain:
            break
    return image, doubt


def _shrunk(loader: Loader, side: int, told: list[str]) -> tuple[pyvips.Image, int]:
    """A small copy, and the number of warnings that the header alone gave."""
    watched = _watched(loader)
    opened = replace(loader, open=watched.open) if watched else loader
    if loader.format == "jpeg":
        shrink = _jpeg_shrink(loader, side)
        known = len(told)  # the header's image is freed, so its warnings were given
        image = opened.image(shrink=shrink)
    else:
        image = opened.image()
        known = len(told)
    width, height, format = image.width, image.height, image.format
    across, down = (max(1, length // (2 * side)) for length in (width, height))
    if across * down > 1:
        image = image.cast("float").shrink(across, down).rint().cast(format)
    if loader.format == "tiff":
        image = decode_in_this_thread(image, max(1, ROWS // down))
    else:
        image = image.copy_memory()
    if loader.page not in loader.findings.doubts and not loader.rows:
        doubts = (*ignored_tags(told[:known]), *_doubts(loader, image, watched))
        loader.findings.doubts[loader.page] = doubts
    return image, known


def _jpeg_shrink(loader: Loader, side: int) -> int:
    """The factor by which libjpeg may shrink it."""
    image = loader.image()
    room = min(image.width, image.height) // side
    return next((step for step in (8, 4, 2) if step <= room), 1)


def _doubts(loader: Loader, image: pyvips.Image, watched: JpegReader | None) -> Iterator[Notice]:
    """Notices of possible damage that no decoder reports.

    Args:
        image: a small copy of the picture.
        watched: the reader that it was decoded from, if it is a JPEG.
    """
    if watched and (left := watched.left_over):
        yield left_over(left)
    elif loader.format == "webp" and loader.file:
        with loader.file() as file:
            if webp_has_unread_data(file):
                yield MORE_DATA
    if loader.format not in WITHOUT_CHECKSUMS:
        return
    bands, levels = image.bands, to_array(image)
    has_alpha = bands in (2, 4) and image.interpretation != "cmyk"
    if loader.format != "tiff" and has_alpha and np.ptp(levels[..., -1]):
        return  # what is transparent is often plain; lost rows of a TIFF are transparent, too
    if loader.tiff and blocks.may_have_predictor(loader.tiff):
        stored = image if image.width == loader.tiff.width else loader.image()
        if look_like_differences(corner_of(stored)):
            yield LOST_PREDICTOR
    levels = levels[..., 1 if bands >= 3 else 0]  # gray, green or magenta
    if plain := plain_area(levels):
        yield plain
    elif watched and is_clipped(levels) and (beyond := out_of_range(watched.data)):
        yield beyond
    elif loader.tiff and loader.file:
        with loader.file() as file:
            yield from dark_blocks.doubts(file, loader.tiff, levels)


def _watched(loader: Loader) -> JpegReader | None:
    if loader.format == "jpeg" and loader.file and not loader.rows:
        with loader.file() as file, contextlib.suppress(struct.error, ValueError):
            return JpegReader(file)
    return None


def _has_more_to_check(loader: Loader) -> bool:
    if loader.tiff is None or loader.file is None or loader.rows:
        return False
    checked = loader.findings.checked
    return blocks.can_be_checked(loader.tiff) and loader.tiff.directory not in checked


def _check_blocks(loader: Loader) -> Damage | None:
    """Damage of a TIFF that its decoder does not report."""
    image = loader.tiff
    assert image
    assert loader.file
    with loader.file() as file:
        page = blocks.read_blocks(file, image.directory)
        if page is None:
            return None
        most = max(ANY_BLOCK, image.area * image.samples * 2)
        if wrong := blocks.wrong_checksum(file, page, most):
            return Damage(wrong)
        for whole, tiles in join_tiles(blocks.jpeg_tiles(file, page)):
            if find_jpeg_damage(whole) and (
                found := next(filter(None, map(find_jpeg_damage, tiles)), None)
            ):
                return found
    loader.findings.checked.add(image.directory)
    return None
