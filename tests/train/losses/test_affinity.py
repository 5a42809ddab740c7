import numpy as np
import torch

from colornet.train.losses.affinity import hint_loss, segment_loss
from tests.train.losses.pictures import two_halves


def random_maps(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    own, true = (torch.randn(2, 2, 8, 12, generator=generator) * 20 for _ in range(2))
    affinity = torch.randn(2, 6, 8, 12, generator=generator)
    affinity[:, ::3] = affinity[:, ::3].abs() + 0.3
    return own, affinity, torch.randn(2, 3, 8, 12, generator=generator) * 10, true


def test_the_loss_moves_the_affinity_alone_and_follows_its_generator() -> None:
    own, affinity, appearance, true = random_maps(1)
    own.requires_grad_()
    affinity.requires_grad_()
    losses = [
        hint_loss(own, affinity, appearance, true, np.random.default_rng(s)) for s in (5, 5, 6)
    ]
    assert losses[0] == losses[1] != losses[2]
    losses[0].backward()
    assert own.grad is None
    assert affinity.grad is not None
    assert torch.isfinite(affinity.grad).all()
    assert affinity.grad.abs().sum() > 0


def test_an_affinity_that_knows_the_segments_has_the_lesser_loss() -> None:
    lightness, ab = two_halves()
    ones, nothing = torch.ones(2, 1, 12, 12), torch.zeros(2, 2, 12, 12)
    knows = torch.cat([ones, 9.0 * (ab[:, :1] > 20), nothing], dim=1)
    alike = torch.zeros(2, 3, 12, 12)
    blurs = torch.cat([ones, nothing, 0 * ones], dim=1)
    for seed in range(5):
        knowing, blurring = (
            float(segment_loss(affinity, alike, lightness, ab, np.random.default_rng(seed)))
            for affinity in (knows, blurs)
        )
        assert knowing < blurring / 2


def test_pictures_without_segments_teach_nothing() -> None:
    affinity = torch.rand(2, 6, 12, 12, requires_grad=True)
    plain = torch.zeros(2, 2, 12, 12)
    alike = torch.zeros(2, 3, 12, 12)
    loss = segment_loss(affinity, alike, plain[:, :1] + 50, plain, np.random.default_rng(0))
    loss.backward()
    assert loss == 0
