from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
from PIL import Image

from colornet.errors import (
    CheckpointError,
    DataError,
    OptionError,
    RecipeError,
    UnwritablePicture,
)
from colornet.train import log as run_log
from colornet.train import precision
from colornet.train.callbacks import Clock, Saver
from colornet.train.checkpoint import load_checkpoint, load_weights
from colornet.train.config import Recipe
from colornet.train.log import read_log
from colornet.train.optimizer import cooldown, cosine
from colornet.train.run import train
from colornet.train.task import Batch, ColorizationTask
from colornet.train.whole_folders import alone
from tests.full_disk import full_disk
from tests.train.tasks import SMALLEST, weights_in

MakePictures = Callable[..., Path]

TINY = SMALLEST.changed(
    crop=24,
    epochs=3,
    batch=4,
    schedule="cosine",
    color_jitter=1.2,
    ema_decay=0.9,
    validation_preview=2,
    precision="32-true",
)
LONGER = TINY.changed(validation_preview=10)


def test_a_run_leaves_log_curve_and_checkpoint(make_pictures: MakePictures, tmp_path: Path) -> None:
    data, held_out = make_pictures("set", ["cat", "dog"], 8), make_pictures("held", ["cow"], 3)
    last = train([data], TINY, tmp_path / "run", [held_out])
    log = read_log(tmp_path / "run")
    assert [e["epoch"] for e in log] == [1, 2, 3]
    assert log[2]["train"] < log[0]["train"]
    for epoch in log:  # mean squared error + alpha x cross-entropy
        total = epoch["mse"] + TINY.alpha * epoch["class_cross_entropy"]
        assert epoch["train"] == pytest.approx(total, rel=1e-4)
        assert 0 <= epoch["class_accuracy"] <= 1
        assert epoch["validation_mse"] == epoch["validation"]
        assert epoch["validation_psnr_gray"] > 5
    assert log[2]["validation"] > 0
    sheets = sorted(p.name for p in (tmp_path / "run" / "sheets").iterdir())
    assert sheets == [f"{step:07}.png" for step in range(2, 3 * 4 + 1, 2)]
    with (tmp_path / "run" / "figures.csv").open() as file:
        figures = list(csv.DictReader(file))
    assert [int(line["step"]) for line in figures] == list(range(2, 3 * 4 + 1, 2))
    assert float(figures[0]["psnr"]) != float(figures[-1]["psnr"])
    assert (tmp_path / "run" / "figures.png").exists()
    with Image.open(tmp_path / "run" / "loss.png") as curve:
        assert curve.size[0] > 400
    assert last == tmp_path / "run" / "checkpoints" / "last.ckpt"
    assert not list((tmp_path / "run").rglob("*.part*"))


