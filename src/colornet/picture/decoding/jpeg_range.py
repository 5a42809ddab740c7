"""Blocks of a JPEG that are darker than black or lighter than white, as no encoder stores them.

JPEG data have no checksums. A wrong bit shifts the mean brightness of all blocks that follow, often
far out of range, where decoders clip it: an area comes out black or white.
"""

from __future__ import annotations

import io
import struct

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.notices import Notice
from colornet.picture.decoding import jpeg
from colornet.picture.decoding.vips_images import to_array

LESS = 4  # a fraction of the contrast, at which blocks out of range are decoded without clipping
TOLERANCE = 8.0  # levels of 255, for rounding
STEPS = 0.25  # levels for each unit of quantization: two steps, which encoders may be off
LEAST_SHARE = 0.005  # of the blocks
CLIPPED = 0.02  # of the pixels are 0 or 255, or the blocks are not looked at
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def is_clipped(levels: NDArray[np.unsignedinteger]) -> bool:
    """Whether there is enough black or white in a picture that blocks may be out of range."""
    return bool(((levels == 0) | (levels == 255)).mean() >= CLIPPED)


def out_of_range(data: bytes) -> Notice | None:
    """A notice of blocks whose mean brightness cannot be that of pixels.

    Args:
        data: a JPEG.
    """
    try:
        share = _share_out_of_range(bytearray(data))
    except (pyvips.Error, struct.error, ValueError, IndexError, KeyError):
        return None
    if share < LEAST_SHARE:
        return None
    text = f"may be damaged: {100 * share:.0f} % of it is darker than black or lighter than white"
    return Notice("out-of-range", f"{text}; look at the result")


def _share_out_of_range(data: bytearray) -> float:
    """The share of blocks; 0 for JPEGs that are neither gray nor YCbCr."""
    steps, used = _lower_contrast(data)
    step = steps[used]
    factor = step / max(1, step // LESS)
    image = pyvips.Image.jpegload_buffer(bytes(data), shrink=8, access="sequential")
    if image.bands not in (1, 3):
        return 0.0
    means = to_array(image).astype(np.float32)  # (rows, columns, 1 or 3), of each block
    luma = means[..., 0] if image.bands == 1 else means @ LUMA
    beyond = np.abs((luma - 128.0) * factor) - 128.0
    return float((beyond > TOLERANCE + STEPS * step).mean())


def _lower_contrast(data: bytearray) -> tuple[dict[int, int], int]:
    """Divide the quantization steps of all means by LESS, where they are as large.

    Returns:
        The steps before, by number of the table; and which of the tables luma has.
    """
    steps: dict[int, int] = {}
    used = 0
    for marker, at, size in jpeg.segments(io.BytesIO(data)):
        if marker in jpeg.FRAMES:
            used = data[at + 8]
        end = at + size
        while marker == jpeg.DQT and at < end:
            deep, number = data[at] >> 4, data[at] & 15
            layout = ">H" if deep else ">B"
            (step,) = struct.unpack_from(layout, data, at + 1)
            steps[number] = step
            struct.pack_into(layout, data, at + 1, max(1, step // LESS))
            at += 1 + 64 * struct.calcsize(layout)
    return steps, used
