import numpy as np
import torch

from colornet.train.hints import LARGEST, simulate_hints
from colornet.train.networks.fusion import HINT_UNIT, pool_hints


def test_hints_tell_the_true_colors_in_small_patches() -> None:
    ab = torch.tensor([40.0, -20.0]).view(1, 2, 1, 1).expand(64, 2, 64, 64)
    hints = simulate_hints(ab, np.random.default_rng(0))
    hinted = hints[:, 2] == 1
    assert torch.equal(hints[:, :2], ab * hints[:, 2:])
    assert set(hints[:, 2].unique().tolist()) == {0.0, 1.0}
    without = (~hinted.flatten(1).any(1)).float().mean()
    assert 0 < without < 0.4
    assert hinted.float().mean() < 20 * LARGEST**2 / 64**2


def test_the_same_generator_gives_the_same_hints() -> None:
    ab = torch.rand(2, 2, 32, 32) * 50
    one, two = (simulate_hints(ab, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(one, two)


def test_a_single_hinted_pixel_keeps_its_color_at_every_scale() -> None:
    hints = torch.zeros(1, 3, 64, 64)
    hints[0, :, 10, 20] = torch.tensor([30.0, -40.0, 1.0])
    for stride in (4, 8, 16, 32):
        pooled = pool_hints(hints, stride)
        assert pooled.shape == (1, 3, 64 // stride, 64 // stride)
        cell = pooled[0, :, 10 // stride, 20 // stride] * torch.tensor([HINT_UNIT, HINT_UNIT, 1])
        assert torch.allclose(cell, torch.tensor([30.0, -40.0, 1.0]))
        assert pooled[:, 2].sum() == 1
