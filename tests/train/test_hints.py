import numpy as np
import torch

from colornet import propagation
from colornet.train.hints import hint_loss, spread


def random_maps(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    own, true = (torch.randn(2, 2, 8, 12, generator=generator) * 20 for _ in range(2))
    affinity = torch.randn(2, 5, 8, 12, generator=generator)
    affinity[:, 0] = affinity[:, 0].abs() + 0.3
    return own, affinity, true


def test_the_twin_of_the_runtime() -> None:
    own, affinity, true = random_maps(0)
    at = torch.tensor([[3, 40, 41], [95, 0, 7]])
    guided = spread(own, affinity, at, true)
    for i in range(2):
        cells = np.stack(np.divmod(at[i].numpy(), 12), axis=1)
        told = true[i, :, cells[:, 0], cells[:, 1]].T.numpy()
        expected = propagation.spread(own[i].numpy(), affinity[i].numpy(), cells, told)
        assert np.abs(guided[i].numpy() - expected).max() < 0.05


def test_the_loss_moves_the_affinity_alone_and_follows_its_generator() -> None:
    own, affinity, true = random_maps(1)
    own.requires_grad_()
    affinity.requires_grad_()
    losses = [hint_loss(own, affinity, true, np.random.default_rng(s)) for s in (5, 5, 6)]
    assert losses[0] == losses[1] != losses[2]
    losses[0].backward()
    assert own.grad is None
    assert affinity.grad is not None
    assert torch.isfinite(affinity.grad).all()
    assert affinity.grad.abs().sum() > 0
