"""Edge-aware upsampling of ab from the model's size to the full picture.

This is a variant of the fast guided filter (He and Sun, "Fast Guided Filter", 2015): ab = A L + B
is fitted in windows at low resolution, A and B are enlarged, and applied to the full lightness.
Only A is smoothed; B makes each line pass through its own pixel, so that enlarging loses no detail
of ab. A is scaled by the share of ab that lightness explains: where that is 0, the result is
bicubic interpolation.

The full picture is computed in strips, channel by channel in float32, which is the fastest way in
numpy; tests compare it with `color.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.color import AB_LIMIT, WHITE, XYZ_TO_RGB, linear_to_srgb
from colornet.levels import AS_STORED, Levels, Planes, leveled_planes
from colornet.picture import Picture, Pixels, prefetch
from colornet.resample import averaged, cubic, resample

Floats = NDArray[np.float32]

EPSILON = 24.0
"""Lightness units squared. In windows of less variance, ab hardly depends on lightness."""
CHUNK = 1 << 15
"""Pixels computed at a time: their channels fit into a core's cache."""
BAND = 16
"""Most lines enlarged at a time. With both limits, matrix products are so small that numpy uses one
thread; its others would keep cores busy that decoding and encoding need."""
TINY = 1e-9
KNEE = 6 / 29
TANGENT = 3 * KNEE**2
SCALE = TANGENT**-0.5
"""The inverse of Lab's curve is f^3, and below the knee its tangent. In units in which the tangent
has the slope 1, that is bent^3 + f - bent, where bent is the larger of f and the knee."""
FULL = 65535.0
"""Linear light of white."""
MIXING = (XYZ_TO_RGB * WHITE)[:, [0, 2]].astype(np.float32)
"""The matrix from X - Y and Z - Y, relative to white, to the differences of R, G and B from Y."""
MAX_KEPT_PIXELS = 1 << 21
"""Pixels of the largest picture whose lightness, 8 MiB, is kept between colorings."""
ABOVE, BELOW = 0.06, 0.01
"""Linear light by which white and black are exceeded, so that no divisor is 0."""


