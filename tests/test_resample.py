from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colornet.resample import averaged, cubic, linear, resample

RAMP = np.linspace(0, 100, 16, dtype=np.float32).reshape(1, 1, 16).repeat(8, 1)  # (1, 8, 16)
NOISE = np.random.default_rng(0).random((2, 12, 20), np.float32)


@pytest.mark.parametrize(("height", "width"), [(24, 40), (6, 10), (5, 7), (12, 20), (3, 50)])
def test_resample_is_bilinear(height: int, width: int) -> None:
    size, method = (width, height), Image.Resampling.BILINEAR
    expected = [np.asarray(Image.fromarray(plane).resize(size, method)) for plane in NOISE]
    assert resample(NOISE, height, width) == pytest.approx(np.stack(expected), abs=1e-5)


@pytest.mark.parametrize(
    ("height", "width"), [(3, 10), (5, 7), (8, 13), (24, 20), (11, 50), (1, 1)]
)
def test_averages_over_parts_of_cells_count_in_part(height: int, width: int) -> None:
    found = averaged(NOISE[0], height, width)
    finer = NOISE[0].repeat(height, 0).repeat(width, 1)  # (12 height, 20 width)
    assert found == pytest.approx(finer.reshape(height, 12, width, 20).mean((1, 3)), abs=1e-5)


@pytest.mark.parametrize("shares", [linear, cubic])
def test_middles_of_cells_are_the_cells(shares: Callable[..., NDArray[np.float32]]) -> None:
    points = ((np.arange(16) + 0.5) / 16).astype(np.float32)
    assert shares(points, 16) == pytest.approx(np.eye(16), abs=1e-5)


def test_points_between_cells_mix_them() -> None:
    share = linear(np.array([0.5, 0, 1], np.float32), 16)
    assert share.sum(axis=1) == pytest.approx(1)
    assert (share > 0).sum(axis=1).tolist() == [2, 1, 1]
    assert (share @ RAMP[0, 0]).tolist() == pytest.approx([50, 0, 100])


def test_bicubic_is_that_of_pillow() -> None:
    rows, columns = (
        cubic(np.arange(0.5, 3 * n, dtype=np.float32) / np.float32(3 * n), n) for n in (12, 20)
    )
    found = rows @ NOISE @ columns.T
    inner = np.s_[6:-6, 6:-6]  # Pillow leaves out what lies beyond the ends
    for one, plane in zip(found, NOISE, strict=True):
        expected = np.asarray(Image.fromarray(plane).resize((60, 36), Image.Resampling.BICUBIC))
        assert one[inner] == pytest.approx(expected[inner], abs=1e-5)
