import numpy as np
import pytest
from skimage import data

from colornet.evaluation import metrics


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    return data.coffee()[:200, 100:300]


def test_equal_pictures_score_perfectly(photograph: np.ndarray) -> None:
    scores = metrics.score(photograph, photograph)

    assert scores.psnr == metrics.PSNR_CEILING
    assert scores.ssim == pytest.approx(1, abs=1e-5)
    assert scores.delta_e == pytest.approx(0, abs=1e-6)
    assert scores.colorfulness > 30


def test_psnr_is_its_definition(photograph: np.ndarray) -> None:
    noisy = photograph.copy()
    noisy[::2] ^= 8
    error = np.mean((noisy / 255 - photograph / 255) ** 2)

    assert metrics.score(noisy, photograph).psnr == pytest.approx(-10 * np.log10(error), abs=1e-3)


def test_delta_e_knows_a_published_pair() -> None:
    """sRGB red against green: CIEDE2000 86.61 under D65."""
    red, green = (np.full((4, 4, 3), rgb, np.uint8) for rgb in ((255, 0, 0), (0, 255, 0)))

    assert metrics.score(red, green).delta_e == pytest.approx(86.61, abs=0.02)


def test_farther_pictures_score_worse(photograph: np.ndarray) -> None:
    gray = np.repeat(photograph.mean(axis=-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    halfway = ((gray.astype(int) + photograph) // 2).astype(np.uint8)
    near, far = metrics.score(halfway, photograph), metrics.score(gray, photograph)

    assert near.psnr > far.psnr
    assert near.ssim > far.ssim
    assert near.delta_e < far.delta_e
    assert near.colorfulness > far.colorfulness == 0


@pytest.mark.parametrize("side", [1, 2, 5, 10, 11])
def test_tiny_pictures_have_scores_too(photograph: np.ndarray, side: int) -> None:
    tiny = photograph[:side, :side]

    assert metrics.score(tiny, tiny).ssim == pytest.approx(1, abs=1e-5)


def test_summary_takes_means_before_differences() -> None:
    scores = [metrics.Scores(20, 0.8, 10, 0), metrics.Scores(30, 1.0, 4, 40)]

    summary = metrics.summarize(scores, [30, 20])

    assert summary == metrics.Summary(25, 0.9, 7, 20, delta_colorfulness=5)