class KeptPlanes:
    """A picture's lightness and alpha, decoded once and kept in memory."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._planes: list[tuple[Floats, NDArray[Any] | None]] = []

    @property
    def nbytes(self) -> int:
        """Bytes of the decoded planes; 0 before they are decoded."""
        return sum(plane.nbytes for strip in self._planes for plane in strip if plane is not None)

    @property
    def whole(self) -> Planes | None:
        """A function like `Picture.planes`; None: the picture is too large to be kept."""
        is_small = self._picture.width * self._picture.height <= MAX_KEPT_PIXELS
        return self.between if is_small else None

    def between(self, first: int, end: int) -> Iterator[tuple[Floats, NDArray[Any] | None]]:
        """Strips of the rows from `first` to before `end`, see `Picture.planes`."""
        self._planes = self._planes or list(self._picture.planes())
        top = 0
        for lightness, alpha in self._planes:
            rows = slice(max(first - top, 0), max(end - top, 0))
            if len(lightness[rows]):
                yield lightness[rows], None if alpha is None else alpha[rows]
            top += len(lightness)


def recombine(
    picture: Picture,
    ab: Floats,
    model_lightness: Floats,
    planes: Planes | None = None,
    levels: Levels = AS_STORED,
) -> Pixels:
    """Combine the picture's own lightness with colors computed at the model's size.

    Args:
        picture: the source; its alpha is kept, and its lightness under the levels.
        ab: (2, h, w), Lab units; h and w divide S.
        model_lightness: (S, S), 0..100, of the whole picture under the levels, squashed to a
            square.
        planes: the picture's lightness and alpha; None: they are decoded each time.
        levels: the black and white point.

    Returns:
        Pixels of the picture's size and depth in sRGB, 3 bands, or 4 with alpha; not computed yet.
    """
    height, width = ab.shape[1:]
    small = averaged(model_lightness, height, width)
    fitted = fit_lines(small, np.moveaxis(ab, 0, -1))
    lines = np.moveaxis(np.concatenate(fitted, axis=-1), -1, 0)  # (4, h, w)
    lines = resample(lines, min(height, picture.height), min(width, picture.width))
    planes = leveled_planes(planes or _decoded_ahead(picture), levels)
    compute = functools.partial(_compute, picture, planes, lines)
    return Pixels(picture.width, picture.height, 3 + picture.has_alpha, picture.depth, compute)


def _decoded_ahead(picture: Picture) -> Planes:
    return lambda first, end: prefetch(picture.planes(first, end))


def fit_lines(lightness: Floats, ab: Floats, share: float = 1.0) -> tuple[Floats, Floats]:
    """The slope A and offset B of ab = A L + B at each pixel.

    A is He and Sun's (eq. 3) times the share of ab's variance that it explains.

    Args:
        lightness: (h, w), 0..100.
        ab: (h, w, 2).
        share: of the slope that is taken.

    Returns:
        A and B, (h, w, 2) each.
    """
    guide = lightness[..., np.newaxis].astype(np.float64)
    means = blurred(np.concatenate([guide, ab, guide * guide, guide * ab, ab * ab], axis=-1))
    mean, mean_ab, square, product, square_ab = np.split(means, [1, 3, 4, 6], axis=-1)
    variance, covariance = square - mean * mean, product - mean * mean_ab
    variance_ab = (square_ab - mean_ab * mean_ab).sum(axis=-1, keepdims=True)
    explained = (covariance**2).sum(axis=-1, keepdims=True) / (variance * variance_ab + TINY)
    slope = share * blurred(explained * covariance / (variance + EPSILON))
    return slope.astype(np.float32), (ab - slope * guide).astype(np.float32)


def blurred(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over 3 x 3 pixels of (h, w, C), weighted 1 2 1 along each axis; edges are repeated."""
    for axis in (0, 1):
        lines = array.swapaxes(0, axis)
        mean, after = lines.copy("K"), lines.copy("K")
        mean[1:], after[:-1] = lines[:-1], lines[1:]
        for other in (after, lines):
            mean += other
            mean /= 2
        array = mean.swapaxes(0, axis)
    return array


# Strips of the full picture


def _compute(
    picture: Picture, planes: Planes, lines: Floats, first: int, end: int
) -> Iterator[NDArray[Any]]:
    """Compute the rows from `first` to before `end`: (rows, W, 3 or 4) in the picture's depth."""
    enlarged = enlarge(lines, picture.width, picture.height)
    dtype = np.uint8 if picture.depth == 8 else np.uint16
    top = first
    for lightness, alpha in planes(first, end):
        strip = np.empty((*lightness.shape, 3 + picture.has_alpha), dtype)
        for rows, (slope, offset) in enlarged(top, top + len(lightness)):
            inner = slice(rows.start - top, rows.stop - top)
            slope *= lightness[inner]
            slope += offset
            if picture.area:
                picture.area.clear_outside(slope, rows.start, picture.width, picture.height)
            lab_to_rgb(lightness[inner], slope[0], slope[1], strip[inner, :, :3])
        if alpha is not None:
            strip[..., 3] = alpha
        yield strip
        top += len(lightness)


