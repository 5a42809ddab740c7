from __future__ import annotations

import numpy as np
import pytest

from colornet.smoothing import smooth_colors

SIDE = 32
LIGHTNESS = np.full((SIDE, SIDE), 50, np.float32)


def two_things() -> np.ndarray:
    """An affinity in which the left half is one segment, and the right half another."""
    edge = np.where(np.arange(SIDE) < SIDE // 2, 0.0, 9.0) * np.ones((SIDE, 1))
    segment = np.stack([np.ones_like(edge), edge])
    return np.concatenate([segment, np.zeros_like(segment)]).astype(np.float32)


def test_a_patch_of_another_color_comes_close_to_that_of_its_segment() -> None:
    ab = np.full((2, SIDE, SIDE), 10, np.float32)
    ab[0, 10:14, 2:6] = 70
    ab[1, :, SIDE // 2 :] = -40
    even = smooth_colors(ab, two_things(), LIGHTNESS)
    assert even.dtype == np.float32
    assert even[0, 10:14, 2:6].max() < 30
    assert np.abs(even - ab)[:, :, SIDE // 2 :].max() < 0.01  # the other segment is as it was
    assert np.abs(even - ab)[:, :8].max() < 3


def test_shades_of_a_thing_stay() -> None:
    lightness = np.linspace(20, 80, SIDE, dtype=np.float32) * np.ones((SIDE, 1), np.float32)
    one_segment = np.zeros((4, SIDE, SIDE), np.float32)
    ab = np.stack([0.5 * lightness, 20 - 0.3 * lightness])
    assert np.abs(smooth_colors(ab, one_segment, lightness) - ab).max() < 1


def test_what_is_like_nothing_else_stays() -> None:
    rng = np.random.default_rng(0)
    ab = rng.uniform(-50, 50, (2, SIDE, SIDE)).astype(np.float32)
    alone = rng.normal(0, 100, (12, SIDE, SIDE)).astype(np.float32)
    shade = rng.uniform(0, 100, (SIDE, SIDE)).astype(np.float32)
    assert np.abs(smooth_colors(ab, alone, shade) - ab).max() < 0.5


@pytest.mark.parametrize("side", [1, 2, 7])
def test_maps_of_any_size_will_do(side: int) -> None:
    ab = np.full((2, side, side), 30, np.float32)
    even = smooth_colors(ab, np.zeros((4, side, side), np.float32), ab[0])
    assert np.abs(even - ab).max() < 1e-3
