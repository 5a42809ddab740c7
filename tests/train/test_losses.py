from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from colornet.errors import RecipeError
from colornet.train.config import Recipe
from colornet.train.lab import split_lab
from colornet.train.losses import Adversary, FeatureLoss
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU
from colornet.train.task import ColorizationTask


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "encoder.npz"
    weights = {name: value.numpy() for name, value in MobileNetEdgeTPU().state_dict().items()}
    np.savez(path, **weights)
    return path


def pictures(count: int = 2, side: int = 64) -> torch.Tensor:
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(40, 200, (count, 3, side // 8, side // 8)))
    return torch.nn.functional.interpolate(coarse, (side, side)).to(torch.uint8)


def test_true_colors_look_right_and_wrong_ones_do_not(encoder: Path) -> None:
    look, rgb8 = FeatureLoss(encoder), pictures()
    lightness, ab = split_lab(rgb8)
    right, swapped = (float(look(lightness, x, rgb8)) for x in (ab, ab.flip(1)))
    assert right < 0.02 < swapped


def test_an_adversary_and_the_colors_learn_from_one_another_apart() -> None:
    torch.manual_seed(0)
    adversary = Adversary()
    lightness = torch.rand(2, 1, 64, 64) * 100
    ab, true = (torch.randn(2, 2, 16, 16) * 20 for _ in range(2))
    ab.requires_grad_()
    fooling, judging = adversary.losses(lightness, ab, true)
    weights = list(adversary.parameters())
    unmoved = torch.autograd.grad(fooling, weights, allow_unused=True, retain_graph=True)
    assert set(unmoved) == {None}
    assert torch.autograd.grad(judging, ab, allow_unused=True, retain_graph=True) == (None,)
    assert torch.autograd.grad(fooling, ab)[0].abs().sum() > 0
    kernels = [weight for weight in weights if weight.dim() == 4]
    assert all(g.abs().sum() > 0 for g in torch.autograd.grad(judging, kernels))


def test_an_adversary_learns_to_tell_true_from_gray() -> None:
    torch.manual_seed(0)
    adversary = Adversary()
    optimizer = torch.optim.Adam(adversary.parameters(), lr=0.001)
    lightness, ab = split_lab(pictures(8))
    ab = torch.nn.functional.avg_pool2d(ab, 4)
    judged = []
    for _ in range(20):
        _, judging = adversary.losses(lightness, torch.zeros_like(ab), ab)
        optimizer.zero_grad()
        judging.backward()
        optimizer.step()
        judged.append(judging.item())
    assert judged[-1] < 0.5 * judged[0]


def test_a_checkpoint_trained_so_needs_neither_to_be_used(encoder: Path, tmp_path: Path) -> None:
    network = {"name": "fusion", "encoder": str(encoder)}
    recipe = Recipe(network=network, head={"name": "regression"}, feature=1.0, adversary=0.1)
    task = ColorizationTask(recipe, ["cat"])
    batch = (pictures(4), torch.zeros(4, dtype=torch.long))
    losses = task.losses(batch, np.random.default_rng(0))
    assert set(losses) == {"color", "feature", "adversary", "judging"}
    assert set(task.losses(batch)) == {"color"}
    saved = {"state_dict": task.state_dict(), "recipe": recipe.to_dict(), "classes": ["cat"]}
    torch.save(saved, tmp_path / "a.ckpt")
    encoder.rename(tmp_path / "gone.npz")
    try:
        loaded = ColorizationTask.from_checkpoint(tmp_path / "a.ckpt")
    finally:
        (tmp_path / "gone.npz").rename(encoder)
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert torch.equal(loaded(lightness), task.eval()(lightness))


def test_a_feature_loss_needs_an_encoder() -> None:
    with pytest.raises(RecipeError, match="needs an encoder"):
        Recipe(network={"name": "iizuka"}, feature=1.0)
