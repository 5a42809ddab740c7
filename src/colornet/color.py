"""Color conversion between sRGB and CIE Lab (D65, 2 degree observer), gamut, colorfulness.

Names and ranges in the whole package:

    rgb8         uint8, 0..255, sRGB
    rgb01        float, 0..1, sRGB (gamma encoded)
    linear       float, 0..1, linear light
    lightness    float, L* of Lab, 0..100
    ab           float, a* and b* of Lab; within +-AB_LIMIT for every sRGB color

Arrays keep their channels last: (..., 3) for colors, (..., 2) for ab, (...) for lightness.
The formulas are those of IEC 61966-2-1 (sRGB) and CIE 15 (Lab).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

AB_LIMIT = 110.0
"""Lab units. The largest |a*| or |b*| of an sRGB color is 107.9."""

# IEC 61966-2-1, to the digits that make white exactly the white point below.
RGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = RGB_TO_XYZ.sum(axis=1)
"""XYZ of sRGB white, computed from the matrix so that gray has exactly a* = b* = 0."""
XYZ_TO_RGB = np.linalg.inv(RGB_TO_XYZ)

EPSILON = 216 / 24389
KAPPA = 24389 / 27


def srgb_to_linear(rgb01: Floats) -> Floats:
    """Convert sRGB values to linear light."""
    rgb01 = np.asarray(rgb01)
    curve = ((np.maximum(rgb01, 0.0) + 0.055) / 1.055) ** 2.4
    return np.where(rgb01 <= 0.04045, rgb01 / 12.92, curve).astype(rgb01.dtype, copy=False)


def linear_to_srgb(linear: Floats) -> Floats:
    """Convert linear light to sRGB values."""
    linear = np.asarray(linear)
    curve = 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, curve).astype(linear.dtype, copy=False)


def _lab_curve(t: Floats) -> Floats:
    return np.where(t > EPSILON, np.cbrt(t), (KAPPA * t + 16) / 116)


def _lab_curve_inverse(f: Floats) -> Floats:
    return np.where(f > 6 / 29, f**3, (116 * f - 16) / KAPPA)


def rgb_to_lab(rgb01: Floats) -> Floats:
    """Convert sRGB (..., 3) in 0..1 to Lab (..., 3): lightness 0..100, a*, b*."""
    xyz = srgb_to_linear(np.asarray(rgb01)) @ RGB_TO_XYZ.T
    x, y, z = np.moveaxis(_lab_curve(xyz / WHITE), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lightness_to_luminance(lightness: Floats) -> Floats:
    """Convert L* 0..100 to relative luminance Y 0..1."""
    return _lab_curve_inverse((np.asarray(lightness) + 16) / 116)


def luminance_to_lightness(luminance: Floats) -> Floats:
    """Convert relative luminance Y 0..1 to L* 0..100."""
    return 116 * _lab_curve(np.asarray(luminance)) - 16


def lab_to_linear(lightness: Floats, ab: Floats) -> Floats:
    """Convert Lab to linear light (..., 3), not clipped: outside 0..1 beyond sRGB's gamut."""
    y = (np.asarray(lightness) + 16) / 116
    x = y + ab[..., 0] / 500
    z = y - ab[..., 1] / 200
    xyz = _lab_curve_inverse(np.stack([x, y, z], axis=-1)) * WHITE
    return xyz @ XYZ_TO_RGB.T


def fit_gamut(linear: Floats, luminance: Floats) -> Floats:
    """Bring linear light into 0..1 by reducing chroma, which keeps the lightness.

    All channels move toward the gray of the same luminance by the same factor, the largest that
    fits. Luminance is a weighted mean of the channels, so it does not change.

    Args:
        linear: (..., 3), any values.
        luminance: (...), Y of these colors, 0..1.

    Returns:
        (..., 3) in 0..1.
    """
    gray = np.clip(luminance, 0.0, 1.0)[..., None]
    chroma = linear - gray
    room = np.where(chroma > 0, 1 - gray, gray)
    excess = np.abs(chroma)
    factor = np.min(np.where(excess > room, room / np.maximum(excess, 1e-12), 1.0), axis=-1)
    return np.clip(gray + chroma * factor[..., None], 0.0, 1.0)


def lab_to_rgb(lightness: Floats, ab: Floats) -> Floats:
    """Convert Lab to sRGB (..., 3) in 0..1; colors outside the gamut lose chroma."""
    linear = lab_to_linear(lightness, ab)
    return linear_to_srgb(fit_gamut(linear, lightness_to_luminance(lightness)))


def to_rgb8(rgb01: Floats) -> NDArray[np.uint8]:
    """Convert 0..1 to 0..255, rounded."""
    return np.rint(np.clip(rgb01, 0, 1) * 255).astype(np.uint8)


def colorfulness(rgb8: NDArray[np.uint8]) -> float:
    """Colorfulness CF of a picture (H, W, 3), about 0 (gray) to 110.

    Hasler and Suesstrunk, "Measuring colourfulness in natural images" (2003), eq. for M3.
    """
    r, g, b = np.moveaxis(np.asarray(rgb8, dtype=np.float64), -1, 0)
    red_green = r - g
    yellow_blue = (r + g) / 2 - b
    spread = np.hypot(red_green.std(), yellow_blue.std())
    shift = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + 0.3 * shift)
