"""The types and depths of a TIFF's samples that can be read, and errors for the others."""

from __future__ import annotations

from collections.abc import Callable

import pyvips

from colornet.errors import UnreadablePicture
from colornet.notices import Notice
from colornet.picture.profiles import INTERPRETATIONS
from colornet.picture.tiff.images import TiffImage

UNSIGNED, SIGNED, UNKNOWN = 1, 2, 4
"""SampleFormat; higher numbers are complex numbers."""
PLAIN_COLORS = (1, 2)
"""PhotometricInterpretation of gray in which 0 is black, and of RGB."""
REMEDY = "convert it to 8 or 16 bits a channel"
FLOATS = Notice(
    "float-as-16-bits", "it is stored as floating point, and its result with 16 bits a channel"
)


def check_samples(name: str, image: TiffImage) -> None:
    """Raise UnreadablePicture, with a description, for samples that cannot be read."""
    bits = set(image.bits[: image.samples])
    what = _unreadable(bits, image)
    if what:
        raise UnreadablePicture(name, f"cannot be read here: TIFF with {what}", REMEDY)


def _unreadable(bits: set[int], image: TiffImage) -> str | None:
    """A description of samples that cannot be read; None: they can."""
    if len(bits) > 1:
        return f"channels of {', '.join(map(str, sorted(bits)))} bits"
    depth = max(bits, default=0)
    if image.sample_format == SIGNED:
        return "signed integers"
    if image.is_float:
        if image.photometric not in PLAIN_COLORS:
            return "floating point that is neither gray nor RGB"
        return None if depth in (16, 32) else f"{depth}-bit floating point"
    if image.sample_format not in (UNSIGNED, UNKNOWN):
        return "complex numbers"
    if depth in (8, 16) or (depth in (1, 2, 4) and image.samples == 1):
        return None
    return f"{depth} bits a channel"


def check_range(name: str, open: Callable[[], pyvips.Image]) -> None:
    """Raise UnreadablePicture for floating point outside 0..1. This decodes all pixels."""
    image = open()
    if ((image >= 0) & (image <= 1)).min() > 0:  # false for NaN
        return
    image = open()
    if (image != image).max() > 0:
        found = "some are not numbers"
    else:
        found = f"{open().min():.4g} to {open().max():.4g}"
    reason = f"cannot be read here: floating point outside 0..1 ({found})"
    raise UnreadablePicture(name, reason, "scale it to 0..1, or " + REMEDY)


def as_integers(image: pyvips.Image) -> pyvips.Image:
    """Convert floating point 0..1, gray or RGB, to 16 bits."""
    colors = 1 if image.bands < 3 else 3
    integers = (image * 65535.0).rint().cast("ushort")
    return integers.copy(interpretation=INTERPRETATIONS[colors, 16])
