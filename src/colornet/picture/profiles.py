"""ICC profiles: a picture's lightness by its profile, and a result in the same profile."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet import color
from colornet.notices import Notice
from colornet.picture.libvips import caught_warnings

ICC = "icc-profile-data"
INTERPRETATIONS = {(1, 8): "b-w", (3, 8): "srgb", (1, 16): "grey16", (3, 16): "rgb16"}
"""libvips' interpretation, by number of bands and bits a channel."""
SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
"""ICC color space signatures by number of channels; other spaces of three are not supported."""
SAME = 1.5  # of 255 levels; a profile this near to sRGB counts as sRGB
LEVEL = 100 / 255  # one 8-bit level, in lightness
ROUND_TRIP = 1.0  # lightness; a profile with a larger round-trip error is replaced by sRGB
CHROMA_STEPS = 5  # bisection steps when chroma is reduced to fit a profile's gamut
IGNORED = "corrupt profile|profile incompatible"
"""libvips' warnings that it used another profile instead."""
LEAST_CONTRAST = 0.1  # of sRGB's range; a profile that spans less counts as damaged

SRGB = bytes(pyvips.Operation.call("profile_load", "srgb"))

Lightness = Callable[[NDArray[Any]], NDArray[np.float32]]
"""Maps pixels (H, W, C) of an image from `prepare` to lightness (H, W), 0..100."""


def profile_of(image: pyvips.Image) -> bytes | None:
    """The profile that an image has; None: it has none."""
    return bytes(image.get(ICC)) if image.get_typeof(ICC) else None


def prepare(image: pyvips.Image) -> tuple[pyvips.Image, Lightness]:
    """An image to decode, and the function that computes lightness from its pixels.

    Args:
        image: gray, RGB or CMYK, 8 or 16 bits; alpha may follow.

    Returns:
        The image, not yet evaluated, with the same alpha as its last band; and the function.
    """
    profile = profile_of(image)
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
    """Convert RGB or CMYK to sRGB; a profile that is damaged or of other channels is ignored."""
    profile = profile_of(colors)
    cmyk = colors.interpretation == "cmyk"
    if profile and (cmyk or not is_srgb(profile)) and _is_usable(profile, colors.bands):
        return colors.icc_transform("srgb", embedded=True, intent="relative", depth=16)
    return colors.colourspace("srgb") if cmyk else colors


def from_srgb(image: pyvips.Image, profile: bytes | None) -> pyvips.Image:
    """Convert a result to the source's profile, or attach sRGB where that one cannot hold it.

    Args:
        image: sRGB, 3 or 4 bands, 8 or 16 bits.
        profile: of the source; None: it has none, and the result has none.
    """
    if profile is None:
        return image
    if not is_kept(profile):
        profile = SRGB
    if not is_srgb(profile):
        depth = 8 if image.format == "uchar" else 16
        colors, alpha = split_alpha(image)
        lab = colors.icc_import(input_profile="srgb", pcs="lab", intent="relative")
        if not _holds_srgb(profile):
            lab = _within(lab, profile)
        colors = _exported(lab, profile, depth)
        image = colors if alpha is None else colors.bandjoin(alpha)
    return _named(image, profile)


def notice(image: pyvips.Image) -> Notice | None:
    """A notice if the result has another color space than the source."""
    bands = split_alpha(image)[0].bands
    profile = profile_of(image)
    if profile and not any(_is_usable(profile, n) for n in {1: (1, 3)}.get(bands, (bands,))):
        kind = {1: "gray", 3: "RGB", 4: "CMYK"}[bands]
        text = f"its color profile is damaged, or not one of {kind}, and is ignored"
        return Notice("profile-ignored", text)
    if bands == 4:
        return Notice("cmyk-to-srgb", "it is stored in CMYK, and its result in sRGB")
    if profile and profile[16:20] == b"RGB " and not is_kept(profile):
        text = (
            "its color profile, like many of scanners, has no exact inverse; its result is in sRGB"
        )
        return Notice("profile-to-srgb", text)
    return None


def split_alpha(image: pyvips.Image) -> tuple[pyvips.Image, pyvips.Image | None]:
    """The color bands, and the alpha band if there is one."""
    bands = 4 if image.interpretation == "cmyk" else 3 if image.bands > 2 else 1
    alpha = image[bands] if image.bands > bands else None
    return image.extract_band(0, n=bands), alpha


@functools.lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Whether a profile is sRGB, which is also assumed without a profile."""
    sample = _sample(3, 6)
    same = _transformed(sample, profile)
    if same is None:
        return False
    off = np.abs(same.numpy() / 257.0 - sample.numpy())
    return bool(off.max() <= SAME)


@functools.lru_cache(maxsize=16)
def is_kept(profile: bytes) -> bool:
    """Whether it is an RGB profile in which a result keeps its lightness.

    Profiles of scanners and cameras often have no inverse, or an inaccurate one.
    """
    if profile[16:20] != b"RGB " or not _is_usable(profile, 3):
        return False
    return _off(_sample_lab(profile, 0.5), profile) <= ROUND_TRIP


@functools.lru_cache(maxsize=16)
def _holds_srgb(profile: bytes) -> bool:
    """Whether all colors of sRGB keep their lightness in the profile."""
    return _off(_sample_lab(profile, 1.0), profile) <= LEVEL


def _off(lab: pyvips.Image, profile: bytes) -> float:
    """The largest round-trip error of a profile, in lightness."""
    try:
        return float((_there_and_back(lab, profile) - lab[0]).abs().max())
    except pyvips.Error:
        return math.inf


def _within(lab: pyvips.Image, profile: bytes) -> pyvips.Image:
    """Reduce the chroma of colors outside a profile's gamut, so that their lightness stays."""

    def faded(share: pyvips.Image | float) -> pyvips.Image:
        return lab[0].bandjoin([lab[1] * share, lab[2] * share])

    def off(colors: pyvips.Image) -> pyvips.Image:
        return (_there_and_back(colors, profile) - lab[0]).abs()

    allowed = off(faded(0.0)) + LEVEL / 2
    share = lab[0] * 0.0
    for step in range(1, CHROMA_STEPS + 1):
        more = share + 0.5**step
        share = (off(faded(more)) <= allowed).ifthenelse(more, share)
    fits = off(lab) <= allowed
    return fits.ifthenelse(lab, faded(share)).copy(interpretation="lab")


