import numpy as np
import pytest
import torch

from colornet.errors import RecipeError
from colornet.train.ab_bins import GRID_STEP, bin_shares, find_bins, rebalanced
from colornet.train.heads import ClassificationHead, RegressionHead, color_loss


@pytest.fixture
def colors() -> np.ndarray:
    """Mostly gray, some red, few blue."""
    rng = np.random.default_rng(0)
    centers = np.array([[0.0, 0.0], [60.0, 40.0], [10.0, -60.0]])
    chosen = rng.choice(3, 20_000, p=[0.9, 0.09, 0.01])
    return centers[chosen] + rng.normal(0, 4, (20_000, 2))


def test_bins_are_those_that_occur_and_their_shares_add_up(colors: np.ndarray) -> None:
    bins, share = find_bins(colors)
    assert share.sum().item() == pytest.approx(1)
    assert (bins % GRID_STEP == 0).all()
    for center in ([0, 0], [60, 40], [10, -60]):
        assert (bins == torch.tensor(center)).all(1).any()
    assert not (bins == torch.tensor([-60.0, 60.0])).all(1).any()


def test_shares_count_the_nearest_bin(colors: np.ndarray) -> None:
    bins = torch.tensor([[0.0, 0.0], [60.0, 40.0], [10.0, -60.0], [100.0, 100.0]])
    assert bin_shares(colors, bins).tolist() == pytest.approx([0.9, 0.09, 0.01, 0], abs=0.01)


def test_rebalancing_has_expectation_1_and_raises_rare_colors(colors: np.ndarray) -> None:
    bins, share = find_bins(colors)
    weights = rebalanced(bins, share, 0.5)
    assert (weights * share).sum().item() == pytest.approx(1, abs=1e-5)
    gray, blue = ((bins == torch.tensor(c)).all(1) for c in ([0, 0], [10, -60]))
    assert weights[blue] > 3 * weights[gray]
    assert rebalanced(bins, share, 1.0).allclose(torch.ones(()))


def test_the_soft_encoding_gives_the_color_back(colors: np.ndarray) -> None:
    head = ClassificationHead(8, *find_bins(colors), temperature=1.0)
    inside = torch.tensor([[62.0, 38.0], [3.0, -4.0], [0.0, 0.0]])
    index = ((inside + 110) * torch.tensor([221.0, 1.0])).sum(1).long()
    mean = (head.nearness[index].unsqueeze(-1) * head.bins[head.neighbors[index]]).sum(1)
    assert torch.allclose(head.nearness.sum(1), torch.ones(()))
    assert (mean - inside).abs().max() < 3


def test_a_low_temperature_goes_from_the_mean_to_the_mode() -> None:
    bins = torch.tensor([[0.0, 0.0], [80.0, 0.0]])
    logits = torch.tensor([0.4, 0.6]).log().view(1, 2, 1, 1)
    reds = []
    for temperature in (1.0, 0.38, 0.01):
        head = ClassificationHead(8, bins, torch.tensor([0.5, 0.5]), temperature=temperature)
        reds.append(head.to_ab(logits)[0, 0].item())
    assert reds[0] == pytest.approx(48)
    assert reds[0] < reds[1] < reds[2]
    assert reds[2] == pytest.approx(80)


def test_classification_loss_prefers_the_right_color(colors: np.ndarray) -> None:
    head = ClassificationHead(8, *find_bins(colors))
    ab = torch.tensor([60.0, 40.0]).view(1, 2, 1, 1).expand(1, 2, 4, 4)
    red = (head.bins == torch.tensor([60.0, 40.0])).all(1).float()
    right = (2 * red).view(1, -1, 1, 1).expand(1, -1, 4, 4)
    assert (
        color_loss(head, right, ab) < color_loss(head, 0 * right, ab) < color_loss(head, -right, ab)
    )


def test_regression_reaches_every_srgb_color() -> None:
    head = RegressionHead(8)
    assert head.to_ab(torch.tensor([0.0, 0.5, 1.0])).tolist() == [-110, 0, 110]


def test_temperature_out_of_range_is_refused() -> None:
    with pytest.raises(RecipeError):
        ClassificationHead(8, torch.zeros(2, 2), torch.ones(2) / 2, temperature=0)
