"""One contract for every network with every head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colornet.errors import RecipeError
from colornet.model import ModelFolder, decoder_outputs, guidance_outputs, open_graphs
from colornet.train.checkpoint import load_weights
from colornet.train.export import TOLERANCE, export_checkpoint
from colornet.train.export.verify import compare
from colornet.train.heads import build_head
from colornet.train.networks import build_network
from colornet.train.task import ColorizationTask
from tests.train.tasks import make_task, save

NETWORKS: list[dict[str, Any]] = [
    {"name": "iizuka", "width": 0.1, "global_size": 64},
    {"name": "iizuka", "width": 0.1, "global_size": 96},
    {"name": "iizuka", "width": 0.1, "global_features": False},
    {"name": "fusion", "hints": True},
    {"name": "fusion", "global_features": False},
]

HEADS = ["regression", "classification", "dual"]

networks = pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda n: "-".join(map(str, n.values()))
)

heads = pytest.mark.parametrize("head", HEADS)


@networks
@heads
def test_forward_any_size_and_backward(network: dict[str, Any], head: str) -> None:
    task = make_task(network, head)
    for height, width in ((64, 64), (96, 128)):
        ab = task.eval()(torch.rand(2, 1, height, width) * 100)
        assert ab.shape == (2, 2, height, width)
        assert torch.isfinite(ab).all()
        assert ab.abs().max() <= 128
    batch = (torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8), torch.tensor([0, 1, 0, 1]))
    task.train().training_step(batch, 0)["loss"].backward()
    untouched = [n for n, p in task.named_parameters() if p.requires_grad and p.grad is None]
    unused = network["name"] == "fusion" and not network.get("global_features", True)
    assert [n for n in untouched if not (unused and "encoder.last" in n)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "head"),
    [
        *((network, "regression") for network in NETWORKS[:3]),
        *((NETWORKS[0], h) for h in HEADS[1:]),
        (NETWORKS[3] | NETWORKS[4], "regression"),
    ],
)
def test_save_load_and_export_give_the_same_colors(
    network: dict[str, Any], head: str, tmp_path: Path
) -> None:
    """The largest, with hints and the dual head, is in `test_weights.py`."""
    check_export(make_task(network, head), tmp_path)


def check_export(task: ColorizationTask, tmp_path: Path) -> ModelFolder:
    """Save, load and export a task; returns its model."""
    network, head = task.recipe.network, task.recipe.head["name"]
    task.eval()
    loaded = ColorizationTask.from_checkpoint(save(task, tmp_path / "a.ckpt"))
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert torch.equal(task(lightness), loaded(lightness))
    folder = export_checkpoint(tmp_path / "a.ckpt", tmp_path / "model", {"license": "none"})
    assert folder.card.license == "none"
    assert bool(folder.card.prior) == network.get("global_features", True)
    assert len(folder.card.bins) == (0 if head == "regression" else 49)
    assert compare(loaded, folder) <= TOLERANCE
    assert all(b".py" not in p.read_bytes() for p in folder.path.iterdir())  # no path leaks out
    encoder, decoder, _ = open_graphs(folder)
    names = [*folder.card.features, *(["prior"] if folder.card.prior else [])]
    batch = np.repeat(lightness.numpy(), 3, axis=0)
    features = dict(zip(names, encoder.run(names, {"lightness": batch}), strict=True))
    outputs = decoder_outputs(folder.card)
    assert decoder.run(["ab"], features)[0].shape[:2] == (3, 2)
    assert ("affinity" in guidance_outputs(folder.card)) == network.get("hints", False)
    assert ("trunk" in outputs) == bool(guidance_outputs(folder.card))
    assert ("vivid" in outputs) == (head == "dual")
    state, given = task.state_dict(), load_weights(folder.path)
    assert given.keys() >= state.keys()
    for name, value in state.items():
        np.testing.assert_allclose(given[name], value.float(), rtol=2e-3, atol=1e-4, err_msg=name)
    return folder


def test_unknown_names_and_options_are_refused() -> None:
    with pytest.raises(RecipeError, match="unknown"):
        build_network("vgg", classes=1)
    with pytest.raises(RecipeError, match="depth"):
        build_network("iizuka", classes=1, depth=3)
    with pytest.raises(RecipeError, match="unknown"):
        build_head("gan", 32)
    with pytest.raises(RecipeError, match="sharpness"):
        build_head("regression", 32, sharpness=1)
