"""A TIFF's channels besides its colors, and which of them is alpha.

TIFF 6.0, section 18, ExtraSamples. Scanners store infrared in this way, and Photoshop selections,
which say nothing about how opaque a pixel is.
"""

from __future__ import annotations

import pyvips

from colornet.notices import Notice

UNNAMED, ASSOCIATED, UNASSOCIATED = 0, 1, 2
"""Kinds of channels: unspecified; premultiplied alpha, which libvips undoes; alpha."""
COLORS = {0: 1, 1: 1, 2: 3, 5: 4, 6: 3}
"""Number of color samples, by PhotometricInterpretation: gray, RGB, CMYK, YCbCr."""

LEFT_OUT = Notice(
    "channel-left-out",
    "a channel of it is neither color nor alpha (infrared, say), and is left out",
)

TOO_MANY_NAMED = Notice(
    "header-damaged",
    "may be damaged: its ExtraSamples name more channels than it has; look at the result",
)


def extra_samples(photometric: int, samples: int, named: tuple[int, ...]) -> tuple[int, ...]:
    """The kind of each channel that follows the colors.

    Args:
        photometric: PhotometricInterpretation.
        samples: samples of each pixel.
        named: ExtraSamples, which may be absent or too short.
    """
    count = max(0, samples - COLORS.get(photometric, samples))
    return (*named, *[UNNAMED] * count)[:count]


def alpha_of(extra: tuple[int, ...]) -> int | None:
    """The index of the alpha channel among these; None: there is none."""
    kinds = [kind in (ASSOCIATED, UNASSOCIATED) for kind in extra]
    return kinds.index(True) if any(kinds) else None


def left_out_channels(extra: tuple[int, ...]) -> tuple[Notice, ...]:
    """A notice if some of these channels are left out."""
    return (LEFT_OUT,) if len(extra) > (alpha_of(extra) is not None) else ()


def colors_and_alpha(image: pyvips.Image, extra: tuple[int, ...]) -> pyvips.Image:
    """The image with its color and alpha channels only."""
    if not left_out_channels(extra) or image.bands <= len(extra):
        return image
    colors = image.bands - len(extra)
    alpha = alpha_of(extra)
    kept = image.extract_band(0, n=colors)
    if alpha is not None:
        kept = kept.bandjoin(image[colors + alpha])
    return kept.copy(interpretation=image.interpretation)
