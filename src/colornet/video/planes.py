"""Frames as films hold them, Y'CbCr, colored: the luma stays, the chroma is computed.

luma     Y', uint8 or uint16 as it is coded, (H, W)
chroma   Cb and Cr, the same, (H', W') each: half the size in 4:2:0
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.color import luminance_to_lightness, srgb_to_linear
from colornet.resample import averaged, resample
from colornet.upsample import enlarge, fit_lines, lab_to_rgb

STEPS = 16
"""Between two numbers of luma, for means of luma: lightness is right to 0.02."""

SLOPE = 0.5
"""Share of the slope of colors over lightness: all of it, as in pictures, would let grain and what
moves within a cell unsettle them."""

Floats = NDArray[np.float32]
Plane = NDArray[Any]


@dataclass(frozen=True)
class Coding:
    """How numbers stand for luma and chroma (ITU-R BT.601, BT.709, BT.2020).

    Attributes:
        bits: of a sample.
        full: whether 0 is black and the highest number white; otherwise 16 and 235 of 8 bits are.
        red, blue: shares of red and blue in luma.
    """

    bits: int = 8
    full: bool = False
    red: float = 0.299
    blue: float = 0.114

    @property
    def black(self) -> int:
        """The luma of black."""
        return 0 if self.full else 16 << (self.bits - 8)

    @property
    def range(self) -> int:
        """From the luma of black to that of white."""
        return (1 << self.bits) - 1 if self.full else 219 << (self.bits - 8)

    @property
    def chroma_range(self) -> int:
        """From the least chroma to the most."""
        return (1 << self.bits) - 1 if self.full else 224 << (self.bits - 8)

    @property
    def neutral(self) -> int:
        """The chroma of gray."""
        return 1 << (self.bits - 1)


def lightness_of(luma: Plane, coding: Coding) -> Floats:
    """Luma as it is coded -> lightness (H, W), 0..100, of a gray frame."""
    if luma.dtype.kind == "f":  # means of luma
        steps = np.rint(luma * np.float32(STEPS)).astype(np.int32)
        return np.take(_curve(coding, STEPS), steps, mode="clip")
    return np.take(_curve(coding), luma, mode="clip")


@functools.lru_cache(maxsize=8)
def _curve(coding: Coding, steps: int = 1) -> Floats:
    """The lightness of each luma, and of so many steps between each two."""
    luma = np.arange(steps << coding.bits) / steps
    share = ((luma - coding.black) / coding.range).clip(0, 1)
    return luminance_to_lightness(srgb_to_linear(share)).astype(np.float32)


def small_lightness(luma: Plane, side: int, coding: Coding) -> Floats:
    """What the model sees of a frame: (side, side), 0..100."""
    return lightness_of(averaged(luma, side, side), coding)


def color_lines(ab: Floats, shade: Floats, height: int, width: int, share: float = SLOPE) -> Floats:
    """Lines ab = A L + B (4, h, w), see `colornet.upsample`, for a plane of this size.

    Args:
        ab: (2, h, w), Lab units.
        shade: (h, w), lightness of its cells.
        height, width: of the plane.
        share: of the slope A that is taken.
    """
    fitted = fit_lines(shade, np.moveaxis(ab, 0, -1), share)
    lines = np.moveaxis(np.concatenate(fitted, axis=-1), -1, 0)
    return resample(lines, min(height, lines.shape[1]), min(width, lines.shape[2]))


def to_rgb(
    lightness: Floats, ab: Floats, shade: Floats, dtype: Any = np.uint8, share: float = SLOPE
) -> Plane:
    """A colored frame (H, W, 3), sRGB, of lightness (H, W) and colors as of `color_lines`."""
    height, width = lightness.shape
    rgb = np.empty((height, width, 3), dtype)
    between = enlarge(color_lines(ab, shade, height, width, share), width, height)
    for rows, (slope, offset) in between(0, height):
        slope *= lightness[rows]
        slope += offset
        lab_to_rgb(lightness[rows], slope[0], slope[1], rgb[rows])
    return rgb


def chroma(
    luma: Plane, ab: Floats, shade: Floats, coding: Coding, size: tuple[int, int]
) -> tuple[Plane, Plane]:
    """Cb and Cr of a frame whose luma stays.

    Args:
        luma: (H, W).
        ab, shade: see `color_lines`.
        coding: of luma and chroma.
        size: H', W' of the chroma planes.
    """
    lightness = lightness_of(_shrunk(luma, *size), coding)
    dtype = np.uint8 if coding.bits == 8 else np.uint16
    rgb = to_rgb(lightness, ab, shade, dtype).astype(np.float32)
    red, green, blue = (rgb[..., k] for k in range(3))
    gray = coding.red * red + coding.blue * blue + (1 - coding.red - coding.blue) * green
    scale = coding.chroma_range / np.iinfo(dtype).max
    planes = []
    for channel, share in ((blue, coding.blue), (red, coding.red)):
        values = (channel - gray) * np.float32(scale / (2 * (1 - share)))
        values += coding.neutral + 0.5
        planes.append(values.clip(0, (1 << coding.bits) - 1).astype(luma.dtype))
    return planes[0], planes[1]


def _shrunk(luma: Plane, height: int, width: int) -> Floats:
    """Means of luma (H, W) over the pixels of chroma."""
    down, right = -(-luma.shape[0] // height), -(-luma.shape[1] // width)
    if (down, right) == (1, 1):
        return luma.astype(np.float32)
    pad = (height * down - luma.shape[0], width * right - luma.shape[1])
    if any(pad):
        luma = np.pad(luma, ((0, pad[0]), (0, pad[1])), mode="edge")
    rows = luma[::down].astype(np.uint32)
    for k in range(1, down):  # whole rows first, which lie together
        rows += luma[k::down]
    total = rows[:, ::right].astype(np.float32)
    for k in range(1, right):
        total += rows[:, k::right]
    total /= down * right
    return total
