import numpy as np
import torch

from colornet.color import rgb_to_lab
from colornet.train.lab import join_lab, split_lab
from colornet.train.networks.fusion import gray01


def test_it_agrees_with_the_one_definition_of_lab() -> None:
    rgb8 = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    rgb8[0, 0, :4] = [[0, 0, 0], [255, 255, 255], [1, 2, 3], [255, 0, 255]]
    expected = np.moveaxis(rgb_to_lab(rgb8 / 255.0), -1, 1)
    lightness, ab = split_lab(torch.from_numpy(rgb8).permute(0, 3, 1, 2))
    assert lightness.shape == (2, 1, 16, 16)
    assert ab.shape == (2, 2, 16, 16)
    assert np.abs(torch.cat([lightness, ab], 1).numpy() - expected).max() < 0.05


def test_gray01_has_the_lightness_it_was_made_from() -> None:
    lightness = torch.linspace(0, 100, 201)
    gray = gray01(lightness).numpy()[:, None].repeat(3, axis=1)
    assert np.abs(rgb_to_lab(gray)[:, 0] - lightness.numpy()).max() < 0.05


def test_back_to_rgb() -> None:
    rng = np.random.default_rng(1)
    rgb8 = rng.integers(0, 256, (2, 3, 16, 16), dtype=np.uint8)
    rgb01 = join_lab(*split_lab(torch.from_numpy(rgb8)))
    assert np.abs(rgb01.numpy() * 255 - rgb8).max() < 0.05
    beyond = join_lab(torch.full((1, 1, 2, 2), 50.0), torch.full((1, 2, 2, 2), 120.0))
    assert beyond.min() >= 0
    assert beyond.max() <= 1
