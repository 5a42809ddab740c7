"""The steps from the model's prediction and the user's guidance to the colors of a picture.

    setting      the decoder's "ab", or more of its "vivid", and less chroma in shadows
    reference    the colors of another photograph where it shows the same
    variant      another plausible colorization of the whole picture
    smoothing    one color, and its shades, for each segment
    saturation   a factor on the chroma
    hints        the colors that the user gave, spread to what belongs to them
    strength     from gray to full color

All ab are float32 (2, h, w) at the model's size, in Lab units.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colornet.errors import GuidanceError
from colornet.guidance import Guidance
from colornet.guidance.propagation import spread
from colornet.guidance.raster import HintRaster, enforce_hints
from colornet.guidance.variants import find_variants
from colornet.model import Setting
from colornet.prediction import Prediction
from colornet.smoothing import smooth_colors

Floats = NDArray[np.float32]

VISIBLE = 1.0
"""Lab units. A picture in which all |a*| and |b*| are smaller looks gray."""


def colorize(
    prediction: Prediction,
    guidance: Guidance,
    setting: Setting,
    hints: HintRaster,
    lightness: Floats,
) -> tuple[Floats, bool]:
    """Compute the colors of a picture.

    Args:
        prediction: the model's prediction under the guidance's reference.
        guidance: how to color the picture.
        setting: the setting that the guidance names.
        hints: the hints of the guidance, on the grid of ab.
        lightness: (S, S), 0..100, of the picture squashed to a square.

    Returns:
        ab (2, h, w), and whether the picture stays gray, although color was asked for.

    Raises:
        GuidanceError: there is no such variant.
        ModelLacks: the model has no variants.
    """
    key = setting.vividness, setting.shadow, guidance.variant
    ab = prediction.remember(key, lambda: colors_before_hints(prediction, *key))
    ab = ab * np.float32(guidance.saturation * setting.saturation)
    if len(hints.cells):
        ab, stays_gray = apply_hints(ab, prediction, hints, lightness), False
    else:
        stays_gray = bool(np.abs(ab).max() < VISIBLE and guidance.saturation)
    return ab * np.float32(guidance.strength), stays_gray


def colors_before_hints(
    prediction: Prediction, vividness: float, shadow: float, variant: int
) -> Floats:
    """Setting, reference, variant and smoothing.

    A variant is a change of the colors, so that variants under a reference differ around it.
    """
    decoded = prediction.decoded
    ab = decoded.ab
    if vividness and decoded.vivid is not None:
        ab = ab + np.float32(vividness) * (decoded.vivid - ab)
    left = chroma_left(prediction.lightness, shadow)
    ab = blend_reference(ab * left, prediction)
    if variant:
        ab = ab + (find_variant(prediction, variant) - decoded.ab) * left
    if prediction.card.hints:
        ab = smooth_colors(ab, prediction.affinity, prediction.lightness)
    return ab


def chroma_left(lightness: Floats, shadow: float) -> Floats:
    """The share of the chroma that colors of each lightness (h, w) keep, see `Setting.shadow`."""
    square = lightness * lightness
    left: Floats = square / (square + max(shadow, 1e-3) ** 2)
    return left


def find_variant(prediction: Prediction, variant: int) -> Floats:
    """The k-th other plausible colors, for k from 1.

    Raises:
        GuidanceError: there are fewer.
        ModelLacks: the model has no distribution over colors.
    """
    others = find_variants(prediction.decoded.ab, *prediction.distribution, variant)
    if len(others) < variant:
        reason = f"{variant} is more than the {len(others)} that this picture allows"
        raise GuidanceError("variant", reason, f"use 0 to {len(others)}")
    return others[-1]


def blend_reference(ab: Floats, prediction: Prediction) -> Floats:
    """Blend colors with those of the reference, weighted by the trust in these."""
    if prediction.matched is None:
        return ab
    matched, trust = prediction.matched
    return ab + trust * (matched - ab)


def apply_hints(ab: Floats, prediction: Prediction, hints: HintRaster, lightness: Floats) -> Floats:
    """Spread the hints, and make them exact at their points in the full picture."""
    appearance = np.concatenate([prediction.lightness[np.newaxis], prediction.decoded.ab])
    hints = hints.with_own(ab)
    spread_ab = spread(
        ab,
        prediction.affinity,
        appearance,
        hints.cells,
        hints.ab,
        hints.kept,
        hints.reach,
        hints.hint,
    )
    return enforce_hints(spread_ab, hints, lightness, ab)
