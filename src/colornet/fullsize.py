"""From ab at the model's size to the full picture, with color edges on edges of lightness.

After the fast guided filter (He and Sun, "Fast Guided Filter", 2015): ab = A L + B is fitted in
windows at low resolution, A and B are enlarged, and applied to the full lightness. Only A is
smoothed; B makes each line pass through its own pixel, so that enlarging loses no detail of ab.

The full picture is computed in strips, channel by channel in float32, which is the fastest that
numpy can do; tests hold it to `color.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from colornet.color import AB_LIMIT, WHITE, XYZ_TO_RGB, linear_to_srgb
from colornet.picture import Picture, Pixels, resized

Floats = NDArray[np.float32]

RADIUS = 1
"""Pixels of ab: windows are 2 * RADIUS + 1 wide."""
EPSILON = 16.0
"""Lightness units squared: windows of less variance than this take ab as it is."""
CHUNK = 1 << 15
"""Pixels computed together: their channels fit into a core's cache."""
CHROMA = (XYZ_TO_RGB * WHITE)[:, [0, 2]].tolist()
"""What X - Y and Z - Y, relative to white, add to Y in each channel of linear light."""
TINY = 1e-9
KNEE = 6 / 29  # below, Lab's curve is a straight line, the tangent at this point


def recombine(picture: Picture, ab: Floats, model_lightness: Floats) -> Pixels:
    """Join the picture's own lightness with color computed at the model's size.

    Args:
        picture: the source; its lightness and alpha are kept.
        ab: (2, h, w), Lab units.
        model_lightness: (S, S), 0..100, of the whole picture squashed to a square.

    Returns:
        sRGB of the picture's size and depth, 3 bands, or 4 with alpha; not yet computed.
    """
    height, width = ab.shape[1:]
    small = resized(model_lightness[..., np.newaxis], width, height)[..., 0]
    slope, offset = fit_lines(small, np.moveaxis(ab, 0, -1))
    lines = np.concatenate([slope, offset], axis=-1)  # (h, w, 4)
    lines = resized(lines, min(width, picture.width), min(height, picture.height))
    compute = functools.partial(_compute, picture, lines)
    return Pixels(picture.width, picture.height, 3 + picture.has_alpha, picture.depth, compute)


def fit_lines(lightness: Floats, ab: Floats) -> tuple[Floats, Floats]:
    """The slope A (He and Sun, eq. 3) and offset B of ab = A L + B at each pixel.

    Args:
        lightness: (h, w), 0..100.
        ab: (h, w, 2).

    Returns:
        A and B, (h, w, 2) each.
    """
    guide = lightness[..., np.newaxis].astype(np.float64)
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


# Strips of the full picture


def _compute(picture: Picture, lines: Floats, first: int, end: int) -> Iterator[NDArray[Any]]:
    """(rows, W, 3 or 4) in the picture's depth, from the first row to before the end."""
    enlarged = enlarge(lines, picture.width, picture.height)
    dtype = np.uint8 if picture.depth == 8 else np.uint16
    top = first
    for lightness, alpha in picture.planes(first, end):
        strip = np.empty((*lightness.shape, 3 + picture.has_alpha), dtype)
        for rows, (slope_a, slope_b, offset_a, offset_b) in enlarged(top, top + len(lightness)):
            inner = slice(rows.start - top, rows.stop - top)
            part = lightness[inner]
            a, b = slope_a * part + offset_a, slope_b * part + offset_b
            lab_to_rgb(part, a, b, strip[inner, :, :3])
        if alpha is not None:
            strip[..., 3] = alpha
        yield strip
        top += len(lightness)


