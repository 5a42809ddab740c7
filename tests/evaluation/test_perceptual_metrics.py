from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data

from colornet.evaluation.perceptual_metrics import Gaussian, PerceptualMetrics, frechet_distance
from colornet.evaluation.squeezenet import SqueezeNet
from tests.evaluation import squeezenets


def fitted(vectors: np.ndarray) -> Gaussian:
    gaussian = Gaussian(vectors.shape[1])
    for vector in vectors:
        gaussian.add(vector)
    return gaussian


def with_moments(mean: np.ndarray, covariance: np.ndarray) -> Gaussian:
    """Fitted to vectors that have exactly these moments."""
    dimensions = len(mean)
    corners = np.concatenate((np.eye(dimensions), -np.eye(dimensions)))
    corners *= np.sqrt((2 * dimensions - 1) / 2)
    return fitted(mean + corners @ np.linalg.cholesky(covariance).T)


def test_moments_are_those_of_all_vectors_at_once() -> None:
    vectors = np.random.default_rng(0).normal(1000, 1, (50, 4))

    gaussian = fitted(vectors)

    np.testing.assert_allclose(gaussian.mean, vectors.mean(axis=0))
    np.testing.assert_allclose(gaussian.covariance, np.cov(vectors.T), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("count", [1, 2, 40, 200])
def test_equal_sets_have_no_distance(count: int) -> None:
    """Also where the covariance is singular, as with fewer pictures than features."""
    vectors = np.random.default_rng(0).normal(size=(count, 100))

    assert frechet_distance(fitted(vectors), fitted(vectors[::-1])) == pytest.approx(0, abs=1e-9)


def test_shift_counts_by_its_square() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 100))
    shift = np.linspace(-1, 2, 100)

    distance = frechet_distance(fitted(vectors), fitted(vectors + shift))

    assert distance == pytest.approx(shift @ shift)


def test_independent_features_add_up() -> None:
    """One dimension: (m1 - m2)^2 + (s1 - s2)^2."""
    means, deviations = np.array([[0, 1, -2], [3, 1, 0]]), np.array([[1, 2, 0.5], [4, 2, 3]])
    first, second = (with_moments(m, np.diag(s**2)) for m, s in zip(means, deviations, strict=True))

    expected = np.sum((means[0] - means[1]) ** 2 + (deviations[0] - deviations[1]) ** 2)
    assert frechet_distance(first, second) == pytest.approx(expected)


def test_covariances_that_do_not_commute() -> None:
    """In two dimensions, tr (S1^1/2 S2 S1^1/2)^1/2 = sqrt(tr S1 S2 + 2 sqrt(det S1 det S2))."""
    first, second = np.array([[2, 1], [1, 3]]), np.array([[5, -2], [-2, 1]])
    overlap = np.sqrt(
        np.trace(first @ second) + 2 * np.sqrt(np.linalg.det(first) * np.linalg.det(second))
    )

    distance = frechet_distance(with_moments(np.zeros(2), first), with_moments(np.zeros(2), second))

    assert distance == pytest.approx(np.trace(first + second) - 2 * overlap)


def test_singular_covariances_agree_with_the_vectors_themselves() -> None:
    """S1^1/2 S2^1/2 has the singular values of X1 X2^T, which needs no root at all."""
    random = np.random.default_rng(0)
    first, second = random.normal(size=(30, 200)), random.gamma(2, size=(40, 200))
    centered = [(v - v.mean(axis=0)) / np.sqrt(len(v) - 1) for v in (first, second)]
    overlap = np.linalg.norm(centered[0] @ centered[1].T, "nuc")
    shift = first.mean(axis=0) - second.mean(axis=0)
    expected = shift @ shift + sum(np.sum(v**2) for v in centered) - 2 * overlap

    assert frechet_distance(fitted(first), fitted(second)) == pytest.approx(expected, rel=1e-6)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that sees only which of red, green and blue is more than its mean.

    Channel 0..2 of each layer carries that color's mean on; classes 0..2 are their brightness.
    """
    network = SqueezeNet()
    for convolution in (m for m in network.modules() if isinstance(m, torch.nn.Conv2d)):
        torch.nn.init.zeros_(convolution.weight)
        assert convolution.bias is not None
        torch.nn.init.zeros_(convolution.bias)
        center = convolution.kernel_size[0] // 2
        with torch.no_grad():
            for channel in range(3):
                convolution.weight[channel, channel, center, center] = 1
    return squeezenets.save(network, tmp_path_factory.mktemp("weights") / "colors.npz")


def plain(*rgb: int) -> np.ndarray:
    return np.full((40, 60, 3), rgb, np.uint8)


def test_recognition_asks_for_what_the_true_picture_shows(weights: Path) -> None:
    red, green, blue = plain(255, 0, 0), plain(0, 255, 0), plain(0, 0, 255)
    black = plain(0, 0, 0)
    perceptual_metrics = PerceptualMetrics(weights)
    perceptual_metrics.add(green, black, green)
    perceptual_metrics.add(red, black, blue)

    reading = perceptual_metrics.read()

    assert reading.prediction.top1_agreement == 0.5
    assert reading.gray.top1_agreement == 0
    assert reading.true.top1_agreement == 1
    brightness = [(1 - 0.456) / 0.224, (1 - 0.406) / 0.225]  # green's and blue's, as it sees them
    sure = [np.exp(b) / (np.exp(b) + 999) for b in brightness]
    unsure = 1 / (np.exp((1 - 0.485) / 0.229) + 999)  # of blue, where it sees red
    assert reading.true.top1_confidence == pytest.approx(np.mean(sure), rel=1e-5)
    assert reading.prediction.top1_confidence == pytest.approx((sure[0] + unsure) / 2, rel=1e-5)
    assert reading.gray.top1_confidence == pytest.approx(1 / 1000, rel=1e-5)


def test_distance_is_that_of_the_features(weights: Path) -> None:
    true = [data.astronaut(), data.coffee(), data.rocket(), data.chelsea()]
    half = [(picture // 2).astype(np.uint8) for picture in true]
    black = plain(0, 0, 0)
    perceptual_metrics = PerceptualMetrics(weights)
    for predicted, picture in zip(half, true, strict=True):
        perceptual_metrics.add(predicted, black, picture)

    reading = perceptual_metrics.read()

    distances = [
        reading.true.frechet_feature_distance,
        reading.prediction.frechet_feature_distance,
        reading.gray.frechet_feature_distance,
    ]
    assert distances[0] == pytest.approx(0, abs=1e-9)
    assert distances == sorted(distances)
    assert distances[1] > 0.01