def test_a_run_refuses_what_is_missing_or_in_its_way_before_pictures_are_read(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    data, output = make_pictures("set", ["cat"], 4), tmp_path / "run"
    make_pictures("set-2", ["cat"], 4)
    with alone(output / "log"), pytest.raises(UnwritablePicture, match="by another process"):
        train([data], TINY, output)
    with pytest.raises(DataError, match="nowhere: no such folder or tar file"):
        train([data], TINY, output, [tmp_path / "nowhere"])
    with pytest.raises(DataError, match="nowhere: no such folder or tar file"):
        train([data, tmp_path / "nowhere"], TINY, tmp_path / "new" / "run")
    assert not (tmp_path / "new").exists()
    for inside in (data / "run", data):  # its sheets would be pictures to learn from
        for given in (([data], inside), ([data.with_name("set-2")], inside, [data])):
            with pytest.raises(OptionError, match=f"{inside}: lies in the data .*set; choose an"):
                train(given[0], TINY, *given[1:])
    assert [path.name for path in data.iterdir()] == ["cat"]
    output.mkdir(exist_ok=True)
    (output / "log").write_text("my diary")
    with pytest.raises(OptionError, match="log: is not of a run"):
        train([data], TINY, output)
    assert (output / "log").read_text() == "my diary"
    assert [path.name for path in output.iterdir()] == ["log"]


def losses(output: Path) -> list[tuple[float, float]]:
    return [(e["train"], e["validation"]) for e in read_log(output)]


def weights(output: Path) -> dict[str, torch.Tensor]:
    return weights_in(output / "checkpoints" / "last.ckpt")


def test_curves_of_short_epochs_are_drawn_first_and_last(
    make_pictures: MakePictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(run_log, "draw_losses", lambda epochs, path: drawn.append(len(epochs)))
    monkeypatch.setattr(run_log, "DRAW_EVERY", 1e9)  # epochs are short, on a busy machine, too
    data = make_pictures("set", ["cat"], 8)
    train([data], SMALLEST.changed(epochs=3, batch=8), tmp_path / "run")
    assert drawn == [1, 3]
    drawn.clear()
    output = tmp_path / "until the time is up"
    monkeypatch.setattr(Clock, "_share", lambda clock: float(len(read_log(output)) == 3))
    train([data], SMALLEST.changed(batch=8, minutes=1000), output)
    assert drawn == [1, 3]


@pytest.mark.slow
def test_a_killed_run_ends_as_if_it_had_not_been(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    data, held_out = make_pictures("set", ["cat", "dog"], 20), make_pictures("held", ["cow"], 3)
    second_epoch = 10 + 3  # steps
    script = f"""
import os, signal
from pathlib import Path
from colornet.train.run import train
from colornet.train.task import Batch, ColorizationTask
from tests.train.test_run import LONGER
step = ColorizationTask.training_step
def deadly(task, batch, index):
    if task.global_step == {second_epoch}:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(task, batch, index)
ColorizationTask.training_step = deadly
data, held_out, output = Path({str(data)!r}), Path({str(held_out)!r}), Path({str(tmp_path)!r})
train([data], LONGER, output / "killed", [held_out], save_every=0)
"""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL)
    assert ended.returncode == -signal.SIGKILL
    assert len(read_log(tmp_path / "killed")) == 1

    train([data], LONGER, tmp_path / "killed", [held_out], save_every=0)
    train([data], LONGER, tmp_path / "whole", [held_out])
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    killed, whole = weights(tmp_path / "killed"), weights(tmp_path / "whole")
    assert all(torch.equal(killed[name], whole[name]) for name in whole)


def test_a_full_disk_keeps_the_last_checkpoint_and_nothing_of_the_next(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    data, output = make_pictures("set", ["cat"], 8), tmp_path / "run"
    recipe = SMALLEST.changed(epochs=1, batch=8)
    last = train([data], recipe, output)
    before = last.read_bytes()
    said = r"last\.ckpt: cannot be written \(file too large\); make room for it; the same command "
    with full_disk(len(before) // 2), pytest.raises(CheckpointError, match=said):
        train([data], recipe.changed(epochs=2), output)
    assert last.read_bytes() == before
    assert [path.name for path in last.parent.iterdir()] == ["last.ckpt"]
    assert train([data], recipe.changed(epochs=2), output).read_bytes() != before


def test_a_finished_run_can_be_lengthened_but_not_changed(
    make_pictures: MakePictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_pictures("set", ["cat"], 8)
    recipe = TINY.changed(schedule="constant", epochs=1)
    going_on = "going on with epoch 2 of 2, batch 1 of 2, after 2 steps in all: "
    nothing = "nothing was left to train"
    for epochs, said in ((1, ""), (1, nothing), (2, going_on), (1, nothing)):
        last = train([data], recipe.changed(epochs=epochs), tmp_path / "run")
        told = capsys.readouterr().out
        assert [each in told for each in (nothing, f"{going_on}{last}")] == [
            said == each for each in (nothing, going_on)
        ]
    train([data], recipe.changed(epochs=2), tmp_path / "straight")
    assert len(read_log(tmp_path / "run")) == 2
    longer, straight = weights(tmp_path / "run"), weights(tmp_path / "straight")
    assert all(torch.equal(longer[name], straight[name]) for name in straight)
    with pytest.raises(CheckpointError, match="another lr"):
        train([data], recipe.changed(lr=0.5), tmp_path / "run")
    with pytest.raises(CheckpointError, match="other classes"):
        train([make_pictures("other", ["cow"], 8)], recipe, tmp_path / "run")


def test_a_run_goes_on_in_the_precision_that_it_began_in(
    make_pictures: MakePictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_pictures("set", ["cat"], 8)
    step, used = ColorizationTask.training_step, []

    def noted(task: ColorizationTask, batch: Batch, index: int) -> dict[str, Any]:
        used.append(torch.is_autocast_enabled("cpu"))
        return step(task, batch, index)

    monkeypatch.setattr(ColorizationTask, "training_step", noted)
    for epochs, faster in enumerate(("bf16-mixed", "32-true"), 1):
        monkeypatch.setattr(precision, "fastest_precision", lambda faster=faster: faster)
        recipe = TINY.changed(schedule="constant", epochs=epochs, batch=8, precision="auto")
        last = train([data], recipe, tmp_path / "run")
        assert load_checkpoint(last)["recipe"]["precision"] == "bf16-mixed"
    train([data], recipe.changed(epochs=3, precision="32-true"), tmp_path / "run")
    assert used == [True, True, False]


def test_of_several_starts_the_bins_are_those_of_the_last_that_has_any(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    recipe = TINY.changed(head={"name": "classification"}, epochs=1, lr=1e-9)
    data = make_pictures("set", ["cat"], 8)
    blue = tmp_path / "blue" / "cat"
    blue.mkdir(parents=True)
    for i in range(8):
        Image.new("RGB", (64, 64), (20, 20, 100 + 15 * i)).save(blue / f"{i}.png")
    first, other = (
        train([data], recipe, tmp_path / "first"),
        train([blue.parent], recipe, tmp_path / "other"),
    )
    before = weights(tmp_path / "first")
    assert len(weights(tmp_path / "other")["head.bins"]) != len(before["head.bins"])
    name = next(name for name in before if before[name].dim() > 1 and "head" not in name)
    part: dict[str, Any] = {name: before[name].numpy()}
    np.savez(tmp_path / "part.npz", **part)
    for i, start in enumerate(([other, first], [tmp_path / "part.npz", first])):
        train([blue.parent], recipe, tmp_path / f"{i}", start=start)
        after = weights(tmp_path / f"{i}")
        assert torch.equal(before["head.bins"], after["head.bins"])
        assert torch.allclose(before["head.convolution.weight"], after["head.convolution.weight"])


def test_of_several_starts_the_last_counts_where_it_has_weights(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    recipe = TINY.changed(epochs=1)
    data = make_pictures("set", ["cat"], 8)
    first = train([data], recipe, tmp_path / "first")
    before = weights(tmp_path / "first")
    name = next(name for name in before if before[name].dim() > 1)
    part: dict[str, Any] = {name: before[name].numpy() + 1}
    np.savez(tmp_path / "part.npz", **part)
    train(
        [data], recipe.changed(lr=1e-9), tmp_path / "second", start=[first, tmp_path / "part.npz"]
    )
    after = weights(tmp_path / "second")
    for each in (each for each in before if before[each].dim() > 1):
        assert torch.allclose(after[each], before[each] + (each == name), atol=1e-6)


def test_weights_are_named_by_the_beginning_of_their_names(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    recipe = TINY.changed(epochs=1, ema_decay=0.0)
    data = make_pictures("set", ["cat"], 8)
    train([data], recipe, tmp_path / "first")
    first = tmp_path / "first" / "checkpoints" / "last.ckpt"
    for beginning in ("network.mid_level.1", "network.mid_l"):
        train([data], recipe.changed(trainable=beginning), tmp_path / beginning, start=[first])
        before, after = weights(tmp_path / "first"), weights(tmp_path / beginning)
        changed = {name for name in before if not torch.equal(before[name], after[name])}
        assert changed == {name for name in before if name.startswith(beginning)}
    with pytest.raises(RecipeError, match=r"trainable: is 'network.nothing', and .*network.fusion"):
        train([data], recipe.changed(trainable="network.nothing"), tmp_path / "other")


def test_an_encoder_that_is_missing_is_told_before_pictures_are_read(tmp_path: Path) -> None:
    network = {"name": "fusion", "encoder": str(tmp_path / "missing.npz")}
    with pytest.raises(CheckpointError, match=r"missing\.npz: is missing"):
        train([tmp_path / "no pictures"], Recipe(network=network), tmp_path / "run")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("entry", "options", "said"),
    [
        ("network", {"name": "fusion", "colour": 1}, "unknown option colour; known: encoder, fro"),
        ("network", {"name": "fusion", "classes": 3}, "unknown option classes; known: encoder"),
        ("network", {"name": "fusion", "lean": "very"}, "lean is 'very'; use true or false"),
        ("network", {"name": "iizuka", "width": "half"}, "width is 'half'; use a number"),
        ("network", {"name": "vgg"}, "network vgg: unknown; known: iizuka, fusion"),
        ("head", {"name": "dual", "bins": 3}, "unknown option bins; known: blend, reba"),
        ("head", {"name": "regression", "a": 1}, "unknown option a; known: none"),
        ("head", {"name": "gan"}, "head gan: unknown; known: regression, classification, dual"),
    ],
)
def test_options_that_nothing_has_are_answered_before_pictures_are_read(
    entry: str, options: dict[str, object], said: str, tmp_path: Path
) -> None:
    recipe = Recipe.from_dict({entry: options})
    with pytest.raises(RecipeError, match=said):
        train([tmp_path / "no pictures"], recipe, tmp_path / "run")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (
            {"size": 128, "crop": 48},
            "crop: is 48 and network fusion .* multiples of 32; use 32 or 64",
        ),
        ({"size": 60, "crop": 48}, "use 32 or 64 with size: 64"),
        ({"size": 48}, "crop: is 48, as size, .*; use 32 or 64 with size: 64"),
        ({"size": 24}, "crop: is 24, as size, .*; use 32 with size: 32"),
    ],
)
def test_a_crop_that_the_network_does_not_take_is_answered_before_pictures_are_read(
    sides: dict[str, int], said: str, tmp_path: Path
) -> None:
    recipe = Recipe(network={"name": "fusion"}).changed(**sides)
    with pytest.raises(RecipeError, match=f"{said}$"):
        train([tmp_path / "no pictures"], recipe, tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_layers_that_a_recipe_does_not_name_are_those_of_the_start(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    data = make_pictures("set", ["cat"], 4)
    small = TINY.changed(size=32, crop=32, epochs=1, batch=2, ema_decay=0.0)
    full = small.changed(network={"name": "fusion", "lean": False}, head={"name": "dual"})
    general = Path("general")  # which is lean
    first = train([data], full, tmp_path / "first", start=[general])
    recipe = full.changed(
        network={"name": "fusion", "hints": True}, trainable="network.affinity", lr=0.01
    )
    for _ in range(2):  # the second time, the run is over
        second = train([data], recipe, tmp_path / "second", start=[general, first])
    task = ColorizationTask.from_checkpoint(second)
    assert not task.recipe.network["lean"]
    before, after = weights(tmp_path / "first"), weights(tmp_path / "second")
    assert all(torch.equal(before[name], after[name]) for name in before)
    name = "network.affinity.embed.weight"
    assert 0 < (after[name] - load_weights(general)[name]).abs().max() < 0.05


def test_the_schedule_rises_then_falls_to_0() -> None:
    factors = [cosine(step / 100) for step in range(101)]
    assert factors[1] == pytest.approx(0.2)
    assert max(factors) == factors[5] == 1
    assert factors[100] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_the_gradient_is_clipped_in_every_precision(
    make_pictures: MakePictures, tmp_path: Path, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    norms: list[float] = []

    def step(optimizer: torch.optim.AdamW, *args: object, **kwargs: object) -> None:
        stepped(optimizer, *args, **kwargs)
        gradients = [w.grad for group in optimizer.param_groups for w in group["params"]]
        norms.append(float(torch.nn.utils.get_total_norm([g for g in gradients if g is not None])))

    stepped = torch.optim.AdamW.step
    data = make_pictures("set", ["cat"], 8)
    for clip in (0.0, 1e-3):
        recipe = SMALLEST.changed(crop=24, epochs=1, batch=4, precision=precision, grad_clip=clip)
        with monkeypatch.context() as patched:
            patched.setattr(torch.optim.AdamW, "step", step)
            train([data], recipe, tmp_path / str(clip))
    assert len(norms) == 4
    assert min(norms[:2]) > 2e-3, "unclipped"
    assert norms[2:] == pytest.approx([1e-3] * 2, rel=0.01)


def test_a_cooldown_is_constant_until_the_last_fifth() -> None:
    factors = [cooldown(step / 100) for step in range(101)]
    assert factors[5:81] == pytest.approx([1.0] * 76)
    assert factors[90] == pytest.approx(0.5)
    assert factors[100] == 0


def test_a_run_by_the_minute_ends_when_its_time_is_up(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    data = make_pictures("set", ["cat"], 8)
    recipe = TINY.changed(minutes=0.02, schedule="cooldown", hold_out=3)
    begun = time.monotonic()
    last = train([data], recipe, tmp_path / "run")
    assert last.is_file()
    assert time.monotonic() - begun > 1
    assert read_log(tmp_path / "run")[-1]["mse"] > 0  # of the epoch as far as it came
    assert (tmp_path / "run" / "loss.png").exists()


def test_a_run_whose_minutes_are_over_can_be_lengthened_only(
    make_pictures: MakePictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, log = make_pictures("set", ["cat"], 8), tmp_path / "run" / "log"
    recipe = TINY.changed(minutes=0.01, schedule="cooldown", validation_preview=0)
    last = train([data], recipe, tmp_path / "run")
    before = last.read_bytes(), log.read_bytes()
    capsys.readouterr()
    assert train([data], recipe, tmp_path / "run") == last
    said = capsys.readouterr().out
    assert "nothing was left to train; more minutes go on with the run" in said
    assert (last.read_bytes(), log.read_bytes()) == before
    spent = load_checkpoint(last)["callbacks"]["Clock"]["spent"]
    train([data], recipe.changed(minutes=(spent + 0.1) / 60), tmp_path / "run")
    assert "going on with epoch" in capsys.readouterr().out
    assert last.read_bytes() != before[0]


def test_a_run_whose_time_ends_while_an_epoch_is_saved_says_so_in_its_checkpoint(
    make_pictures: MakePictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = TINY.changed(minutes=1, schedule="constant", validation_preview=0)
    save, spent = Saver.save, [0]

    def save_slowly(saver: Saver, trainer: L.Trainer) -> None:
        save(saver, trainer)
        spent[0] = 61

    monkeypatch.setattr(Saver, "save", save_slowly)
    monkeypatch.setattr(Clock, "spent", property(lambda clock: spent[0]))
    last = train([make_pictures("set", ["cat"], 8)], recipe, tmp_path / "run")
    assert load_checkpoint(last)["callbacks"]["Clock"]["spent"] == 61


def test_a_run_by_the_minute_logs_each_epoch_as_if_it_had_not_ended_in_it(
    make_pictures: MakePictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, output = make_pictures("set", ["cat"], 20), tmp_path / "run"
    recipe = TINY.changed(schedule="constant", validation_preview=0)
    held_out = [make_pictures("held", ["cow"], 3)]

    def is_over(clock: Clock) -> float:
        steps, lines = len(clock.epoch_log.waiting), len(read_log(output))
        return float((steps, lines) in ((3, 0), (0, 1)))  # in the first epoch, and at its end

    monkeypatch.setattr(Clock, "_share", is_over)
    minutes = recipe.changed(minutes=1000)
    last = train([data], minutes, output, held_out)
    assert load_checkpoint(last)["global_step"] == 3
    (in_part,) = read_log(output)
    assert "validation" not in in_part
    train([data], minutes, output, held_out)
    assert load_checkpoint(last)["global_step"] == 5
    train([data], recipe.changed(epochs=1), tmp_path / "straight", held_out)
    assert losses(output) == losses(tmp_path / "straight")


def test_one_of_several_processes_does_not_train_alone(
    make_pictures: MakePictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(
        OptionError, match="RANK: is not set, and WORLD_SIZE is 2; start them with torchrun"
    ):
        train([make_pictures("set", ["cat"], 8)], TINY, tmp_path / "run")
    assert not (tmp_path / "run").exists()