def enlarge(
    lines: Floats, width: int, height: int
) -> Callable[[int, int], Iterator[tuple[slice, Floats]]]:
    """Bilinear enlarging of (h, w, C), a few rows at a time.

    Returns:
        A function from the first row and the one after the last to pieces of what is between:
        which rows of the whole, and their values (C, rows, width).
    """
    left, right_share = _positions(lines.shape[1], width)
    right = np.minimum(left + 1, lines.shape[1] - 1)
    upper, lower_share = _positions(lines.shape[0], height)
    planes = np.ascontiguousarray(np.moveaxis(lines, -1, 1))  # (h, C, w)
    chunk = max(1, CHUNK // width)

    @functools.lru_cache(maxsize=2)
    def widened(row: int) -> Floats:  # (C, width)
        start = planes[row][:, left]
        return start + (planes[row][:, right] - start) * right_share

    def between(first: int, end: int) -> Iterator[tuple[slice, Floats]]:
        while first < end:
            row = upper[first]
            same = int(np.searchsorted(upper, row, side="right"))  # rows between the same two
            stop = min(first + chunk, same, end)
            start = widened(row)
            step = widened(min(row + 1, len(planes) - 1)) - start
            share = lower_share[first:stop, np.newaxis]
            yield slice(first, stop), start[:, np.newaxis] + step[:, np.newaxis] * share
            first = stop

    return between


def _positions(few: int, many: int) -> tuple[NDArray[np.intp], Floats]:
    """For each of many pixels, that of few before its center, and its share of the way on."""
    position = np.clip((np.arange(many) + 0.5) * (few / many) - 0.5, 0, few - 1)
    before = np.floor(position).astype(np.intp)
    return before, (position - before).astype(np.float32)


# Lab to sRGB, channel by channel


def lab_to_rgb(lightness: Floats, a: Floats, b: Floats, rgb: NDArray[Any]) -> None:
    """`color.lab_to_rgb`, fast: gamut resolved toward less chroma at the same luminance.

    Args:
        lightness: (H, W), 0..100.
        a: (H, W), Lab units.
        b: (H, W), Lab units.
        rgb: (H, W, 3), uint8 or uint16, which the result is put into.
    """
    y = lightness * (1 / 116) + 16 / 116
    x = np.clip(a, -AB_LIMIT, AB_LIMIT) * (1 / 500) + y
    z = y - np.clip(b, -AB_LIMIT, AB_LIMIT) * (1 / 200)
    luminance = _lab_curve_inverse(y)
    redness = _lab_curve_inverse(x) - luminance
    blueness = _lab_curve_inverse(z) - luminance
    chroma = [by_x * redness + by_z * blueness for by_x, by_z in CHROMA]
    luminance = np.clip(luminance, 0.0, 1.0)
    above = np.maximum(np.maximum(chroma[0], chroma[1]), chroma[2])
    below = np.minimum(np.minimum(chroma[0], chroma[1]), chroma[2])
    factor = (1 - luminance) / np.maximum(above, TINY)
    factor = np.minimum(factor, luminance / np.maximum(-below, TINY))
    factor = np.minimum(factor, 1)
    encode = _encode8 if rgb.dtype == np.uint8 else _encode16
    for channel, one in enumerate(chroma):
        rgb[..., channel] = encode(one * factor + luminance)  # 0..1, but for rounding


def _lab_curve_inverse(t: Floats) -> Floats:
    curved = np.maximum(t, KNEE)
    return curved * curved * curved + (t - curved) * (3 * KNEE * KNEE)


def _encode8(linear: Floats) -> NDArray[np.uint8]:
    index = (linear * 65535 + 0.5).astype(np.uint16)
    return np.take(_curve8(), index)


@functools.lru_cache(maxsize=1)
def _curve8() -> NDArray[np.uint8]:
    """sRGB's curve at 65536 steps of linear light; where it is steepest, 20 make one level."""
    return np.rint(linear_to_srgb(np.arange(65536) / 65535) * 255).astype(np.uint8)


def _encode16(linear: Floats) -> NDArray[np.uint16]:
    return (linear_to_srgb(linear) * 65535 + 0.5).astype(np.uint16)
