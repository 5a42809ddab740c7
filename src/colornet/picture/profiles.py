"""ICC profiles: from a picture's pixels into lightness, and from sRGB into a picture's profile."""

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
"""libvips' name for so many bands of so many bits."""
SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
"""ICC's name for so many channels; of three, there are others, such as Lab."""
SAME = 1.5  # levels of 255 between a profile and sRGB that count as none
LEVEL = 100 / 255  # of lightness
WAY_BACK = 1.0  # of lightness, by which colors may be off after a profile's way there and back
CHROMA_STEPS = 5  # halvings, until a color that a profile does not hold has one that it does
PASSED_OVER = re.compile("corrupt profile|profile incompatible")
LEAST_CONTRAST = 0.1  # of sRGB's range, which a profile gives some levels, or else is damaged

SRGB = bytes(pyvips.Operation.call("profile_load", "srgb"))

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
    """A result in the source's own profile where that holds RGB both ways, and named so.

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
    """What becomes of a source's color space, where its result cannot have the same."""
    bands = split_alpha(image)[0].bands
    profile = bytes(image.get(ICC)) if image.get_typeof(ICC) else None
    if profile and not any(_is_usable(profile, n) for n in {1: (1, 3)}.get(bands, (bands,))):
        kind = {1: "gray", 3: "RGB", 4: "CMYK"}[bands]
        text = f"its color profile is damaged, or none of {kind}, and is passed over"
        return Notice("profile-ignored", text)
    if bands == 4:
        return Notice("cmyk-to-srgb", "it is stored in CMYK, and its result in sRGB")
    if profile and profile[16:20] == b"RGB " and not is_kept(profile):
        text = (
            "its color profile has no true way back, like many of scanners; its result is in sRGB"
        )
        return Notice("profile-to-srgb", text)
    return None


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
def is_kept(profile: bytes) -> bool:
    """Whether it is one of RGB in which a result keeps its lightness.

    Profiles of scanners and cameras often have no way back, or one that leads elsewhere.
    """
    if profile[16:20] != b"RGB " or not _is_usable(profile, 3):
        return False
    return _off(_sample_lab(profile, 0.5), profile) <= WAY_BACK


@functools.lru_cache(maxsize=16)
def _holds_srgb(profile: bytes) -> bool:
    """Whether all colors of sRGB have their lightness in it."""
    return _off(_sample_lab(profile, 1.0), profile) <= LEVEL


def _off(lab: pyvips.Image, profile: bytes) -> float:
    """The most that lightness changes on the way there and back."""
    try:
        return float((_there_and_back(lab, profile) - lab[0]).abs().max())
    except pyvips.Error:
        return math.inf


def _within(lab: pyvips.Image, profile: bytes) -> pyvips.Image:
    """Colors that a profile does not hold get less chroma, so that their lightness stays."""

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
    """Lightness of colors as they are seen when stored."""
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
    """Whether it is whole, belongs to so many channels, and tells light from dark."""
    if profile[16:20] != SPACES[channels]:
        return False
    srgb = _transformed(_sample(channels, 2), profile)
    return srgb is not None and srgb.max() - srgb.min() > LEAST_CONTRAST * 65535


def _sample_lab(profile: bytes, chroma: float) -> pyvips.Image:
    """Colors of sRGB with a share of their chroma, as dark and as light as a profile can be."""
    lab = _sample(3, 6).icc_import(input_profile="srgb", pcs="lab", intent="relative")
    gray = _sample(1, 2).copy(interpretation="b-w")
    ends = _named(gray.bandjoin([gray, gray]).copy(interpretation="srgb"), profile)
    ends = ends.icc_import(embedded=True, pcs="lab", intent="relative")[0]
    lightness = lab[0].clamp(min=ends.min(), max=ends.max())
    return lightness.bandjoin([lab[1] * chroma, lab[2] * chroma]).copy(interpretation="lab")


def _transformed(colors: pyvips.Image, profile: bytes) -> pyvips.Image | None:
    """16 bits of sRGB; None if the profile is broken or belongs to other channels.

    libvips takes another instead of such a one, and warns of that.
    """
    with contextlib.suppress(pyvips.Error), caught_warnings() as told:
        srgb = _named(colors, profile).icc_transform(
            "srgb", embedded=True, intent="relative", depth=16
        )
        return None if PASSED_OVER.search("\n".join(told)) else srgb.copy_memory()
    return None


def _sample(channels: int, steps: int) -> pyvips.Image:
    """Every combination of some levels, one pixel each."""
    levels = np.linspace(0, 255, steps).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(*[levels] * channels, indexing="ij"), axis=-1)
    image = pyvips.Image.new_from_array(grid.reshape(1, -1, channels))
    return image.copy(interpretation={1: "b-w", 3: "srgb", 4: "cmyk"}[channels])


@functools.lru_cache(maxsize=16)
def _gray_curve(profile: bytes | None, depth: int) -> NDArray[np.float32]:
    """The lightness of each level; a profile of RGB counts as viewers show gray with it."""
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
    """(3, levels): what each level of red, green and blue adds to the luminance."""
    levels = np.arange(1 << depth) / ((1 << depth) - 1)
    return np.outer(color.RGB_TO_XYZ[1], color.srgb_to_linear(levels)).astype(np.float32)


def _lightness_of_srgb(levels: NDArray[Any], depth: int) -> NDArray[np.float32]:
    red, green, blue = _luminance_curves(depth)
    luminance = np.take(red, levels[..., 0])
    luminance += np.take(green, levels[..., 1])
    luminance += np.take(blue, levels[..., 2])
    return color.luminance_to_lightness(luminance).astype(np.float32, copy=False)
