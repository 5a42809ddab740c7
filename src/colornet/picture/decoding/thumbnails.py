"""What small copies of pictures tell: whether they have color, or show the same."""

from __future__ import annotations

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.small_copies import small_copy
from colornet.picture.decoding.vips_images import to_array
from colornet.picture.profiles import prepare, split_alpha, to_srgb

THUMBNAIL = 64  # pixels a side of the copy on which `had_color` is decided
TONE_WIDTH = 10.0  # Lab units around the tone that a toned print has at each lightness
ALIKE_SIDE = 32  # pixels a side of the copies on which two pictures are compared
ALIKE = 0.9  # correlation of lightness above which they show the same
FLAT = 1.0  # Lab units; with a smaller deviation there is nothing to correlate
STRAY_SHARE = 0.01  # of the pixels; if more lie further off, the picture has color


def resized(array: NDArray[np.floating], width: int, height: int) -> NDArray[np.float32]:
    """Resize (H, W, C) to (height, width, C), by bilinear interpolation or area averages."""
    image = pyvips.Image.new_from_array(np.ascontiguousarray(array, dtype=np.float32))
    if (image.width, image.height) != (width, height):
        image = image.resize(width / image.width, vscale=height / image.height, kernel="linear")
    return to_array(image)


def has_color(image: pyvips.Image) -> bool:
    """Whether color remains when the median tone of each lightness is subtracted.

    A gray picture has no tone, and sepia or cyanotype only one that changes with the lightness.
    A print that has yellowed unevenly stays near it.
    """
    rough = max(1, min(image.width, image.height) // (4 * THUMBNAIL))
    image = image.shrink(rough, rough) if rough > 1 else image
    lab = resized(lab_of(image), THUMBNAIL, THUMBNAIL).reshape(-1, 3)
    ab = lab[lab[:, 0].argsort(), 1:].reshape(THUMBNAIL, THUMBNAIL, 2)  # rows of like lightness
    distance = np.linalg.norm(ab - np.median(ab, axis=1, keepdims=True), axis=-1)
    return bool((distance > TONE_WIDTH).mean() > STRAY_SHARE)


def lab_of(image: pyvips.Image) -> NDArray[np.float32]:
    """The colors in Lab: (H, W, 3)."""
    return to_array(to_srgb(split_alpha(image)[0]).colourspace("lab"))


def show_the_same(loader: Loader, other: Loader) -> bool:
    """Whether two pictures look alike, by the lightness of small copies. This decodes both.

    Raises:
        pyvips.Error: one is damaged or cut off.
    """
    this, that = (
        lightness_of(small_copy(each, 2 * ALIKE_SIDE), ALIKE_SIDE) for each in (loader, other)
    )
    if min(this.std(), that.std()) < FLAT:
        return bool(np.abs(this - that).max() < FLAT)
    return bool(np.corrcoef(this.ravel(), that.ravel())[0, 1] > ALIKE)


def lightness_of(image: pyvips.Image, size: int) -> NDArray[np.float32]:
    """The lightness of an image squashed to a square: (size, size), 0..100."""
    image, lightness = prepare(image)
    return np.clip(
        resized(lightness(to_array(image))[..., np.newaxis], size, size)[..., 0], 0.0, 100.0
    )
