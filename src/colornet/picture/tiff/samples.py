"""The type and the depth of a TIFF's samples: those that are read, and errors about the others."""

from __future__ import annotations

from collections.abc import Callable

import pyvips

from colornet.errors import UnreadablePicture
from colornet.notices import Notice
from colornet.picture.profiles import INTERPRETATIONS
from colornet.picture.tiff.images import TiffImage

UNSIGNED, SIGNED, UNKNOWN = 1, 2, 4
"""SampleFormat in TIFF; beyond are complex numbers."""
PLAIN_COLORS = (1, 2)
"""PhotometricInterpretation of gray whose 0 is black, and of RGB."""
REMEDY = "convert it to 8 or 16 bits a channel"
FLOATS = Notice(
    "float-as-16-bits", "it is stored as floating point, and its result with 16 bits a channel"
)


def check_samples(name: str, image: TiffImage) -> None:
    """Raises UnreadablePicture for samples that are not read, and says which they are."""
    bits = set(image.bits[: image.samples])
    what = _unreadable(bits, image)
    if what:
        raise UnreadablePicture(name, f"cannot be read here: TIFF with {what}", REMEDY)


def _unreadable(bits: set[int], image: TiffImage) -> str | None:
    """What the samples are, if they are none that are read."""
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
    """Raises UnreadablePicture for floating point outside 0..1; all pixels are decoded for that."""
    image = open()
    if ((image >= 0) & (image <= 1)).min() > 0:  # nothing is, of what is no number
        return
    image = open()
    if (image != image).max() > 0:
        found = "some are no numbers"
    else:
        found = f"{open().min():.4g} to {open().max():.4g}"
    reason = f"cannot be read here: floating point outside 0..1 ({found})"
    raise UnreadablePicture(name, reason, "scale it to 0..1, or " + REMEDY)


def as_integers(image: pyvips.Image) -> pyvips.Image:
    """Floating point of 0..1, gray or RGB, as 16 bits."""
    colors = 1 if image.bands < 3 else 3
    integers = (image * 65535.0).rint().cast("ushort")
    return integers.copy(interpretation=INTERPRETATIONS[colors, 16])
