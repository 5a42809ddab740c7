from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from colornet.errors import RecipeError
from colornet.train.config import Recipe
from colornet.train.lab import split_lab
from colornet.train.losses.teacher import (
    Adversary,
    FeatureLoss,
    RecognitionLoss,
    is_skin,
    see,
    skin_loss,
)
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU
from colornet.train.task import ColorizationTask


@pytest.fixture(scope="module")
def encoder() -> MobileNetEdgeTPU:
    torch.manual_seed(0)
    return MobileNetEdgeTPU().eval().requires_grad_(False)


def pictures(count: int = 2, side: int = 64) -> torch.Tensor:
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(40, 200, (count, 3, side // 8, side // 8)))
    return torch.nn.functional.interpolate(coarse, (side, side)).to(torch.uint8)


def test_true_colors_look_right_and_wrong_ones_do_not(encoder: MobileNetEdgeTPU) -> None:
    look, rgb8 = FeatureLoss(encoder), pictures()
    lightness, ab = split_lab(rgb8)
    seen = see(encoder, rgb8)
    right, swapped = (float(look(lightness, x, seen)) for x in (ab, ab.flip(1)))
    assert right < 0.02 < swapped


def test_an_encoder_sees_what_its_original_sees_or_is_told_the_difference(
    encoder: MobileNetEdgeTPU,
) -> None:
    judge, rgb8 = RecognitionLoss(encoder), pictures()
    _, *features = encoder.features(rgb8.float() / 255)
    named, seen = torch.relu(encoder.last(features[-1])), see(encoder, rgb8)
    assert float(judge(features, named, seen)) == pytest.approx(0, abs=1e-6)
    features = [torch.zeros_like(x, requires_grad=True) for x in features]
    missed = judge(features, torch.zeros_like(named, requires_grad=True), seen)
    assert missed > len(features)
    assert all(g.abs().sum() > 0 for g in torch.autograd.grad(missed, features))


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
    assert torch.autograd.grad(judging, ab, allow_unused=True, retain_graph=True)[0] is None
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


def test_a_checkpoint_trained_so_needs_none_of_them_to_be_used(
    encoder: MobileNetEdgeTPU, tmp_path: Path
) -> None:
    weights = tmp_path / "encoder.npz"
    np.savez(weights, **{name: value.numpy() for name, value in encoder.state_dict().items()})
    network = {"name": "fusion", "encoder": str(weights)}
    recipe = Recipe(
        network=network,
        head={"name": "regression"},
        feature=1.0,
        recognition=1.0,
        adversary=0.1,
    )
    task = ColorizationTask(recipe, ["cat"])
    batch = (pictures(4), torch.zeros(4, dtype=torch.long))
    seen = [set(task.losses(batch, np.random.default_rng(seed))) for seed in range(12)]
    always, sometimes = {"color", "adversary", "judging"}, {"feature", "recognition"}
    assert {frozenset(losses) for losses in seen} == {
        frozenset(always),
        frozenset(always | sometimes),
    }
    assert set(task.losses(batch)) == {"color"}
    saved = {"state_dict": task.state_dict(), "recipe": recipe.to_dict(), "classes": ["cat"]}
    torch.save(saved, tmp_path / "a.ckpt")
    weights.unlink()
    loaded = ColorizationTask.from_checkpoint(tmp_path / "a.ckpt")
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert torch.equal(loaded(lightness), task.eval()(lightness))


@pytest.mark.parametrize("loss", ["feature", "recognition"])
def test_a_loss_that_asks_a_frozen_network_needs_an_encoder(loss: str) -> None:
    with pytest.raises(RecipeError, match="needs an encoder"):
        Recipe.from_dict({"network": {"name": "iizuka"}, loss: 1.0})


def test_skin_counts_where_it_is_in_truth_and_by_its_own_chroma() -> None:
    lightness = torch.full((1, 1, 4, 4), 60.0)
    skin, sky = torch.tensor([18.0, 20.0]), torch.tensor([-5.0, -25.0])
    true = torch.where(torch.arange(4) < 2, skin[:, None, None], sky[:, None, None])[None]
    true = true.expand(1, 2, 4, 4)
    assert is_skin(lightness, true)[0, 0].tolist() == [True, True, False, False]
    assert float(skin_loss(true, lightness, true)) == 0
    gray = torch.zeros_like(true)
    assert float(skin_loss(gray, lightness, true)) == pytest.approx(1)
    wrong_sky = torch.where(torch.arange(4) < 2, true, gray)
    assert float(skin_loss(wrong_sky, lightness, true)) == 0
