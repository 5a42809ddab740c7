"""`write`: store a colored picture in the way that its source was stored."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

import pyvips

from colornet.errors import CHECK_FOLDER, UnwritablePicture, checked_flag
from colornet.notices import Notice
from colornet.paths import path_of
from colornet.picture.encoding import Encoding
from colornet.picture.formats import (
    DEEP,
    NAMES,
    SUFFIXES,
    Format,
    check_result,
    format_of_suffix,
    losses,
    read_only_of_suffix,
)
from colornet.picture.libvips_errors import one_line
from colornet.picture.mark import marked
from colornet.picture.metadata import exif, png_text
from colornet.picture.picture import Picture
from colornet.picture.pixels import Pixels
from colornet.picture.profiles import from_srgb, profile_of
from colornet.picture.result_metadata import (
    iptc_records,
    left_out,
    of_later_pages,
    stripped,
    with_metadata,
)
from colornet.picture.saving import SAVERS, save_options
from colornet.stopping import checkpoint, current_check
from colornet.whole_files import whole_file

PROBE = 1 << 16  # bytes; that many zeros are more than a full disk takes


Result = TypeVar("Result")


class Written(NamedTuple, Generic[Result]):
    """A result that was stored.

    Attributes:
        result: its path, or else bytes, an array or a PIL picture.
        notices: what may not be as expected in it.
    """

    result: Result
    notices: tuple[Notice, ...] = ()


def write(
    picture: Picture,
    pixels: Pixels,
    target: str | Path | None = None,
    encoding: Encoding | None = None,
    overwrite: bool = False,
) -> Written[Any]:
    """Store the colorized picture, with the metadata of the one it was made from.

    Args:
        picture: the source.
        pixels: sRGB of the source's size, that of all its pages.
        target: a file to write, whole or not at all; None: the same kind as came in, that is an
            array (H, W, 3 or 4) of the source's dtype, a PIL picture, or else bytes.
        encoding: how to store it; of an array or PIL picture only what it shows.
        overwrite: whether a target that is there may be replaced.

    Returns:
        The target's path, bytes, an array or a PIL picture; with the notices of the pixels and of
        metadata that has no place in the result's format.

    Raises:
        OptionError: `overwrite` is not a bool, or the target not a path.
        UnwritablePicture: unknown format, already there, the source itself, no folder, no
            permission, no space.
        UnreadablePicture: the source's pixels are damaged or cut off, or its file has changed.
    """
    overwrite = checked_flag("overwrite", overwrite)
    encoding = Encoding.of(encoding)
    if encoding.before_after:
        pixels = pixels.before_after
    if encoding.mark:
        pixels = marked(pixels, picture.name, picture.pages)
    if target is None:
        if picture.kind in ("array", "pil"):
            return Written(_to_array(picture, pixels), pixels.notices)
        memory = io.BytesIO()
        with _writing("the result", "ask for another format"):
            format = encoding.format or picture.format or "png"
            told = _encode(picture, pixels, format, encoding, memory)
        return Written(memory.getvalue(), (*pixels.notices, *told))
    target = path_of("target", target)
    format = check_target(picture, target, encoding, overwrite)
    with _writing(target):
        with whole_file(target, overwrite) as file:
            told = _encode(picture, pixels, format, encoding, file)
            picture.check_unchanged()
        if encoding.keep_times and picture.times:
            os.utime(target, ns=picture.times)
    return Written(target, (*pixels.notices, *told))


def check_target(
    picture: Picture, target: Path, encoding: Encoding | None, overwrite: bool
) -> Format:
    """The format of a result in a file, before it is written.

    Raises:
        UnwritablePicture: unknown format, already there, the source itself, no folder.
    """
    format = _target_format(target, Encoding.of(encoding))
    with _writing(target):
        _check_free(picture, target, overwrite)
    return format


def _check_free(picture: Picture, target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise UnwritablePicture(target, "is a folder", "name a file in it")
    if picture.is_in(target):
        remedy = "choose another name; colorize with in_place keeps it as NAME.orig.jpg"
        raise UnwritablePicture(target, "is the original itself", remedy)
    if os.path.lexists(target) and not overwrite:
        raise UnwritablePicture(
            target,
            "is already there",
            "--overwrite (overwrite=True) replaces it, or choose another name",
        )
    if not target.parent.is_dir():
        raise UnwritablePicture(target, "its folder does not exist", "make the folder first")


def _target_format(target: Path, encoding: Encoding) -> Format:
    by_suffix = format_of_suffix(target)
    if encoding.format and by_suffix and encoding.format != by_suffix:
        reason = f"its suffix says {by_suffix}, but the format is to be {encoding.format}"
        remedy = f"end the name in {SUFFIXES[encoding.format][0]}"
        raise UnwritablePicture(target, reason, remedy)
    format = encoding.format or by_suffix
    if format is None:
        reason = f"unknown format {target.suffix}" if target.suffix else "its name has no suffix"
        if read_only := read_only_of_suffix(target):
            reason = f"{NAMES[read_only]} is read, but not written"
        known = ", ".join(suffixes[0] for suffixes in SUFFIXES.values())
        remedy = f"end the name in {known}, or in / for a folder"
        raise UnwritablePicture(target, reason, remedy)
    return format


# Encoding


def _encode(
    picture: Picture, pixels: Pixels, format: Format, encoding: Encoding, file: BinaryIO
) -> tuple[Notice, ...]:
    """Encode into a file or a BytesIO; returns notices of what the format cannot hold."""
    if picture.pages > 1 and format != "tiff":
        reason = f"{format.upper()} holds one page, and {picture.name} has {picture.pages}"
        raise UnwritablePicture("the result", reason, "store it as a TIFF")
    check_result(picture.name, format, pixels.width, pixels.height)
    header = picture.header()
    with pixels.vips_image() as image:
        image = from_srgb(image, profile_of(header))
        made = pixels.made
        if made:
            made = replace(made, options={**made.options, **encoding.said})
        image = with_metadata(_fitted(image, format), picture, format, made)
        if encoding.strip_metadata:
            image = stripped(image, made, encoding.keep_note)
        told = () if encoding.strip_metadata else left_out(picture, header, format)
        options = save_options(picture, pixels, header, format, encoding)
        _save(image, picture, format, options, file)
    if format == "tiff":
        strip = encoding.strip_metadata
        tags = bytes(image.get("exif-data")) if image.get_typeof("exif-data") else b""
        first = (b"", b"") if strip else (tags, iptc_records(picture, header))
        later = of_later_pages(picture, made, strip, encoding.keep_note)
        exif.add_to_tiff(file, *first, later)
    if format != picture.format:
        told = (*told, *losses(format, pixels.depth, pixels.bands))
    return tuple(notice.about(picture.name) for notice in told)


def _save(
    image: pyvips.Image, picture: Picture, format: Format, options: dict[str, Any], file: BinaryIO
) -> None:
    _let_end(image)
    save = getattr(image, SAVERS[format][0])
    if format == "png":
        chunks = () if "keep" in options else picture.text.chunks
        if image.get_typeof("xmp-data"):
            chunks = png_text.xmp_chunk(bytes(image.get("xmp-data"))), *chunks
            image.remove("xmp-data")
        with png_text.behind_header(file, chunks) as target:
            save(target, **options)
    elif isinstance(file, io.BytesIO):
        target = pyvips.Target.new_to_memory()
        save(target, **options)
        file.write(target.get("blob"))
    else:
        try:
            save(pyvips.Target.new_to_descriptor(file.fileno()), **options)
        except pyvips.Error:
            os.write(file.fileno(), bytes(PROBE))  # libvips does not tell that a disk is full
            raise


def _let_end(image: pyvips.Image) -> None:
    """Let libvips check between its steps whether the work was told to stop."""
    if (told := current_check()) is not None:
        image.set_progress(True)
        image.signal_connect("eval", lambda image, _: image.set_kill(told()))


def _fitted(rgb: pyvips.Image, format: Format) -> pyvips.Image:
    """Reduce depth and channels to what the format holds; JPEG gets white for transparency."""
    if format not in DEEP and rgb.format == "ushort":
        rgb = (rgb * (255 / 65535)).rint().cast("uchar").copy(interpretation="srgb")
    if format == "jpeg" and rgb.bands == 4:
        rgb = rgb.flatten(background=[255])
    return rgb


def _to_array(picture: Picture, pixels: Pixels) -> Any:
    if picture.kind == "pil":
        return pixels.image
    array = pixels.array()
    if picture.dtype is not None and picture.dtype.kind == "f":
        return (array / 65535.0).astype(picture.dtype)
    return array


@contextlib.contextmanager
def _writing(target: object, remedy: str = CHECK_FOLDER) -> Iterator[None]:
    """Raise errors of libvips and the system as `UnwritablePicture`."""
    try:
        yield
    except (pyvips.Error, OSError) as error:
        checkpoint()  # it may have been told to stop
        raise UnwritablePicture(target, f"cannot be written ({one_line(error)})", remedy) from None
