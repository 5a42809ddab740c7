"""From ab at the model's size to the full picture, with color edges on edges of lightness.

Fast guided filter (He and Sun, "Fast Guided Filter", 2015): ab = A L + B is fitted in windows at
low resolution, the smooth A and B are enlarged, and applied to the full lightness.
"""

from __future__ import annotations

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.color import AB_LIMIT, WHITE, XYZ_TO_RGB
from colornet.picture import Picture

RADIUS = 4
"""Pixels at the model's size: windows are 2 * RADIUS + 1 wide."""
EPSILON = 4.0
"""Lightness units squared: windows of less variance than this keep their mean color."""

XYZ_TO_LINEAR = (XYZ_TO_RGB * (WHITE / [95.0470, 100.0, 108.8827])).tolist()
"""From libvips' XYZ, which has its own digits of the white point, so that gray stays gray."""


def recombine(
    picture: Picture, ab: NDArray[np.float32], model_lightness: NDArray[np.float32]
) -> pyvips.Image:
    """Join the picture's own lightness with color computed at the model's size.

    Args:
        picture: the source; its lightness and alpha are kept.
        ab: (2, h, w), Lab units.
        model_lightness: (S, S), 0..100, of the whole picture squashed to a square.

    Returns:
        sRGB of the picture's size and depth, 3 bands, or 4 with alpha; not yet evaluated.
    """
    lightness, alpha = picture.planes()
    size = model_lightness.shape[0]
    guided = _enlarge(np.moveaxis(ab, 0, -1), size, size).numpy()  # (S, S, 2)
    slope, offset = fit_lines(model_lightness, guided)  # (S, S, 2) each
    lines = _enlarge(np.concatenate([slope, offset], axis=-1), picture.width, picture.height)
    full_ab = lines.extract_band(0, n=2) * lightness + lines.extract_band(2, n=2)
    rgb = lab_to_rgb(lightness, full_ab, picture.depth)
    return rgb if alpha is None else rgb.bandjoin(alpha)


def fit_lines(
    lightness: NDArray[np.float32], ab: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The slope A and offset B of ab = A L + B around each pixel (He and Sun, eqs. 3 to 5).

    Args:
        lightness: (H, W), 0..100.
        ab: (H, W, 2).

    Returns:
        A and B, (H, W, 2) each.
    """
    guide = lightness[..., None].astype(np.float64)
    mean = _box(guide)
    variance = _box(guide * guide) - mean * mean
    mean_ab = _box(ab)
    covariance = _box(guide * ab) - mean * mean_ab
    slope = covariance / (variance + EPSILON)
    offset = mean_ab - slope * mean
    return _box(slope).astype(np.float32), _box(offset).astype(np.float32)


def _box(array: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mean over a square window; (H, W, C), edges repeated."""
    width = 2 * RADIUS + 1
    for axis in (0, 1):
        margins = [(0, 0)] * 3
        margins[axis] = (RADIUS + 1, RADIUS)
        sums = np.cumsum(np.pad(array, margins, mode="edge"), axis=axis, dtype=np.float64)
        ahead, behind = np.split(sums, [width], axis=axis)[1], sums
        behind = behind.take(range(array.shape[axis]), axis=axis)
        array = (ahead - behind) / width
    return array


def _enlarge(array: NDArray[np.floating], width: int, height: int) -> pyvips.Image:
    """(h, w, C) -> an image of another size, bilinear."""
    image = pyvips.Image.new_from_array(np.ascontiguousarray(array, dtype=np.float32))
    return image.resize(width / image.width, vscale=height / image.height, kernel="linear")


def lab_to_rgb(lightness: pyvips.Image, ab: pyvips.Image, depth: int) -> pyvips.Image:
    """`color.lab_to_rgb` in libvips: gamut resolved toward less chroma at the same luminance.

    Args:
        lightness: one band, 0..100.
        ab: two bands, Lab units.
        depth: 8 or 16.

    Returns:
        Three bands of sRGB in that depth.
    """
    ab = ab.clamp(min=-AB_LIMIT, max=AB_LIMIT)
    xyz = lightness.bandjoin(ab).copy(interpretation="lab").colourspace("xyz")
    gray = (xyz[1] / 100).clamp()
    chroma = xyz.recomb(XYZ_TO_LINEAR) - gray
    room = (chroma > 0).ifthenelse(1 - gray, gray)
    fitting = room / chroma.abs().maxpair(1e-9)
    factor = fitting[0].bandrank([fitting[1], fitting[2]], index=0).clamp(max=1)
    linear = (gray + chroma * factor).clamp().copy(interpretation="scrgb")
    return linear.colourspace("srgb" if depth == 8 else "rgb16")
