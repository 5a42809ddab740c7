"""Pixels in memory: arrays, PIL pictures, and the results of other decoders."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import UnreadablePicture
from colornet.picture.decoding.loader import Loader
from colornet.picture.formats import GET_ANOTHER_COPY, Limits
from colornet.picture.libvips_errors import one_line
from colornet.picture.profiles import ICC, INTERPRETATIONS

if TYPE_CHECKING:
    import PIL.Image

PIL_MODES = ("L", "LA", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I;16N")
"""Modes that need no conversion."""
WIDE_MODES = ("I", "F")
"""Modes of 32 bits, whose range is not known; `convert` would clip it to 8 bits."""


def in_memory(
    pixels: NDArray[Any], fields: Mapping[str, bytes | None] | None = None, bits: int | None = None
) -> Loader:
    """A loader of upright pixels.

    Args:
        pixels: (H, W) or (H, W, 1..4), uint8 or uint16; they must not change afterwards.
        fields: metadata by libvips' names.
        bits: bits of a pixel in the file, if the array has more.
    """
    if pixels.ndim == 2:
        pixels = pixels[..., np.newaxis]
    image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels))
    kind = 1 if pixels.shape[2] < 3 else 3, 8 * pixels.itemsize
    image = image.copy(interpretation=INTERPRETATIONS[kind])
    if bits:
        image.set_type(pyvips.GValue.gint_type, "bits-per-sample", bits)
    for field, value in (fields or {}).items():
        if value:
            image.set_type(pyvips.GValue.blob_type, field, value)
    image.set_type(pyvips.GValue.gint_type, "orientation", 1)  # EXIF may have the former one
    return Loader(lambda **options: image, held=pixels.nbytes)


def checked_array(name: str, array: NDArray[Any], limits: Limits) -> NDArray[Any]:
    """Copy an array into the form of a picture: (H, W, 1..4), uint8 or uint16.

    Args:
        name: for messages.
        array: (H, W) or (H, W, 1..4), uint8, uint16, or float 0..1.
        limits: limits on its size.

    Raises:
        UnreadablePicture: it has another shape, type or range, or is too small.
        PictureTooLarge: over the limits.
    """
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4:
        reason = f"has the shape {array.shape}"
        raise UnreadablePicture(name, reason, "give (H, W) or (H, W, channels), 1 to 4 of them")
    limits.check_size(name, array.shape[1], array.shape[0])
    if np.ma.is_masked(array):
        raise UnreadablePicture(name, "has masked pixels", "give them values, as filled() does")
    return np.array(_to_integers(name, array), order="C")


def _to_integers(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return array.astype(np.uint16)
    if array.dtype.kind != "f":
        reason = f"has the type {array.dtype}"
        raise UnreadablePicture(name, reason, "give uint8, uint16, or float 0..1")
    if np.isnan(array).any():
        raise UnreadablePicture(name, "has values that are not numbers", "replace them")
    if not (array.min() >= 0 and array.max() <= 1):
        raise UnreadablePicture(name, "has values outside 0..1", "scale or clip them")
    wide = array.astype(np.result_type(array, np.float32), copy=False)  # float16 ends at 65504
    return np.rint(wide * 65535.0).astype(np.uint16)


def is_pil(source: object) -> TypeGuard[PIL.Image.Image]:
    """Whether it is a PIL picture; Pillow is not imported for that."""
    # While another thread imports it, it may have no Image yet; then no source can be one.
    kind = getattr(sys.modules.get("PIL.Image"), "Image", None)
    return kind is not None and isinstance(source, kind)


def load_pil(name: str, source: PIL.Image.Image, limits: Limits) -> Loader:
    """A loader of a PIL picture.

    Args:
        name: for messages.
        source: the picture.
        limits: limits on its size.

    Raises:
        UnreadablePicture: it is damaged, too small, or of a mode that is not read.
        PictureTooLarge: over the limits.
    """
    from PIL import ImageOps

    limits.check_size(name, source.width, source.height)
    icc = source.info.get("icc_profile")
    icc = icc if isinstance(icc, bytes) else None
    try:
        image = ImageOps.exif_transpose(source)
        if image.has_transparency_data and image.mode in ("1", "L", "P", "RGB"):
            image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
        elif image.mode in ("1", "P"):
            image = image.convert("L" if image.mode == "1" else "RGB")
    except Exception as error:  # Pillow's errors of damaged files have no common base
        raise UnreadablePicture(
            name, f"cannot be read ({one_line(error)})", GET_ANOTHER_COPY
        ) from None
    if image.mode not in PIL_MODES:
        reason = f"is a PIL picture of mode {image.mode}"
        remedy = 'turn it into "L" or "RGB" with convert()'
        if image.mode in WIDE_MODES:
            remedy = "give an array of uint8, uint16, or float 0..1"
        raise UnreadablePicture(name, reason, remedy)
    pixels = checked_array(name, np.asarray(image), limits)
    return in_memory(pixels, {ICC: icc}, bits=1 if source.mode == "1" else None)
