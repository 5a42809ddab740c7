from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from colornet.errors import CheckpointError, RecipeError
from colornet.train.task import ColorizationTask
from tests.train.tasks import make_task, save

SMALL = {"name": "iizuka", "width": 0.1, "global_size": 64}


def test_a_run_can_start_from_the_weights_of_one_without_hints(tmp_path: Path) -> None:
    without, with_hints = (
        make_task({"name": "fusion", "hints": hints}, "dual").eval() for hints in (False, True)
    )
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert not torch.equal(with_hints(lightness), without(lightness))
    weights = {name: value.numpy() for name, value in without.state_dict().items()}
    np.savez(tmp_path / "start.npz", **weights)
    for path in (save(without, tmp_path / "start.ckpt"), tmp_path / "start.npz"):
        with_hints.start_from(path)
        assert torch.allclose(with_hints(lightness), without(lightness), atol=1e-4)
    with pytest.raises(CheckpointError, match="in common"):
        make_task(SMALL, "regression").start_from(tmp_path / "start.npz")


def test_decoding_can_be_chosen_after_training(tmp_path: Path) -> None:
    path = save(make_task(SMALL, "dual"), tmp_path / "a.ckpt")
    lightness = torch.rand(1, 1, 64, 64) * 100
    colors = [
        ColorizationTask.from_checkpoint(path, **head)(lightness)
        for head in ({}, {"blend": 1.0}, {"temperature": 0.1})
    ]
    assert not torch.equal(colors[0], colors[1])
    assert not torch.equal(colors[0], colors[2])
    path = save(make_task(SMALL, "regression"), tmp_path / "b.ckpt")
    with pytest.raises(RecipeError, match="blend"):
        ColorizationTask.from_checkpoint(path, blend=0.5)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    task = make_task(SMALL, "regression")
    task.recipe = task.recipe.changed(network={"name": "iizuka", "width": 0.5, "global_size": 64})
    with pytest.raises(CheckpointError, match="another network"):
        ColorizationTask.from_checkpoint(save(task, tmp_path / "a.ckpt"))