def enlarge(
    lines: Floats, width: int, height: int
) -> Callable[[int, int], Iterator[tuple[slice, Floats]]]:
    """Enlarge (4, h, w) by bicubic interpolation, a few rows at a time.

    Returns:
        A function that takes the first row and the one after the last, and yields pieces of these
        rows: their indices, and their slopes and offsets (2, 2, rows, width), in a buffer that the
        next piece overwrites.
    """
    wide = np.empty((*lines.shape[:2], width), np.float32)
    for left in range(0, width, BAND):
        weights, near = _weights(width, lines.shape[2], left, min(left + BAND, width))
        np.matmul(lines[..., near], weights.T, out=wide[..., left : left + BAND])
    chunk = max(2, min(CHUNK // width, BAND) // 2 * 2)  # never 1, for which numpy uses threads

    def between(first: int, end: int) -> Iterator[tuple[slice, Floats]]:
        buffer = np.empty((4, min(chunk, end - first), width), np.float32)
        for top in range(first, end, chunk):
            weights, near = _weights(height, lines.shape[1], top, min(top + chunk, end))
            values = np.matmul(weights, wide[:, near], out=buffer[:, : len(weights)])
            yield slice(top, top + len(weights)), values.reshape(2, 2, len(weights), width)

    return between


@functools.lru_cache(maxsize=128)  # the same for all frames of a film
def _weights(count: int, side: int, first: int, end: int) -> tuple[Floats, slice]:
    """The weights (end - first, n) by which pixels of a line take part of its cells, and which.

    Args:
        count: pixels of the line.
        side: cells of the line.
        first, end: the pixels.
    """
    middles = ((np.arange(first, end) + 0.5) / count).astype(np.float32)
    weights = cubic(middles, side)
    low, high = np.flatnonzero(weights.any(axis=0))[[0, -1]]
    near = slice(low, high + 1)
    return weights[:, near], near


# Lab to sRGB, channel by channel


def lab_to_rgb(lightness: Floats, a: Floats, b: Floats, rgb: NDArray[Any]) -> None:
    """The same as `color.lab_to_rgb`, but faster; colors outside the gamut lose chroma.

    Args:
        lightness: (H, W), 0..100.
        a: (H, W), Lab units.
        b: (H, W), Lab units.
        rgb: the output, (H, W, 3), uint8 or uint16.
    """
    planes = np.empty((3, lightness.size), np.float32)
    y, x, z = planes.reshape(3, *lightness.shape)
    np.multiply(lightness, SCALE / 116, out=y)
    y += SCALE * 16 / 116
    for plane, values, step in ((x, a, SCALE / 500), (z, b, -SCALE / 200)):
        np.clip(values, -AB_LIMIT, AB_LIMIT, out=plane)
        plane *= step
        plane += y
    bent = np.maximum(planes, _constant(KNEE * SCALE, lightness.size))
    light = bent * bent
    light -= 1
    light *= bent
    light += planes
    light *= FULL * TANGENT / SCALE
    luminance, apart = light[0], light[1:]
    apart -= luminance
    chroma = np.multiply(MIXING[:, :1], apart[0], out=bent)
    chroma += np.multiply(MIXING[:, 1:], apart[1], out=planes)
    excess, least, room = planes  # excess: the ratio of chroma to its room
    np.maximum(np.maximum(chroma[0], chroma[1], out=excess), chroma[2], out=excess)
    np.minimum(np.minimum(chroma[0], chroma[1], out=least), chroma[2], out=least)
    excess /= np.subtract(FULL + ABOVE, luminance, out=room)
    least /= np.subtract(-BELOW, luminance, out=room)
    np.maximum(excess, least, out=excess)
    chroma /= np.maximum(excess, _constant(1.0, lightness.size), out=excess)
    chroma += luminance
    encode = _encode8 if rgb.dtype == np.uint8 else _encode16
    for channel, one in enumerate(chroma):
        rgb[..., channel] = encode(one).reshape(lightness.shape)


@functools.lru_cache(maxsize=8)
def _constant(value: float, count: int) -> Floats:
    """A constant array, which numpy compares several times faster than a number."""
    return np.full(count, value, np.float32)


def _encode8(linear: Floats) -> NDArray[np.uint8]:
    return np.take(_curve8(), linear.astype(np.uint16))


@functools.lru_cache(maxsize=1)
def _curve8() -> NDArray[np.uint8]:
    """sRGB levels at the centers of 65536 steps of linear light, at least 20 steps a level."""
    return np.rint(linear_to_srgb((np.arange(65536) + 0.5) / FULL) * 255).astype(np.uint8)


def _encode16(linear: Floats) -> NDArray[np.uint16]:
    return (linear_to_srgb(linear / FULL) * FULL + 0.5).astype(np.uint16)
