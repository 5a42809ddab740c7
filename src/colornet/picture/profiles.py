"""ICC profiles: from a picture's pixels into lightness, and from sRGB into a picture's profile."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet import color

ICC = "icc-profile-data"
INTERPRETATIONS = {(1, 8): "b-w", (3, 8): "srgb", (1, 16): "grey16", (3, 16): "rgb16"}
"""libvips' name for so many bands of so many bits."""
SAME = 1.5  # levels of 255 between a profile and sRGB that count as none

Lightness = Callable[[NDArray[Any]], NDArray[np.float32]]
"""Pixels (H, W, C) as prepared -> (H, W), 0..100."""


def prepare(image: pyvips.Image) -> tuple[pyvips.Image, Lightness]:
    """What to decode of a picture, and how its lightness follows from that.

    Args:
        image: gray, RGB or CMYK, 8 or 16 bits; alpha may follow.

    Returns:
        An image, not yet evaluated, that has the same alpha as its last band; and a function.
    """
    profile = bytes(image.get(ICC)) if image.get_typeof(ICC) else None
    colors, alpha = split_alpha(image)
    depth = 8 if image.format == "uchar" else 16
    if colors.bands == 1:
        return image, lambda levels: np.take(_gray_curve(profile, depth), levels[..., 0])
    srgb = to_srgb(colors)
    if srgb is not colors:
        depth = 8 if srgb.format == "uchar" else 16
        image = srgb if alpha is None else srgb.bandjoin(alpha)
    return image, lambda levels: _lightness_of_srgb(levels, depth)


def to_srgb(colors: pyvips.Image) -> pyvips.Image:
    """RGB or CMYK in sRGB; a profile that is broken or belongs to other channels is passed over."""
    profile = bytes(colors.get(ICC)) if colors.get_typeof(ICC) else None
    cmyk = colors.interpretation == "cmyk"
    if profile and (cmyk or not is_srgb(profile)) and _is_usable(profile, colors.bands):
        return colors.icc_transform("srgb", embedded=True, intent="relative", depth=16)
    return colors.colourspace("srgb") if cmyk else colors


def from_srgb(image: pyvips.Image, profile: bytes | None) -> pyvips.Image:
    """A result in the source's own profile where that holds RGB, and named so.

    Args:
        image: sRGB, 3 or 4 bands, 8 or 16 bits.
        profile: of the source; None: it has none, and the result has none.
    """
    if profile is None:
        return image
    if profile[16:20] != b"RGB " or not _is_usable(profile, 3):
        profile = bytes(pyvips.Operation.call("profile_load", "srgb"))
    if not is_srgb(profile):
        depth = 8 if image.format == "uchar" else 16
        colors, alpha = split_alpha(image)
        lab = colors.icc_import(input_profile="srgb", pcs="lab", intent="relative")
        lab.set_type(pyvips.GValue.blob_type, ICC, profile)
        colors = lab.icc_export(depth=depth, pcs="lab", intent="relative")
        image = colors if alpha is None else colors.bandjoin(alpha)
    image = image.copy()
    image.set_type(pyvips.GValue.blob_type, ICC, profile)
    return image


def split_alpha(image: pyvips.Image) -> tuple[pyvips.Image, pyvips.Image | None]:
    """The bands of color, and that of alpha if there is one."""
    bands = 4 if image.interpretation == "cmyk" else 3 if image.bands > 2 else 1
    alpha = image[bands] if image.bands > bands else None
    return image.extract_band(0, n=bands), alpha


@functools.lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Whether a profile means what no profile means."""
    sample = _sample(3, 6)
    same = _transformed(sample, profile)
    if same is None:
        return False
    off = np.abs(same.numpy() / 257.0 - sample.numpy())
    return bool(off.max() <= SAME)


@functools.lru_cache(maxsize=16)
def _is_usable(profile: bytes, channels: int) -> bool:
    """Whether it is whole and belongs to so many channels."""
    return _transformed(_sample(channels, 2), profile) is not None


def _transformed(colors: pyvips.Image, profile: bytes) -> pyvips.Image | None:
    """16 bits of sRGB; None if the profile is broken or belongs to other channels."""
    colors = colors.copy()
    colors.set_type(pyvips.GValue.blob_type, ICC, profile)
    with contextlib.suppress(pyvips.Error):
        srgb = colors.icc_transform("srgb", embedded=True, intent="relative", depth=16)
        return srgb.copy_memory()
    return None


def _sample(channels: int, steps: int) -> pyvips.Image:
    """Every combination of some levels, one pixel each."""
    levels = np.linspace(0, 255, steps).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(*[levels] * channels, indexing="ij"), axis=-1)
    image = pyvips.Image.new_from_array(grid.reshape(1, -1, channels))
    return image.copy(interpretation={1: "b-w", 3: "srgb", 4: "cmyk"}[channels])


@functools.lru_cache(maxsize=16)
def _gray_curve(profile: bytes | None, depth: int) -> NDArray[np.float32]:
    """The lightness of each level."""
    levels = np.arange(1 << depth, dtype=np.uint8 if depth == 8 else np.uint16)
    if profile is not None:
        ramp = pyvips.Image.new_from_array(levels[np.newaxis])
        srgb = _transformed(ramp.copy(interpretation=INTERPRETATIONS[1, depth]), profile)
        if srgb is not None:
            levels = srgb[0].numpy().reshape(-1)
    luminance = color.srgb_to_linear(levels / levels[-1])
    return color.luminance_to_lightness(luminance).astype(np.float32)


@functools.lru_cache(maxsize=2)
def _luminance_curves(depth: int) -> NDArray[np.float32]:
    """(3, levels): what each level of red, green and blue adds to the luminance."""
    levels = np.arange(1 << depth) / ((1 << depth) - 1)
    return np.outer(color.RGB_TO_XYZ[1], color.srgb_to_linear(levels)).astype(np.float32)


def _lightness_of_srgb(levels: NDArray[Any], depth: int) -> NDArray[np.float32]:
    red, green, blue = _luminance_curves(depth)
    luminance = np.take(red, levels[..., 0])
    luminance += np.take(green, levels[..., 1])
    luminance += np.take(blue, levels[..., 2])
    return color.luminance_to_lightness(luminance).astype(np.float32, copy=False)
