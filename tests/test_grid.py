from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colornet.grid import averaged, bicubic, bilinear, resample

RAMP = np.linspace(0, 100, 16, dtype=np.float32).reshape(1, 1, 16).repeat(8, 1)  # (1, 8, 16)
NOISE = np.random.default_rng(0).random((2, 12, 20), np.float32)


@pytest.mark.parametrize(("height", "width"), [(24, 40), (6, 10), (5, 7), (12, 20), (3, 50)])
def test_resample_is_bilinear(height: int, width: int) -> None:
    size, method = (width, height), Image.Resampling.BILINEAR
    expected = [np.asarray(Image.fromarray(plane).resize(size, method)) for plane in NOISE]
    assert resample(NOISE, height, width) == pytest.approx(np.stack(expected), abs=1e-5)


def test_averages_are_those_of_the_cells() -> None:
    found = averaged(NOISE[0], 3, 10)
    assert found.shape == (3, 10)
    assert found[1, 2] == pytest.approx(NOISE[0, 4:8, 4:6].mean())


def test_resample_keeps_what_is_even() -> None:
    assert resample(np.full((9, 9), 7, np.float32), 30, 4) == pytest.approx(7)


@pytest.mark.parametrize("shares", [bilinear, bicubic])
def test_middles_of_cells_are_the_cells(shares: Callable[..., NDArray[np.float32]]) -> None:
    rows, columns = np.indices((8, 16)).reshape(2, -1)
    points = np.stack([(rows + 0.5) / 8, (columns + 0.5) / 16], axis=-1).astype(np.float32)
    assert shares(points, 8, 16) == pytest.approx(np.eye(128), abs=1e-5)


def test_points_between_cells_mix_them() -> None:
    share = bilinear(np.array([[0.5, 0.5], [0, 0], [1, 1]], np.float32), 8, 16)
    assert share.sum(axis=1) == pytest.approx(1)
    assert (share > 0).sum(axis=1).tolist() == [4, 1, 1]
    assert (share @ RAMP.reshape(-1)).tolist() == pytest.approx([50, 0, 100])


def test_bicubic_is_that_of_pillow() -> None:
    rows, columns = np.indices((36, 60)).reshape(2, -1)
    points = np.stack([(rows + 0.5) / 36, (columns + 0.5) / 60], axis=-1).astype(np.float32)
    found = bicubic(points, 12, 20) @ NOISE.reshape(2, -1).T
    inner = np.s_[6:-6, 6:-6]  # Pillow leaves out what lies beyond the ends
    for one, plane in zip(found.T.reshape(2, 36, 60), NOISE, strict=True):
        expected = np.asarray(Image.fromarray(plane).resize((60, 36), Image.Resampling.BICUBIC))
        assert one[inner] == pytest.approx(expected[inner], abs=1e-5)
