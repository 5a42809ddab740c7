"""What was written under former names is read by the present ones.

`old_names.txt` lists the weights of the general network as they were called: a checkpoint of it
with the former recipe is made from a present one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colornet.errors import RecipeError
from colornet.model.folder import SHIPPED
from colornet.train.checkpoint import load_weights
from colornet.train.config import Recipe
from colornet.train.networks import build_network
from colornet.train.old_names import RECIPE_KEYS, present_weight_name
from colornet.train.run import train
from colornet.train.task import ColorizationTask
from colornet.train.weights import read_npz
from tests.train.tasks import make_task

MakePictures = Callable[..., Path]
OLD_NAMES = (Path(__file__).parent / "old_names.txt").read_text().split()
NETWORK = {"name": "fusion", "lean": True, "hints": True}


@pytest.fixture(scope="module")
def task() -> ColorizationTask:
    return make_task(NETWORK, "dual", adversarial=0.1, degradations=True).eval()


def written_before(content: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint as it was before any name changed."""
    former = {present_weight_name(name): name for name in OLD_NAMES}
    former_keys = {new: old for old, new in RECIPE_KEYS.items()}
    recipe = {former_keys.get(key, key): value for key, value in content["recipe"].items()}
    recipe["head"] = {**recipe["head"], "name": "twin"}
    old = {**content, "recipe": recipe}
    for part in {"state_dict", "current_model_state"} & set(content):
        old[part] = {former.get(name, name): value for name, value in content[part].items()}
    return old


def save_as_before(task: ColorizationTask, path: Path) -> Path:
    content = {"state_dict": task.state_dict(), "recipe": task.recipe.to_dict()}
    torch.save(written_before({**content, "classes": task.classes}), path)
    return path


def test_each_former_name_has_a_present_one(task: ColorizationTask) -> None:
    others = ("network.encoder.", "discriminator.")  # never renamed; another one since
    present = [name for name in task.state_dict() if not name.startswith(others)]
    assert [present_weight_name(name) for name in OLD_NAMES] == present
    assert sum(a != b for a, b in zip(OLD_NAMES, present, strict=True)) > 90
    assert [present_weight_name(name) for name in present] == present
    assert present_weight_name("network.attend16.1.ask.weight/factor") == (
        "network.attend16.1.qkv.weight/factor"
    )


def test_a_checkpoint_of_former_names_gives_the_same_colors(
    task: ColorizationTask, tmp_path: Path
) -> None:
    path = save_as_before(task, tmp_path / "old.ckpt")
    stored = torch.load(path, weights_only=True)
    assert "network.attend32.0.ask.weight" in stored["state_dict"]
    assert {"rate", "aging", "adversary"} <= set(stored["recipe"])
    loaded = ColorizationTask.from_checkpoint(path)
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert torch.equal(loaded(lightness), task(lightness))
    assert loaded.recipe.degradations
    assert loaded.recipe.head == {"name": "dual"}
    np.savez(tmp_path / "old.npz", **{k: v.numpy() for k, v in stored["state_dict"].items()})
    for start in (path, tmp_path / "old.npz"):
        other = make_task(NETWORK, "dual", seed=1)
        other.start_from(start)
        assert torch.allclose(other.eval()(lightness), task(lightness), atol=1e-4)


def test_a_run_of_former_names_goes_on(make_pictures: MakePictures, tmp_path: Path) -> None:
    data = make_pictures("set", ["cat"], 4)
    recipe = Recipe(
        network={"name": "fusion", "lean": True},
        head={"name": "dual"},
        size=32,
        epochs=1,
        batch=2,
        ema_decay=0.5,
        schedule="constant",
        workers=1,
    )
    paths = []
    for name in ("straight", "renamed"):
        last = train([data], recipe, tmp_path / name)
        if name == "renamed":
            content = torch.load(last, weights_only=True)
            assert {"state_dict", "current_model_state"} <= set(content)
            torch.save(written_before(content), last)
        paths.append(train([data], recipe.changed(epochs=2), tmp_path / name))
    straight, renamed = (torch.load(path, weights_only=True) for path in paths)
    assert renamed["recipe"] == straight["recipe"]
    for part in ("state_dict", "current_model_state"):
        for name, value in straight[part].items():
            assert torch.equal(renamed[part][name], value), name


@pytest.mark.parametrize("model", sorted(p.parent.name for p in SHIPPED.glob("*/training.npz")))
def test_shipped_models_are_read_under_present_names(model: str) -> None:
    weights = load_weights(Path(model))
    stored = {n.removesuffix("/factor") for n in read_npz(SHIPPED / model / "training.npz")}
    assert {present_weight_name(name) for name in stored} <= set(weights)
    if "network.join16.0.weight" not in weights:
        return
    lean = "network.join8.reduce.weight" in weights
    network = build_network("fusion", 1, hints=True, lean=lean)
    for name, value in network.state_dict().items():
        assert weights[f"network.{name}"].shape == value.shape, name


@pytest.mark.parametrize(("old", "new"), RECIPE_KEYS.items())
def test_a_recipe_file_is_told_the_present_key(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(f"{old}: 0.5\n")
    with pytest.raises(RecipeError, match=f"unknown key {old}; {old} is called {new} now"):
        Recipe.from_file(path)


def test_a_recipe_file_is_told_the_present_head() -> None:
    with pytest.raises(RecipeError, match="is called dual now"):
        Recipe(head={"name": "twin"})