def _there_and_back(lab: pyvips.Image, profile: bytes) -> pyvips.Image:
    """The lightness of colors after conversion to a profile and back."""
    stored = _exported(lab.copy(interpretation="lab"), profile, 16)
    return _named(stored, profile).icc_import(embedded=True, pcs="lab", intent="relative")[0]


def _exported(lab: pyvips.Image, profile: bytes, depth: int) -> pyvips.Image:
    return _named(lab, profile).icc_export(depth=depth, pcs="lab", intent="relative")


def _named(image: pyvips.Image, profile: bytes) -> pyvips.Image:
    image = image.copy()
    image.set_type(pyvips.GValue.blob_type, ICC, profile)
    return image


@functools.lru_cache(maxsize=16)
def _is_usable(profile: bytes, channels: int) -> bool:
    """Whether a profile is intact, has this number of channels, and enough contrast."""
    if profile[16:20] != SPACES[channels]:
        return False
    srgb = _transformed(_sample(channels, 2), profile)
    return srgb is not None and srgb.max() - srgb.min() > LEAST_CONTRAST * 65535


def _sample_lab(profile: bytes, chroma: float) -> pyvips.Image:
    """Colors of sRGB with reduced chroma, within the profile's range of lightness."""
    lab = _sample(3, 6).icc_import(input_profile="srgb", pcs="lab", intent="relative")
    gray = _sample(1, 2).copy(interpretation="b-w")
    ends = _named(gray.bandjoin([gray, gray]).copy(interpretation="srgb"), profile)
    ends = ends.icc_import(embedded=True, pcs="lab", intent="relative")[0]
    lightness = lab[0].clamp(min=ends.min(), max=ends.max())
    return lightness.bandjoin([lab[1] * chroma, lab[2] * chroma]).copy(interpretation="lab")


def _transformed(colors: pyvips.Image, profile: bytes) -> pyvips.Image | None:
    """The colors in 16-bit sRGB; None if the profile is damaged or of other channels.

    libvips would use another profile in that case, and only warn.
    """
    with contextlib.suppress(pyvips.Error), caught_warnings() as told:
        srgb = _named(colors, profile).icc_transform(
            "srgb", embedded=True, intent="relative", depth=16
        )
        return None if re.search(IGNORED, "\n".join(told)) else srgb.copy_memory()
    return None


def _sample(channels: int, steps: int) -> pyvips.Image:
    """A row of pixels with every combination of `steps` levels in each channel."""
    levels = np.linspace(0, 255, steps).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(*[levels] * channels, indexing="ij"), axis=-1)
    image = pyvips.Image.new_from_array(grid.reshape(1, -1, channels))
    return image.copy(interpretation={1: "b-w", 3: "srgb", 4: "cmyk"}[channels])


@functools.lru_cache(maxsize=16)
def _gray_curve(profile: bytes | None, depth: int) -> NDArray[np.float32]:
    """The lightness of each gray level; an RGB profile is applied to it as to equal channels."""
    levels = np.arange(1 << depth, dtype=np.uint8 if depth == 8 else np.uint16)
    channels = 3 if profile and profile[16:20] == b"RGB " else 1
    if profile and _is_usable(profile, channels):
        ramp = pyvips.Image.new_from_array(np.stack([levels] * channels, -1)[np.newaxis])
        srgb = _transformed(ramp.copy(interpretation=INTERPRETATIONS[channels, depth]), profile)
        if srgb is not None:
            return _lightness_of_srgb(srgb.numpy()[0], 16)
    luminance = color.srgb_to_linear(levels / levels[-1])
    return color.luminance_to_lightness(luminance).astype(np.float32)


@functools.lru_cache(maxsize=2)
def _luminance_curves(depth: int) -> NDArray[np.float32]:
    """(3, levels): the luminance of each level of red, green and blue."""
    levels = np.arange(1 << depth) / ((1 << depth) - 1)
    return np.outer(color.RGB_TO_XYZ[1], color.srgb_to_linear(levels)).astype(np.float32)


def _lightness_of_srgb(levels: NDArray[Any], depth: int) -> NDArray[np.float32]:
    red, green, blue = _luminance_curves(depth)
    luminance = np.take(red, levels[..., 0])
    luminance += np.take(green, levels[..., 1])
    luminance += np.take(blue, levels[..., 2])
    return color.luminance_to_lightness(luminance).astype(np.float32, copy=False)
