"""How close a colorized picture is to the true one, and how colorful it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000
from torchmetrics.functional.image import (
    peak_signal_noise_ratio,
    structural_similarity_index_measure,
)

from colornet import color

PSNR_CEILING = 100.0
"""dB; what equal pictures score, whose PSNR is infinite (one level in one pixel of 12 MP: 119)."""

Rgb8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Scores:
    """One picture against the true one."""

    psnr: float
    """Peak signal to noise ratio of RGB, dB; higher is closer."""
    ssim: float
    """Structural similarity of RGB, 0..1; higher is closer."""
    delta_e: float
    """Mean CIEDE2000 color difference over the pixels; 0 is equal, about 2 is just noticeable."""
    colorfulness: float
    """CF of the picture itself, 0 (gray) to about 110."""


@dataclass(frozen=True)
class Summary(Scores):
    """The mean of each figure over many pictures."""

    delta_colorfulness: float
    """|mean CF - mean CF of the true pictures|; lower is closer."""


def score(predicted: Rgb8, true: Rgb8) -> Scores:
    """Measure a picture (H, W, 3) against the true one of the same shape."""
    return Scores(
        psnr=_psnr(predicted, true),
        ssim=_ssim(predicted, true),
        delta_e=_delta_e(predicted, true),
        colorfulness=color.colorfulness(predicted),
    )


def summarize(scores: Sequence[Scores], true_colorfulness: Sequence[float]) -> Summary:
    """The means over all pictures, given what each was and how colorful it should have been."""
    means = {
        field.name: fmean(getattr(item, field.name) for item in scores) for field in fields(Scores)
    }
    difference = means["colorfulness"] - fmean(true_colorfulness)
    return Summary(**means, delta_colorfulness=abs(difference))


def _psnr(predicted: Rgb8, true: Rgb8) -> float:
    if np.array_equal(predicted, true):
        return PSNR_CEILING
    return float(peak_signal_noise_ratio(_planes(predicted), _planes(true), data_range=1.0))


def _ssim(predicted: Rgb8, true: Rgb8) -> float:
    """SSIM with the usual 11x11 Gaussian window (sigma 1.5), smaller for tiny pictures."""
    side = min(predicted.shape[:2])
    sigma = 1.5 if side >= 11 else 0.1
    similarity = structural_similarity_index_measure(
        _planes(predicted), _planes(true), sigma=sigma, data_range=1.0
    )
    assert isinstance(similarity, torch.Tensor)  # a tuple only where more is asked for
    return float(similarity)


def _delta_e(predicted: Rgb8, true: Rgb8) -> float:
    labs = (color.rgb_to_lab(rgb8.astype(np.float32) / 255) for rgb8 in (predicted, true))
    return float(deltaE_ciede2000(*labs).mean())


def _planes(rgb8: Rgb8) -> torch.Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) float 0..1."""
    return torch.tensor(rgb8).permute(2, 0, 1)[None].float() / 255
