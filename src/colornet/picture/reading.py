"""`read`: open a picture from a path, bytes, a stream, an array or a PIL picture."""

from __future__ import annotations

import contextlib
import functools
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import PictureError, UnreadablePicture, checked_flag
from colornet.notices import Notice
from colornet.paths import path_of_source
from colornet.picture import profiles
from colornet.picture.decoding import jpeg
from colornet.picture.decoding.arrays import checked_array, in_memory, is_pil, load_pil
from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.read_only_formats import open_read_only
from colornet.picture.decoding.small_copies import small_copy
from colornet.picture.decoding.thumbnails import has_color, show_the_same
from colornet.picture.decoding.tiff_pages import check_page, with_tiff_pages
from colornet.picture.decoding.truncated import (
    Area,
    can_be_partial,
    is_cut,
    missing_part,
    readable_part,
)
from colornet.picture.decoding.vips_images import opener, orientation, source_of
from colornet.picture.files import Kind, open_path, read_bytes, stat_of_stream
from colornet.picture.formats import (
    CANNOT,
    CONVERT,
    SAVE_AS_PNG,
    SAVE_ONE,
    Format,
    Limits,
    becomes,
    is_read_only,
    misnamed,
)
from colornet.picture.identify import HEAD, find_format
from colornet.picture.libvips import refuse_forked
from colornet.picture.libvips_errors import decode_errors
from colornet.picture.metadata import exif, png_text, xmp
from colornet.picture.metadata.attachments import attached
from colornet.picture.picture import Picture
from colornet.picture.profiles import ICC
from colornet.picture.saving import stored_options
from colornet.picture.tiff.repair import REPAIRED, repairs

if TYPE_CHECKING:
    import PIL.Image

Source: TypeAlias = "str | os.PathLike[str] | bytes | NDArray[Any] | PIL.Image.Image | BinaryIO"
"""The types of sources that `read` accepts."""

SMALL = 512  # pixels a side, at least, of the copy in which color is looked for
NO_PROFILE = Notice(
    "profile-ignored", "its color profile is damaged, or of other channels, and is ignored"
)
NO_SHADES = Notice(
    "no-shades",
    "it has no shades, only black and white (1 bit a pixel), so that its colors mean little",
)
PIL_HAS_8_BITS = Notice(
    "depth-reduced", "its 16 bits a channel become 8, which is what a PIL picture in color holds"
)
NO_XMP = Notice("xmp-damaged", "its XMP cannot be read, and is left out")
COLORS = {"b-w": 1, "grey16": 1, "srgb": 3, "rgb16": 3, "cmyk": 4}
"""The number of color bands of each interpretation that can be colorized."""


def read(
    source: Source,
    limits: Limits | None = None,
    partial: bool = False,
    page: int | None = None,
) -> Picture:
    """Open a picture: find its format and check its header. Its pixels are decoded later.

    Args:
        source: a path, the bytes of a file, a binary stream (read to its end), a PIL picture, or
            an array (H, W) or (H, W, 1..4) of gray, gray + alpha, RGB or RGB + alpha: uint8,
            uint16, or float 0..1.
        limits: limits on bytes, pixels and sides.
        partial: whether to accept a truncated JPEG, PNG or TIFF, whose `areas` are then set.
        page: the number of the one page of a TIFF to read, from 1; None: all.

    Raises:
        OptionError: there is no such page; `partial` is not a bool; or this process was forked
            from one that had read pictures.
        UnreadablePicture: missing, empty, truncated, unknown, too small, not a still photograph.
        PictureTooLarge: over the limits.
    """
    refuse_forked()
    picture = _read(source, limits or Limits(), checked_flag("partial", partial), page)
    if page is not None:
        check_page(page, picture.file_pages)
    return picture


def _read(source: Source, limits: Limits, partial: bool, page: int | None) -> Picture:
    how = limits, partial, page
    if isinstance(source, np.ndarray):
        return _from_array(source, limits)
    if is_pil(source):
        return _from_pil(source, limits)
    if isinstance(source, str | os.PathLike):
        path = path_of_source(source)
        with open_path(path) as file:
            opened = os.fstat(file.fileno())  # before reading changes the time of access
            picture = _from_file(str(path), "path", file, lambda: path.open("rb"), *how)
            return replace(picture, file=opened)
    found = stat_of_stream(source)
    name, kind, data = read_bytes(source, limits)
    reopen = functools.partial(io.BytesIO, data)
    return replace(_from_file(name, kind, reopen(), reopen, *how), file=found)


