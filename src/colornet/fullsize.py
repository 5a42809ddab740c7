"""From ab at the model's size to the full picture, with color edges on edges of lightness.

After the fast guided filter (He and Sun, "Fast Guided Filter", 2015): ab = A L + B is fitted in
windows at low resolution, A and B are enlarged, and applied to the full lightness. Only A is
smoothed; B makes each line pass through its own pixel, so that enlarging loses no detail of ab.
"""

from __future__ import annotations

import numpy as np
import pyvips
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from colornet.color import AB_LIMIT, WHITE, XYZ_TO_RGB
from colornet.picture import Picture

RADIUS = 1
"""Pixels of ab: windows are 2 * RADIUS + 1 wide."""
EPSILON = 16.0
"""Lightness units squared: windows of less variance than this take ab as it is."""
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
    height, width = ab.shape[1:]
    small = _resize(model_lightness[..., None], width, height).numpy().reshape(height, width)
    slope, offset = fit_lines(small, np.moveaxis(ab, 0, -1))  # (h, w, 2) each
    lines = _resize(np.concatenate([slope, offset], axis=-1), picture.width, picture.height)
    full_ab = lines.extract_band(0, n=2) * lightness + lines.extract_band(2, n=2)
    rgb = lab_to_rgb(lightness, full_ab, picture.depth)
    return rgb if alpha is None else rgb.bandjoin(alpha)


def fit_lines(
    lightness: NDArray[np.float32], ab: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The slope A (He and Sun, eq. 3) and offset B of ab = A L + B at each pixel.

    Args:
        lightness: (h, w), 0..100.
        ab: (h, w, 2).

    Returns:
        A and B, (h, w, 2) each.
    """
    guide = lightness[..., None].astype(np.float64)
    mean, mean_ab = _box(guide), _box(ab)
    variance = _box(guide * guide) - mean * mean
    covariance = _box(guide * ab) - mean * mean_ab
    slope = _box(covariance / (variance + EPSILON))
    return slope.astype(np.float32), (ab - slope * guide).astype(np.float32)


def _box(array: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mean over the window around each pixel of (h, w, C); edges repeated."""
    margins = ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0))
    window = (2 * RADIUS + 1, 2 * RADIUS + 1)
    padded = np.pad(array, margins, mode="edge")
    return np.asarray(sliding_window_view(padded, window, axis=(0, 1)).mean(axis=(-2, -1)))


def _resize(array: NDArray[np.floating], width: int, height: int) -> pyvips.Image:
    """(h, w, C) -> an image of another size: bilinear, or averaged over areas."""
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
    red, green, blue = chroma.bandsplit()
    highest = red.maxpair(green).maxpair(blue).maxpair(1e-9)  # one of them decides: the rest has
    lowest = red.minpair(green).minpair(blue).minpair(-1e-9)  # more room
    factor = ((1 - gray) / highest).minpair(gray / (lowest * -1)).clamp(max=1)
    linear = (gray + chroma * factor).clamp().copy(interpretation="scrgb")
    return linear.colourspace("srgb" if depth == 8 else "rgb16")
