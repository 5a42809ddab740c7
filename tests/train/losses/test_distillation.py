from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from colornet.errors import RecipeError
from colornet.train.config import Recipe
from colornet.train.lab import split_lab
from colornet.train.losses.distillation import distillation_loss, feature_loss
from colornet.train.losses.teacher import Teacher
from colornet.train.task import ColorizationTask
from tests.train.losses.pictures import coarse_pictures, save_encoder
from tests.train.tasks import save


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Teacher:
    return Teacher(save_encoder(tmp_path_factory.mktemp("weights") / "encoder.npz"))


def test_true_colors_look_right_and_wrong_ones_do_not(teacher: Teacher) -> None:
    rgb8 = coarse_pictures()
    lightness, ab = split_lab(rgb8)
    true = teacher.maps(rgb8)
    right, swapped = (float(feature_loss(teacher, lightness, x, true)) for x in (ab, ab.flip(1)))
    assert right < 0.02 < swapped


def test_an_encoder_sees_what_the_teacher_sees_or_is_told_the_difference(teacher: Teacher) -> None:
    rgb8 = coarse_pictures()
    network = teacher.network
    _, *features = network.features(rgb8.float() / 255)
    head_features, true = torch.relu(network.last(features[-1])), teacher.maps(rgb8)
    same = distillation_loss(teacher, features, head_features, true)
    assert float(same) == pytest.approx(0, abs=1e-6)
    features = [torch.zeros_like(x, requires_grad=True) for x in features]
    nothing = torch.zeros_like(head_features, requires_grad=True)
    missed = distillation_loss(teacher, features, nothing, true)
    assert missed > len(features)
    assert all(g.abs().sum() > 0 for g in torch.autograd.grad(missed, features))


def test_a_checkpoint_trained_with_a_teacher_needs_none_to_be_used(tmp_path: Path) -> None:
    weights = save_encoder(tmp_path / "encoder.npz")
    recipe = Recipe(
        network={"name": "fusion", "encoder": str(weights)},
        head={"name": "regression"},
        feature=1.0,
        distillation=1.0,
        adversarial=0.1,
    )
    task = ColorizationTask(recipe, ["cat"])
    batch = (coarse_pictures(4), torch.zeros(4, dtype=torch.long))
    with torch.no_grad():
        steps = [task.training_step(batch, 0)["parts"] for task.recipe in seeds(recipe, 12)]
    always, sometimes = {"mse", "adversarial", "discriminator"}, {"feature", "distillation"}
    assert {frozenset(parts) for parts in steps} == {
        frozenset(always),
        frozenset(always | sometimes),
    }
    task.recipe = recipe
    save(task, tmp_path / "a.ckpt")
    weights.unlink()
    loaded = ColorizationTask.from_checkpoint(tmp_path / "a.ckpt")
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert torch.equal(loaded(lightness), task.eval()(lightness))


def seeds(recipe: Recipe, count: int) -> list[Recipe]:
    """The recipe with one seed after another."""
    return [recipe.changed(seed=seed) for seed in range(count)]


@pytest.mark.parametrize("loss", ["feature", "distillation"])
def test_a_loss_that_asks_a_frozen_network_needs_an_encoder(loss: str) -> None:
    with pytest.raises(RecipeError, match="needs an encoder"):
        Recipe.from_dict({"network": {"name": "iizuka"}, loss: 1.0})


def test_a_teacher_of_other_weights_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weight=np.zeros(3))
    with pytest.raises(Exception, match="MobileNetEdgeTPU"):
        Teacher(tmp_path / "other.npz").maps(coarse_pictures())
