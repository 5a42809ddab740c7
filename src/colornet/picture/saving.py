"""libvips' options for storing a result: its source's, where it says them."""

from __future__ import annotations

from typing import Any, BinaryIO

import pyvips

from colornet.picture.decoding import jpeg, webp
from colornet.picture.decoding.loader import Loader
from colornet.picture.encoding import Encoding
from colornet.picture.formats import LOSSY, Format
from colornet.picture.metadata import exif
from colornet.picture.picture import Picture
from colornet.picture.pixels import Pixels

SAVERS: dict[Format, tuple[str, dict[str, Any]]] = {
    "jpeg": ("jpegsave_target", {"Q": 92}),
    "png": ("pngsave_target", {"compression": 6}),
    "tiff": ("tiffsave_target", {"compression": "deflate", "predictor": "horizontal"}),
    "webp": ("webpsave_target", {"Q": 90}),
    "avif": ("heifsave_target", {"Q": 80, "compression": "av1", "effort": 3}),
}
"""Each format's libvips operation and its default options."""
MIN_QUALITY = 60
"""The lowest quality that a result takes from its source; below it, colors show blocks."""
CLASSIC_TIFF = 3 << 30  # bytes of pixels; with more, a file may exceed 4 GB and needs BigTIFF


def stored_options(loader: Loader, file: BinaryIO) -> dict[str, Any]:
    """The options by which a file was stored, as far as its header says so."""
    format = loader.format
    if format == "jpeg" and (quality := jpeg.quality(file)):
        return {"Q": quality}
    if format == "webp" and webp.pixel_data(file)[0] == webp.LOSSLESS:
        return {"lossless": True}
    if format == "tiff" and (compression := exif.tiff_compression(file, *loader.directories)):
        return {"compression": compression}
    return {}


def save_options(
    picture: Picture, pixels: Pixels, header: pyvips.Image, format: Format, encoding: Encoding
) -> dict[str, Any]:
    """The options for a result: as asked for, or else as the source was stored, or else defaults.

    Args:
        picture: the source.
        pixels: of the result.
        header: the source's.
        format: of the result.
        encoding: what was asked for.
    """
    options = dict(SAVERS[format][1])
    if format == picture.format:
        options |= picture.saving
        options["Q"] = max(options.get("Q", 0), MIN_QUALITY)
    if format == picture.format == "jpeg" and header.bands == 3:
        options["subsample_mode"] = "on" if _is_halved(header) else "off"
    if encoding.quality is not None:
        options |= {"Q": encoding.quality}
        options.pop("lossless", None)
    if format not in LOSSY:
        options.pop("Q", None)
    if (
        format == "tiff"
        and pixels.width * pixels.height * pixels.bands * pixels.depth // 8 > CLASSIC_TIFF
    ):
        options["bigtiff"] = True
    if encoding.strip_metadata:
        options["keep"] = "icc:xmp"
    return options


def _is_halved(header: pyvips.Image) -> bool:
    """Whether a JPEG stores color at half the resolution."""
    key = "jpeg-chroma-subsample"
    return bool(header.get_typeof(key)) and header.get(key) == "4:2:0"
