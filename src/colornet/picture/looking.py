"""What is seen of a picture in small, before it is decoded in full."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.picture.faults import reading
from colornet.picture.loader import Loader
from colornet.picture.opened import Picture, to_array
from colornet.picture.profiles import INTERPRETATIONS, prepare, split_alpha, to_srgb

THUMBNAIL = 64  # pixels; the copy on which `had_color` is decided
TONE_WIDTH = 10.0  # Lab units around the tone that a toned print has at each lightness
ALIKE_SIDE = 32  # pixels; the copies on which two pictures are compared
ALIKE = 0.9  # correlation of lightness from which on they show the same
FLAT = 1.0  # Lab units: deviation below which there is nothing to correlate
STRAY_SHARE = 0.01  # of the pixels may lie further off


def resized(array: NDArray[np.floating], width: int, height: int) -> NDArray[np.float32]:
    """(H, W, C) -> (height, width, C): bilinear, or averaged over the area of each new pixel."""
    image = pyvips.Image.new_from_array(np.ascontiguousarray(array, dtype=np.float32))
    if (image.width, image.height) != (width, height):
        image = image.resize(width / image.width, vscale=height / image.height, kernel="linear")
    return to_array(image)


def has_color(image: pyvips.Image) -> bool:
    """Whether color remains when one tone for each lightness is taken away.

    Gray has no tone, sepia or cyanotype one that changes only with the lightness, and a print
    that yellowed a little unevenly stays near it.
    """
    rough = max(1, min(image.width, image.height) // (4 * THUMBNAIL))
    image = image.shrink(rough, rough) if rough > 1 else image
    lab = resized(_lab(image), THUMBNAIL, THUMBNAIL).reshape(-1, 3)
    ab = lab[lab[:, 0].argsort(), 1:].reshape(THUMBNAIL, THUMBNAIL, 2)  # rows of like lightness
    distance = np.linalg.norm(ab - np.median(ab, axis=1, keepdims=True), axis=-1)
    return bool((distance > TONE_WIDTH).mean() > STRAY_SHARE)


def _lab(image: pyvips.Image) -> NDArray[np.float32]:
    """(H, W, 3)."""
    return to_array(to_srgb(split_alpha(image)[0]).colourspace("lab"))


def model_lightness(picture: Picture, size: int) -> NDArray[np.float32]:
    """The whole picture's lightness squashed to a square; what is missing mirrors what there is.

    Returns:
        (size, size), 0..100.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    square = _lightness(_small(picture, size), size)
    return picture.area.mirrored(square) if picture.area else square


def show_the_same(loader: Loader, other: Loader) -> bool:
    """Whether two pictures look alike in small, by their lightness; they are decoded for that.

    Raises:
        pyvips.Error: they are damaged or cut off.
    """
    this, that = (_lightness(each.small(2 * ALIKE_SIDE), ALIKE_SIDE) for each in (loader, other))
    if min(this.std(), that.std()) < FLAT:
        return bool(np.abs(this - that).max() < FLAT)
    return bool(np.corrcoef(this.ravel(), that.ravel())[0, 1] > ALIKE)


def _lightness(image: pyvips.Image, size: int) -> NDArray[np.float32]:
    image, lightness = prepare(image)
    return np.clip(
        resized(lightness(to_array(image))[..., np.newaxis], size, size)[..., 0], 0.0, 100.0
    )


def model_ab(picture: Picture, size: int) -> NDArray[np.float32]:
    """The whole picture's own ab squashed to a square: (2, size, size), Lab units.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    return np.moveaxis(resized(_lab(_small(picture, size))[..., 1:], size, size), -1, 0)


def model_opacity(picture: Picture, size: int) -> NDArray[np.float32] | None:
    """Its alpha squashed to a square: (size, size), 0 where nothing is to be seen; None: no alpha.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    if not picture.has_alpha:
        return None
    return resized(to_array(_small(picture, size))[..., -1:], size, size)[..., 0]


def _small(picture: Picture, size: int) -> pyvips.Image:
    """Leaves half the shrinking to the averaging of lightness."""
    with reading(picture.name, picture.loader.remedy):
        return picture.loader.small(2 * size)


def shrunk(picture: Picture, side: int) -> Picture:
    """A small copy of 8 bits, decoded; the picture itself if its longer side is as short.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    if max(picture.width, picture.height) <= side:
        return picture
    with reading(picture.name, picture.loader.remedy):
        image = picture.loader.small(2 * side)
        fit = min(side / picture.width, side / picture.height)
        width, height = (max(1, round(fit * n)) for n in (picture.width, picture.height))
        image = image.resize(width / image.width, vscale=height / image.height)
        if picture.depth == 16:
            image = (image / 257).rint().cast("uchar")
            image = image.copy(interpretation=INTERPRETATIONS[1 if image.bands < 3 else 3, 8])
        image = image.copy_memory()
    loader = Loader(lambda **options: image)
    return replace(picture, width=width, height=height, depth=8, loader=loader)
