import numpy as np
import torch

from colornet.guidance import propagation
from colornet.train.losses.affinity import hint_loss, segment_loss
from colornet.train.losses.segments import find_segments
from colornet.train.losses.spreading import spread


def random_maps(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    own, true = (torch.randn(2, 2, 8, 12, generator=generator) * 20 for _ in range(2))
    affinity = torch.randn(2, 6, 8, 12, generator=generator)
    affinity[:, ::3] = affinity[:, ::3].abs() + 0.3
    return own, affinity, torch.randn(2, 3, 8, 12, generator=generator) * 10, true


def test_the_twin_of_the_runtime() -> None:
    own, affinity, looks, true = random_maps(0)
    at = torch.tensor([[3, 40, 41], [95, 0, 7]])
    guided = spread(own, affinity, looks, at, true)
    for i in range(2):
        cells = np.stack(np.divmod(at[i].numpy(), 12), axis=1)
        told = true[i, :, cells[:, 0], cells[:, 1]].T.numpy()
        its_own, its_affinity, its_looks = (x[i].numpy() for x in (own, affinity, looks))
        expected = propagation.spread(its_own, its_affinity, its_looks, cells, told)
        assert np.abs(guided[i].numpy() - expected).max() < 0.05


def test_the_loss_moves_the_affinity_alone_and_follows_its_generator() -> None:
    own, affinity, looks, true = random_maps(1)
    own.requires_grad_()
    affinity.requires_grad_()
    losses = [hint_loss(own, affinity, looks, true, np.random.default_rng(s)) for s in (5, 5, 6)]
    assert losses[0] == losses[1] != losses[2]
    losses[0].backward()
    assert own.grad is None
    assert affinity.grad is not None
    assert torch.isfinite(affinity.grad).all()
    assert affinity.grad.abs().sum() > 0


def two_things() -> tuple[torch.Tensor, torch.Tensor]:
    """Lightness (2,1,12,12) and ab (2,2,12,12): two halves, both slowly changing."""
    rows, columns = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    ab = torch.stack([torch.where(columns < 6, 40.0, -20.0) + rows / 4, columns / 4])
    return torch.full((2, 1, 12, 12), 50.0), ab.expand(2, 2, 12, 12)


def test_a_thing_ends_where_its_color_does() -> None:
    lightness, ab = two_things()
    lab = torch.cat([lightness, ab], dim=1)
    things, others = find_segments(lab, torch.tensor([[5 * 12 + 5], [11]]))
    half = ab[0, 0] > 20
    assert torch.equal(things[:, 0], torch.stack([half, ~half]))
    beside = torch.arange(12) < 5, torch.arange(12) > 6
    assert torch.equal(others[:, 0, 0], torch.stack(beside[::-1]))


def test_in_the_dark_small_differences_of_color_end_a_thing() -> None:
    ab = torch.zeros(1, 2, 6, 6)
    ab[:, 0, :, 3:] = 8
    for lightness, others in ((70, 0), (5, 12)):
        lab = torch.cat([torch.full((1, 1, 6, 6), float(lightness)), ab], dim=1)
        assert find_segments(lab, torch.tensor([[0]]))[1].sum() == others


def test_the_parts_of_a_snake_belong_together() -> None:
    lab = torch.full((1, 3, 9, 9), 40.0)
    lab[:, :, ::2] = 0
    lab[:, :, 1::4, -1] = 0
    lab[:, :, 3::4, 0] = 0
    head, between = find_segments(lab, torch.tensor([[0, 9]]))[0][0]
    assert torch.equal(head, lab[0, 0] == 0)
    assert between.sum() == 8, "one of the four lines between its windings"


def test_an_affinity_that_knows_the_things_has_the_lesser_loss() -> None:
    lightness, ab = two_things()
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


def test_pictures_without_things_teach_nothing() -> None:
    affinity = torch.rand(2, 6, 12, 12, requires_grad=True)
    plain = torch.zeros(2, 2, 12, 12)
    alike = torch.zeros(2, 3, 12, 12)
    loss = segment_loss(affinity, alike, plain[:, :1] + 50, plain, np.random.default_rng(0))
    loss.backward()
    assert loss == 0
