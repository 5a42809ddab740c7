"""A TIFF's pages, selected from its images, and checked to fit into one result."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import BinaryIO

from colornet.errors import OptionError, UnreadablePicture
from colornet.notices import Notice
from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.thumbnails import show_the_same
from colornet.picture.formats import CANNOT, SAVE_ONE, Limits
from colornet.picture.tiff import channels, samples
from colornet.picture.tiff.images import (
    GRAY,
    TiffImage,
    find_images,
    full_resolution,
    left_out_images,
)

CHOOSE_ONE = "choose one of them with --page 1 (page=1)"


def with_tiff_pages(
    name: str, loader: Loader, file: BinaryIO, limits: Limits, page: int | None = None
) -> tuple[Loader, tuple[Notice, ...]]:
    """A loader of the pages in full resolution, and notices of what is left out.

    Args:
        name: for messages.
        loader: a loader of the TIFF.
        file: the TIFF, whose directories are read.
        limits: limits on its size.
        page: the number of the only page to load, from 1; None: all.

    Raises:
        OptionError: there is no such page.
        UnreadablePicture: camera raw, pages of different sizes, unsupported samples, damage.
        PictureTooLarge: over the limits.
    """
    found = find_images(name, file, limits)
    if not any(found):
        return loader, ()  # libvips reports what is wrong

    def is_copy(image: TiffImage, other: TiffImage) -> bool:
        limits.check_size(name, other.width, other.height)
        one, two = (replace(loader, images=(each,)) for each in (image, other))
        return show_the_same(one, two)

    images = full_resolution(found, is_copy)
    left_out = left_out_images(found, images)
    loader = replace(loader, file_pages=len(images))
    if page is not None:
        check_page(page, len(images))
        images = [images[page - 1]]
    limits.check_size(name, images[0].width, images[0].height, len(images))
    if len({image.layout for image in images}) > 1:
        reason = f"holds {len(images)} pages of different sizes or kinds"
        raise UnreadablePicture(name, reason, f"{SAVE_ONE}; or {CHOOSE_ONE}")
    samples.check_samples(name, images[0])
    _check_planes(name, images[0])
    notices = left_out + channels.left_out_channels(images[0].extra)
    notices += (channels.TOO_MANY_NAMED,) * images[0].names_too_many
    if images[0].is_float:
        for image in images:
            options = {"access": "sequential", "fail_on": "truncated", **image.options}
            samples.check_range(name, partial(loader.open, **options))
        notices += (samples.FLOATS,)
    return replace(loader, images=tuple(images)), notices


def check_page(page: int, count: int) -> None:
    """Raise `OptionError` unless a file of so many pages has that one."""
    if isinstance(page, bool) or not isinstance(page, Integral) or not 1 <= page <= count:
        has = "one page" if count == 1 else f"{count} pages"
        remedy = f"use 1 to {count}" if count > 1 else "leave it out"
        raise OptionError("page", f"{page!r} is not in the file, which has {has}", remedy)


def _check_planes(name: str, image: TiffImage) -> None:
    """Refuse separate planes that libvips cannot read: tiles, and gray with other channels."""
    if image.is_planar and (image.is_tiled or image.photometric in GRAY):
        what = "tiles of" if image.is_tiled else "gray beside"
        reason = f"{CANNOT}: a TIFF that stores {what} channels apart"
        raise UnreadablePicture(name, reason, "store its channels together (PlanarConfiguration 1)")
