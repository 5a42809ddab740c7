"""Perceptual metrics: what an image classifier makes of the colors.

PSNR rewards brown. A network that was trained to recognize things, and that no colorizer was
trained with, is sensitive to colors that do not fit: over a set of pictures by its features, in
each picture by what it recognizes.

    rgb8 (H, W, 3) -> square (3, 224, 224) -> SqueezeNet -> features (512,)    Frechet distance
                                                         -> chances (1000,)    recognition

The whole picture is resized to the square (Pillow's bicubic, which averages where it shrinks).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from colornet.evaluation.metrics import Rgb8
from colornet.evaluation.squeezenet import FEATURES, SIZE, SqueezeNet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PerceptualScores:
    """How similar a set of pictures is to the true ones, as SqueezeNet sees them."""

    frechet_feature_distance: float
    """Frechet distance between its pooled features of these pictures and of the true ones; 0 is
    equal. Fewer pictures make it larger: compare it over the same ones only. It is not FID, which
    takes the features of another network."""
    top1_agreement: float
    """Share of the pictures, 0..1, whose most probable class is that of the true picture."""
    top1_confidence: float
    """Mean probability, 0..1, that is given to the most probable class of the true picture."""


@dataclass(frozen=True)
class PerceptualSummary:
    """The scores of the three versions of a set of pictures."""

    prediction: PerceptualScores
    gray: PerceptualScores
    true: PerceptualScores
    """The ceiling: distance 0, agreement 1, and how sure the network is of the true pictures."""


class Gaussian:
    """Mean and covariance of vectors that come one at a time (Welford's method)."""

    def __init__(self, dimensions: int) -> None:
        self.count = 0
        self.mean: Floats = np.zeros(dimensions)
        self._scatter: Floats = np.zeros((dimensions, dimensions))

    def add(self, vector: Floats) -> None:
        """Take in one vector (D,)."""
        self.count += 1
        off = vector - self.mean
        self.mean += off / self.count
        self._scatter += np.outer(off, vector - self.mean)

    @property
    def covariance(self) -> Floats:
        """(D, D), unbiased; zero while there is only one vector."""
        return self._scatter / max(self.count - 1, 1)


class PerceptualMetrics:
    """Accumulates the scores of pictures predicted, gray and true, in constant memory.

    Args:
        weights: .npz file of a SqueezeNet 1.1, see `SqueezeNet.from_npz`.

    Raises:
        CheckpointError: the file cannot be read, or belongs to another network.
    """

    def __init__(self, weights: Path) -> None:
        self._network = SqueezeNet.from_npz(weights).eval()
        self._features = [Gaussian(FEATURES) for _ in range(3)]
        self._agreements = np.zeros(3)
        self._confidences = np.zeros(3)

    def add(self, prediction: Rgb8, gray: Rgb8, true: Rgb8) -> None:
        """Add one picture (H, W, 3) in its three versions."""
        squares = np.stack([_square(rgb8) for rgb8 in (prediction, gray, true)])  # (3, S, S, 3)
        with torch.inference_mode():
            maps = self._network.deepest(torch.from_numpy(squares).permute(0, 3, 1, 2) / 255)
            features = self._network.pool(maps).double().numpy()  # (3, 512)
            chances = self._network.classify(maps).softmax(dim=1).double().numpy()  # (3, 1000)
        top1 = chances.argmax(axis=1)  # (3,)
        self._agreements += top1 == top1[-1]
        self._confidences += chances[:, top1[-1]]
        for gaussian, vector in zip(self._features, features, strict=True):
            gaussian.add(vector)

    def read(self) -> PerceptualSummary:
        """The figures over all pictures so far, of which there is at least one."""
        true = self._features[-1]
        distances = [frechet_distance(seen, true) for seen in self._features]
        agreements = (self._agreements / true.count).tolist()
        confidences = (self._confidences / true.count).tolist()
        return PerceptualSummary(*map(PerceptualScores, distances, agreements, confidences))


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2), after Dowson and Landau, 1982.

    The last trace is the sum of the singular values of S1^1/2 S2^1/2. So no root of a product is
    taken, and covariances of fewer vectors than dimensions, which are singular, do no harm.
    """
    shift = first.mean - second.mean
    covariances = first.covariance, second.covariance
    roots = [_root(covariance) for covariance in covariances]
    overlap = np.linalg.svd(roots[0].T @ roots[1], compute_uv=False).sum()
    spread = sum(float(np.trace(covariance)) for covariance in covariances)
    return max(0.0, float(shift @ shift + spread - 2 * overlap))


def _root(covariance: Floats) -> Floats:
    """A matrix R (D, D) with R R^T = covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(values.clip(min=0))


def _square(rgb8: Rgb8) -> Rgb8:
    """(H, W, 3) -> (224, 224, 3)."""
    return np.asarray(Image.fromarray(rgb8).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
