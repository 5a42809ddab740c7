"""`read`: from what a picture may be given as to what is known of it."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeGuard, cast

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import UnreadablePicture
from colornet.notices import Notice
from colornet.picture import exif, jpeg, note, png, profiles
from colornet.picture.attachments import attached
from colornet.picture.cutoff import can_be_partial, is_cut
from colornet.picture.depth import NO_SHADES, has_no_shades
from colornet.picture.faults import one_line, reading
from colornet.picture.foreign import open_foreign
from colornet.picture.formats import (
    GET_ANOTHER_COPY,
    SAVE_AS_PNG,
    SAVE_ONE,
    Format,
    becomes,
    is_read_only,
    misnamed,
)
from colornet.picture.limits import Limits
from colornet.picture.loader import Loader, orientation
from colornet.picture.looking import has_color
from colornet.picture.opened import Kind, Picture
from colornet.picture.partial import Area, missing, what_there_is
from colornet.picture.profiles import ICC, INTERPRETATIONS
from colornet.picture.sniffing import HEAD, find_format
from colornet.picture.sources import open_path, opener, read_bytes, source_of, stat_of_stream
from colornet.picture.tiff_pages import with_pages
from colornet.picture.tiff_repair import REPAIRED, repairs
from colornet.picture.unsupported import CANNOT, CONVERT

if TYPE_CHECKING:
    import PIL.Image

pyvips.cache_set_max(0)  # nothing is asked of libvips twice; what it kept would only take memory

Source: TypeAlias = "str | os.PathLike[str] | bytes | NDArray[Any] | PIL.Image.Image | BinaryIO"
"""What a picture may be given as."""

SMALL = 512  # pixels a side, at least: what is looked at before the picture is decoded in full
NO_PROFILE = Notice(
    "profile-ignored", "its color profile is damaged, or of other channels, and is passed over"
)
NO_XMP = Notice("xmp-damaged", "its XMP cannot be read, and is left out")
COLORS = {"b-w": 1, "grey16": 1, "srgb": 3, "rgb16": 3, "cmyk": 4}
"""Bands without alpha, of each kind of pixels that can be colorized."""


def read(source: Source, limits: Limits | None = None, partial: bool = False) -> Picture:
    """Look at a picture: find its format, check it, and leave its pixels for later.

    Args:
        source: a path, the bytes of a file, a binary stream (read to its end), a PIL picture, or
            an array (H, W) or (H, W, 1..4) of gray, gray + alpha, RGB or RGB + alpha: uint8,
            uint16, or float 0..1.
        limits: on bytes, pixels and sides.
        partial: whether a JPEG, PNG or TIFF may end too early: `areas` then says what there is.

    Raises:
        UnreadablePicture: missing, empty, truncated, unknown, too small, not a still photograph.
        PictureTooLarge: over the limits.
    """
    limits = limits or Limits()
    if isinstance(source, np.ndarray):
        return _from_array("the array", "array", source, limits, source.dtype)
    if _is_pil(source):
        return _from_pil(source, limits)
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        with open_path(path) as file:
            opened = os.fstat(file.fileno())  # before reading changes the time of access
            picture = _from_file(str(path), "path", file, lambda: path.open("rb"), limits, partial)
            return replace(picture, file=opened)
    found = stat_of_stream(source)
    name, kind, data = read_bytes(source, limits)
    reopen = functools.partial(io.BytesIO, data)
    return replace(_from_file(name, kind, reopen(), reopen, limits, partial), file=found)


def _from_file(
    name: str,
    kind: Kind,
    file: BinaryIO,
    reopen: Callable[[], BinaryIO],
    limits: Limits,
    partial: bool,
) -> Picture:
    with reading(name):
        limits.check_bytes(name, file.seek(0, os.SEEK_END))
        file.seek(0)
        found = find_format(name, file.read(HEAD))
        misnaming = misnamed(Path(name), found) if kind == "path" else ()
        if is_read_only(found):
            source = functools.partial(source_of, reopen)
            loader, notices = open_foreign(name, found, file, source, limits)
            notices = (*notices, *attached(file, found), *misnaming)
            known: dict[str, Any] = {"kind": kind, "notices": notices, "format": becomes(found)}
            return _checked(loader, limits, name=name, **known)
        format = cast("Format", found)
        if format == "jpeg" and (what := jpeg.unsupported(file)):
            raise UnreadablePicture(name, f"{CANNOT}: {what}", CONVERT)
        if format == "jpeg":
            limits.check_scans(name, jpeg.scans(file))
        changes = repairs(file) if format == "tiff" else {}
        loader = Loader(opener(format, reopen, changes), format, file=reopen)
        tags: dict[str, Any] = {}
        notices = attached(file, format)
        if format == "tiff":
            loader, notices = with_pages(name, loader, file, limits)
            notices += (REPAIRED,) * bool(changes)
            found_tags, damaged = exif.of_tiff(file, *loader.directories)
            tags |= found_tags
            notices += damaged
        if format == "png":
            tags["text"] = text = png.text_of(file)
            notices += text.notices
        cut = is_cut(format, file, (image.directory for image in loader.images))
        in_vain = partial and not can_be_partial(format, file)
        saving = _saving(loader, file)
    loader = replace(loader, cut=cut, in_vain=in_vain)
    tags |= {"name": name, "kind": kind, "saving": saving}
    return _checked(loader, limits, partial=partial, notices=(*notices, *misnaming), **tags)


def _saving(loader: Loader, file: BinaryIO) -> dict[str, Any]:
    """What the header tells about how it was stored, as options for libvips."""
    format = loader.format
    if format == "jpeg" and (quality := jpeg.quality(file)):
        return {"Q": quality}
    if format == "webp" and _is_lossless_webp(file):
        return {"lossless": True}
    if format == "tiff" and (compression := exif.tiff_compression(file, *loader.directories)):
        return {"compression": compression}
    return {}


def _is_lossless_webp(file: BinaryIO) -> bool:
    """By its chunks: what is lossless is called VP8L, and the other VP8."""
    file.seek(12)
    while len(chunk := file.read(8)) == 8 and not chunk.startswith(b"VP8 "):
        if chunk.startswith(b"VP8L"):
            return True
        size = int.from_bytes(chunk[4:], "little")
        file.seek(size + size % 2, os.SEEK_CUR)
    return False


def _from_array(
    name: str,
    kind: Kind,
    array: NDArray[Any],
    limits: Limits,
    dtype: np.dtype[Any] | None = None,
    icc: bytes | None = None,
) -> Picture:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4:
        reason = f"has the shape {array.shape}"
        raise UnreadablePicture(name, reason, "give (H, W) or (H, W, channels), 1 to 4 of them")
    height, width, bands = array.shape
    limits.check_size(name, width, height)
    array = _to_integers(name, array)
    image = pyvips.Image.new_from_array(np.array(array, order="C"))  # a copy: it may change
    colors = 1 if bands < 3 else 3
    image = image.copy(interpretation=INTERPRETATIONS[colors, 8 * array.itemsize])
    if icc:
        image.set_type(pyvips.GValue.blob_type, ICC, icc)
    loader = Loader(lambda **options: image)
    return _checked(loader, limits, name=name, kind=kind, dtype=dtype)


def _to_integers(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return array.astype(np.uint16)
    if array.dtype.kind != "f":
        reason = f"has the type {array.dtype}"
        raise UnreadablePicture(name, reason, "give uint8, uint16, or float 0..1")
    if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
        raise UnreadablePicture(name, "has values outside 0..1", "scale or clip them")
    wide = array.astype(np.result_type(array, np.float32), copy=False)  # float16 ends at 65504
    return np.rint(wide * 65535.0).astype(np.uint16)


def _is_pil(source: object) -> TypeGuard[PIL.Image.Image]:
    # Another thread may be importing it just now: then it has no Image, and no source can be one.
    kind = getattr(sys.modules.get("PIL.Image"), "Image", None)
    return kind is not None and isinstance(source, kind)


def _from_pil(source: PIL.Image.Image, limits: Limits) -> Picture:
    from PIL import ImageOps

    name = str(getattr(source, "filename", "") or "the picture")
    limits.check_size(name, source.width, source.height)
    icc = source.info.get("icc_profile")
    try:
        image = ImageOps.exif_transpose(source)
        if image.has_transparency_data and image.mode in ("1", "L", "P", "RGB"):
            image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
        elif image.mode in ("1", "P"):
            image = image.convert("L" if image.mode == "1" else "RGB")
    except OSError as error:
        raise UnreadablePicture(name, one_line(error), GET_ANOTHER_COPY) from None
    if image.mode not in ("L", "LA", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I;16N"):
        reason = f"is a PIL picture of mode {image.mode}"
        raise UnreadablePicture(name, reason, 'turn it into "L" or "RGB" with convert()')
    seen = _from_array(name, "pil", np.asarray(image), limits, icc=icc)
    with contextlib.suppress(OSError, ValueError):
        seen = replace(seen, file=Path(name).stat())
    return replace(seen, notices=(NO_SHADES,)) if source.mode == "1" else seen


def _checked(
    loader: Loader,
    limits: Limits,
    *,
    name: str,
    partial: bool = False,
    notices: tuple[Notice, ...] = (),
    **known: Any,
) -> Picture:
    """The picture with all that its header tells, if it is one that can be colorized."""
    with reading(name, loader.remedy):
        image = loader.image()
    pages = len(loader.images) or (image.get("n-pages") if image.get_typeof("n-pages") else 1)
    if pages > 1 and not loader.images:
        raise UnreadablePicture(name, f"holds {pages} pages or frames", SAVE_ONE)
    limits.check_size(name, image.width, image.height, pages)
    colors = COLORS.get(image.interpretation, 0)
    if image.bands - colors not in (0, 1) or image.format not in ("uchar", "ushort"):
        reason = f"holds {image.bands} channels of {image.format} ({image.interpretation})"
        raise UnreadablePicture(name, reason, SAVE_AS_PNG)
    if has_no_shades(image):
        notices = (*notices, NO_SHADES)
    if image.get_typeof("xmp-data") and not note.is_usable(bytes(image.get("xmp-data"))):
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
        loader, areas = what_there_is(name, loader, pages)
        notices += (missing(areas),)
    with reading(name, loader.remedy):
        had_color = colors > 1 and _has_color(loader)
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


def _has_color(loader: Loader) -> bool:
    """Also keeps what was decoded for that: the usual model wants the same."""
    small = loader.small(SMALL)
    loader.findings.small[loader.page, SMALL] = small
    return has_color(small)
