"""The input of the model: a picture's lightness, ab and opacity, squashed to a small square."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.small_copies import small_copy
from colornet.picture.decoding.thumbnails import lab_of, lightness_of, resized
from colornet.picture.decoding.vips_images import to_array
from colornet.picture.libvips_errors import decode_errors
from colornet.picture.picture import Picture
from colornet.picture.profiles import INTERPRETATIONS


def model_lightness(picture: Picture, size: int) -> NDArray[np.float32]:
    """The lightness of a picture, squashed to a square; missing parts are mirrored from the others.

    Returns:
        (size, size), 0..100.

    Raises:
        UnreadablePicture: the picture is damaged or cut off.
    """
    square = lightness_of(_small(picture, size), size)
    return picture.area.mirrored(square) if picture.area else square


def model_ab(picture: Picture, size: int) -> NDArray[np.float32]:
    """The ab of a picture, squashed to a square: (2, size, size), Lab units; see `model_lightness`.

    Raises:
        UnreadablePicture: the picture is damaged or cut off.
    """
    ab = np.moveaxis(resized(lab_of(_small(picture, size))[..., 1:], size, size), -1, 0)
    return np.stack([picture.area.mirrored(one) for one in ab]) if picture.area else ab


def model_opacity(picture: Picture, size: int) -> NDArray[np.float32] | None:
    """The alpha of a picture, squashed to a square: (size, size), 0 transparent; None: no alpha.

    Raises:
        UnreadablePicture: the picture is damaged or cut off.
    """
    if not picture.has_alpha:
        return None
    return resized(to_array(_small(picture, size))[..., -1:], size, size)[..., 0]


def _small(picture: Picture, size: int) -> pyvips.Image:
    """A copy of twice the size, so that lightness, not the pixels, is averaged to the size."""
    with decode_errors(picture.name, picture.loader.remedy):
        return small_copy(picture.loader, 2 * size)


def shrunk(picture: Picture, side: int) -> Picture:
    """A decoded 8-bit copy of at most `side` pixels a side; the picture itself if it is no larger.

    Raises:
        UnreadablePicture: the picture is damaged or cut off.
    """
    if max(picture.width, picture.height) <= side:
        return picture
    with decode_errors(picture.name, picture.loader.remedy):
        image = small_copy(picture.loader, 2 * side)
        fit = min(side / picture.width, side / picture.height)
        width, height = (max(1, round(fit * n)) for n in (picture.width, picture.height))
        image = image.resize(width / image.width, vscale=height / image.height)
        if picture.depth == 16:
            image = (image / 257).rint().cast("uchar")
            image = image.copy(interpretation=INTERPRETATIONS[1 if image.bands < 3 else 3, 8])
        image = image.copy_memory()
    loader = Loader(lambda **options: image)
    return replace(picture, width=width, height=height, depth=8, loader=loader)