def _from_file(
    name: str,
    kind: Kind,
    file: BinaryIO,
    reopen: Callable[[], BinaryIO],
    limits: Limits,
    partial: bool,
    page: int | None,
) -> Picture:
    with decode_errors(name):
        limits.check_bytes(name, file.seek(0, os.SEEK_END))
        file.seek(0)
        found = find_format(name, file.read(HEAD))
        told = misnamed(Path(name), found) if kind == "path" else ()
        if is_read_only(found):
            source = functools.partial(source_of, reopen)
            loader, notices = open_read_only(name, found, file, source, limits)
            notices = (*notices, *attached(file, found), *told)
            known: dict[str, Any] = {"kind": kind, "notices": notices, "format": becomes(found)}
            return _checked(loader, limits, name=name, **known)
        format = cast("Format", found)
        if format == "jpeg" and (what := jpeg.unsupported(file)):
            raise UnreadablePicture(name, f"{CANNOT}: {what}", CONVERT)
        if format == "jpeg":
            limits.check_scans(name, jpeg.scans(file))
            told += jpeg.damaged_header(file)
        changes = repairs(file) if format == "tiff" else {}
        loader = Loader(opener(format, reopen, changes), format, file=reopen)
        tags: dict[str, Any] = {}
        notices = attached(file, format)
        if format == "tiff":
            loader, notices = with_tiff_pages(name, loader, file, limits, page)
            notices += (REPAIRED,) * bool(changes)
            found_tags, damaged = exif.of_tiff(file, *loader.directories)
            tags |= found_tags
            notices += damaged
        if format == "png":
            tags["text"] = text = png_text.text_of(file)
            notices += text.notices
        cut = is_cut(format, file, (image.directory for image in loader.images))
        partial_unsupported = partial and not can_be_partial(format, file)
        saving = stored_options(loader, file)
    loader = replace(loader, cut=cut, partial_unsupported=partial_unsupported)
    tags |= {"name": name, "kind": kind, "saving": saving}
    return _checked(loader, limits, partial=partial, notices=(*notices, *told), **tags)


def _from_array(array: NDArray[Any], limits: Limits) -> Picture:
    name = "the array"
    loader = in_memory(checked_array(name, array, limits))
    return _checked(loader, limits, name=name, kind="array", dtype=array.dtype)


def _from_pil(source: PIL.Image.Image, limits: Limits) -> Picture:
    name = str(getattr(source, "filename", "") or "the picture")
    loader = load_pil(name, source, limits)
    picture = _checked(loader, limits, name=name, kind="pil")
    if picture.depth > 8:
        picture = replace(picture, notices=(*picture.notices, PIL_HAS_8_BITS))
    with contextlib.suppress(OSError, ValueError):
        picture = replace(picture, file=Path(name).stat())
    return picture


def _checked(
    loader: Loader,
    limits: Limits,
    *,
    name: str,
    partial: bool = False,
    notices: tuple[Notice, ...] = (),
    **known: Any,
) -> Picture:
    """The picture with all that its header says, if it can be colorized."""
    with decode_errors(name, loader.remedy):
        image = loader.image()
    pages = len(loader.images) or (image.get("n-pages") if image.get_typeof("n-pages") else 1)
    if pages > 1 and not loader.images:
        raise UnreadablePicture(name, f"holds {pages} pages or frames", SAVE_ONE)
    limits.check_size(name, image.width, image.height, pages)
    colors = COLORS.get(image.interpretation, 0)
    if image.bands - colors not in (0, 1) or image.format not in ("uchar", "ushort"):
        reason = f"holds {image.bands} channels of {image.format} ({image.interpretation})"
        raise UnreadablePicture(name, reason, SAVE_AS_PNG)
    if _has_no_shades(image):
        notices = (*notices, NO_SHADES)
    if image.get_typeof("xmp-data") and not xmp.is_usable(bytes(image.get("xmp-data"))):
        notices = (*notices, NO_XMP)
    notices = (*notices, *exif.damage(image))
    if told := profiles.notice(image):
        notices = (*notices, told)
    elif "text" in known and known["text"].has_profile and not image.get_typeof(ICC):
        notices = (*notices, NO_PROFILE)
    if orientation(image) > 1 and "text" in known:
        known["text"] = known["text"].upright()
    turned = orientation(image) > 4
    areas: tuple[Area, ...] = ()
    if partial and loader.cut:
        loader, areas = readable_part(name, loader, pages)
        notices += (missing_part(areas),)
    with decode_errors(name, loader.remedy):
        # the copy is kept, since the default model needs the same
        had_color = colors > 1 and has_color(small_copy(loader, SMALL, keep=True))
    return Picture(
        name=name,
        width=image.height if turned else image.width,
        height=image.width if turned else image.height,
        depth=8 if image.format == "uchar" else 16,
        pages=pages,
        has_alpha=image.bands > colors,
        had_color=had_color,
        areas=areas,
        notices=notices,
        loader=loader,
        **{"format": loader.format} | known,
    )


def look_alike(one: Source, other: Source) -> bool:
    """Whether two pictures have much the same lightness at a small size.

    Raises:
        UnreadablePicture, PictureTooLarge: see `read`.
    """
    pictures = read(one), read(other)
    with decode_errors(pictures[1].name):
        return show_the_same(*(picture.loader for picture in pictures))


def shows_in_color(one: Source, gray: Source) -> bool:
    """Whether a picture has color, and shows the same as one that has none.

    False if one of them cannot be read.
    """
    try:
        return read(one).had_color and not read(gray).had_color and look_alike(one, gray)
    except PictureError:
        return False


def _has_no_shades(image: pyvips.Image) -> bool:
    """Whether a file stores one bit a pixel."""
    key = "bits-per-sample"
    return bool(image.get_typeof(key)) and image.get(key) == 1
