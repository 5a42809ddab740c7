"""One contract for every network with every head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colornet.errors import CheckpointError, ModelDamaged, ModelNotFound, RecipeError
from colornet.modelfile import DECODER, decoder_outputs, guide_outputs, open_graphs
from colornet.train.config import Recipe
from colornet.train.export import TOLERANCE, export_checkpoint
from colornet.train.export.verify import compare
from colornet.train.heads import build_head
from colornet.train.networks import build_network
from colornet.train.task import ColorizationTask, bins_of, load_weights
from colornet.train.weights import REST

NETWORKS: list[dict[str, Any]] = [
    {"name": "iizuka", "width": 0.1, "global_size": 64},
    {"name": "iizuka", "width": 0.1, "global_size": 96},
    {"name": "iizuka", "width": 0.1, "global_features": False},
    {"name": "fusion", "hints": True},
    {"name": "fusion", "global_features": False},
]
HEADS = ["regression", "classification", "twin"]

networks = pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda n: "-".join(map(str, n.values()))
)
heads = pytest.mark.parametrize("head", HEADS)


def make_task(network: dict[str, Any], head: str) -> ColorizationTask:
    torch.manual_seed(0)
    recipe = Recipe(network=network, head={"name": head}, size=64, crop=64)
    bins = torch.cartesian_prod(torch.arange(-3, 4), torch.arange(-3, 4)).float() * 10
    return ColorizationTask(recipe, ["cat", "dog"], bins, torch.full((49,), 1 / 49))


def save(task: ColorizationTask, path: Path) -> Path:
    torch.save({"state_dict": task.state_dict(), "recipe": task.recipe.to_dict(),
                "classes": task.classes}, path)  # fmt: skip
    return path


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
    task.train().training_step(batch, 0).backward()
    untouched = [n for n, p in task.named_parameters() if p.requires_grad and p.grad is None]
    unused = network["name"] == "fusion" and not network.get("global_features", True)
    assert [n for n in untouched if not (unused and "encoder.last" in n)] == []


@pytest.mark.parametrize(
    ("network", "head"),
    [
        *((network, "regression") for network in NETWORKS),
        *((NETWORKS[0], h) for h in HEADS[1:]),
        (NETWORKS[3], "twin"),
    ],
)
def test_save_load_and_export_give_the_same_colors(
    network: dict[str, Any], head: str, tmp_path: Path
) -> None:
    task = make_task(network, head).eval()
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
    assert ("affinity" in guide_outputs(folder.card)) == network.get("hints", False)
    assert ("trunk" in outputs) == bool(guide_outputs(folder.card))
    assert ("vivid" in outputs) == (head == "twin")
    state, given = task.state_dict(), load_weights(folder.path)
    assert given.keys() >= state.keys()
    for name, value in state.items():
        np.testing.assert_allclose(given[name], value.float(), rtol=2e-3, atol=1e-4, err_msg=name)


def test_a_run_can_start_from_the_weights_of_one_without_hints(tmp_path: Path) -> None:
    without, with_hints = (
        make_task({"name": "fusion", "hints": hints}, "twin").eval() for hints in (False, True)
    )
    lightness = torch.rand(1, 1, 64, 64) * 100
    assert not torch.equal(with_hints(lightness), without(lightness))
    weights = {name: value.numpy() for name, value in without.state_dict().items()}
    np.savez(tmp_path / "start.npz", **weights)
    for path in (save(without, tmp_path / "start.ckpt"), tmp_path / "start.npz"):
        with_hints.start_from(path)
        assert torch.allclose(with_hints(lightness), without(lightness), atol=1e-4)
    with pytest.raises(CheckpointError, match="in common"):
        make_task(NETWORKS[0], "regression").start_from(tmp_path / "start.npz")


def test_a_run_can_start_from_a_model(tmp_path: Path) -> None:
    task = make_task({"name": "fusion", "hints": True}, "twin")
    norms: Any = (m for m in task.modules() if isinstance(m, torch.nn.BatchNorm2d))
    for norm in norms:
        torch.nn.init.uniform_(norm.weight, -1, 2)
        torch.nn.init.uniform_(norm.running_var, 0.5, 9)
        torch.nn.init.normal_(norm.running_mean)
    model = export_checkpoint(save(task, tmp_path / "a.ckpt"), tmp_path / "model").path
    other = make_task({"name": "fusion", "hints": True}, "twin")
    other.start_from(model)
    lightness = torch.rand(4, 1, 64, 64) * 100
    for mode in (False, True):  # with the statistics of training, and with those of a batch
        assert torch.allclose(task.train(mode)(lightness), other.train(mode)(lightness), atol=0.05)
    decoder = model / DECODER
    whole = decoder.read_bytes()
    decoder.write_bytes(whole[:-1])
    with pytest.raises(ModelDamaged, match="bytes"):
        other.start_from(model)
    decoder.write_bytes(whole)
    (model / REST).write_bytes(b"no zip")
    with pytest.raises(CheckpointError, match="cannot be read"):
        other.start_from(model)
    (model / REST).unlink()
    with pytest.raises(CheckpointError, match="export it anew"):
        other.start_from(model)


def test_the_shipped_model_can_be_trained_on() -> None:
    given = load_weights(Path("general"))
    recipe = Recipe(network={"name": "fusion", "hints": True}, head={"name": "twin"})
    bins = bins_of(given)
    assert bins is not None
    task = ColorizationTask(recipe, ["any"], bins, torch.full((len(bins),), 1 / len(bins)))
    assert all(given[name].shape == value.shape for name, value in task.state_dict().items())
    with pytest.raises(ModelNotFound, match="generel"):
        task.start_from(Path("generel"))


def test_decoding_can_be_chosen_after_training(tmp_path: Path) -> None:
    path = save(make_task(NETWORKS[0], "twin"), tmp_path / "a.ckpt")
    lightness = torch.rand(1, 1, 64, 64) * 100
    colors = [
        ColorizationTask.from_checkpoint(path, **head)(lightness)
        for head in ({}, {"blend": 1.0}, {"temperature": 0.1})
    ]
    assert not torch.equal(colors[0], colors[1])
    assert not torch.equal(colors[0], colors[2])
    path = save(make_task(NETWORKS[0], "regression"), tmp_path / "b.ckpt")
    with pytest.raises(RecipeError, match="blend"):
        ColorizationTask.from_checkpoint(path, blend=0.5)


def test_large_weights_are_exported_whatever_fp16_makes_of_them(tmp_path: Path) -> None:
    task: Any = make_task(NETWORKS[-1], "twin")
    with torch.no_grad():
        task.head.classification.convolution.weight *= 1e5
    assert export_checkpoint(save(task, tmp_path / "a.ckpt"), tmp_path / "model").path.is_dir()


def test_weights_beyond_fp16_are_not_exported(tmp_path: Path) -> None:
    task: Any = make_task(NETWORKS[-1], "twin")
    with torch.no_grad():
        task.head.classification.convolution.weight *= 1e9
    with pytest.raises(CheckpointError, match="differ"):
        export_checkpoint(save(task, tmp_path / "a.ckpt"), tmp_path / "model")


def test_a_graph_that_differs_from_torch_is_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = save(make_task(NETWORKS[0], "regression"), tmp_path / "a.ckpt")
    monkeypatch.setattr("colornet.train.export.TOLERANCE", 0.0)
    with pytest.raises(CheckpointError, match="differ"):
        export_checkpoint(checkpoint, tmp_path / "model")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ckpt"]


def test_export_never_replaces_what_is_no_model(tmp_path: Path) -> None:
    checkpoint = save(make_task(NETWORKS[0], "regression"), tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="not empty"):
        export_checkpoint(checkpoint, tmp_path)
    assert checkpoint.exists()


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    task = make_task(NETWORKS[0], "regression")
    task.recipe = task.recipe.changed(network={"name": "iizuka", "width": 0.5, "global_size": 64})
    with pytest.raises(CheckpointError, match="another network"):
        ColorizationTask.from_checkpoint(save(task, tmp_path / "a.ckpt"))


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_what_is_no_checkpoint_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError):
        ColorizationTask.from_checkpoint(path)


def test_a_checkpoint_of_another_program_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="another program"):
        ColorizationTask.from_checkpoint(tmp_path / "a.ckpt")


def test_unknown_names_and_options_are_refused() -> None:
    with pytest.raises(RecipeError, match="unknown"):
        build_network("vgg", classes=1)
    with pytest.raises(RecipeError, match="depth"):
        build_network("iizuka", classes=1, depth=3)
    with pytest.raises(RecipeError, match="unknown"):
        build_head("gan", 32)
    with pytest.raises(RecipeError, match="sharpness"):
        build_head("regression", 32, sharpness=1)
