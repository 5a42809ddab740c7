"""A training run: data in, checkpoints, `log` and `loss.png` out; goes on where it was killed."""

from __future__ import annotations

import logging
import os
import re
import time
import timeit
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch.callbacks import TQDMProgressBar, WeightAveraging
from torch import Tensor

from colornet.errors import CheckpointError, OptionError
from colornet.train.config import Recipe
from colornet.train.data.cache import PictureCache, Split, open_cache
from colornet.train.data.sampler import Batches
from colornet.train.task import ColorizationTask, load_checkpoint
from colornet.train.validation_preview import Watch

FULL = "32-true"
"""Lightning's name of plain float32."""
MAY_CHANGE = {"epochs", "minutes", "schedule", "workers", "watch", "precision"}
"""What may differ between a checkpoint's recipe and that of the run that goes on from it."""


def train(
    data: list[Path],
    recipe: Recipe,
    output: Path,
    validation: list[Path] | None = None,
    start: Sequence[Path] = (),
    save_every: float = 120.0,
) -> Path:
    """Train by a recipe, or go on with the run that `output` holds.

    Args:
        data: folders or tar files of class/picture.
        recipe: what to train and how.
        output: gets `log`, `loss.png`, `checkpoints/last.ckpt` and `cache/`.
        validation: pictures whose loss is logged too, and that are looked at all along (see
            `Watch`); nothing is chosen by it. Those that the recipe holds out, if None.
        start: checkpoints or weights (.npz) that a new run begins with instead of random ones; of
            what several have, the last's count.
        save_every: seconds between checkpoints within an epoch.

    Returns:
        The last checkpoint.

    Raises:
        DataError: no usable pictures.
        CheckpointError: `output` holds a run of another recipe or other classes.
        OptionError: this is one of several processes, as torchrun starts them.
    """
    refuse_company()
    output.mkdir(parents=True, exist_ok=True)
    every = recipe.hold_out
    cache = _open(data, recipe, output, Split(every) if every else None)
    report(cache, "training")
    held_out = None
    if validation or every:
        part = None if validation else Split(every, held_out=True)
        held_out = _open(validation or data, recipe, output, part)
        report(held_out, "validation")
    last = output / "checkpoints" / "last.ckpt"
    resumed = check_resumable(last, recipe, cache) if last.exists() else False
    task = ColorizationTask.for_data(recipe, cache, start)
    callbacks: list[L.Callback] = [EpochLog(output), TQDMProgressBar(refresh_rate=10)]
    if recipe.average:
        callbacks.append(WeightAveraging(avg_fn=moving_average(recipe.average)))
    if recipe.watch and held_out:
        callbacks.append(Watch(held_out, output, recipe.watch))
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    precision = fastest_precision() if recipe.precision == "auto" else recipe.precision
    trainer = L.Trainer(
        default_root_dir=output,
        max_epochs=-1 if recipe.minutes else recipe.epochs,
        precision=precision,  # type: ignore[arg-type]
        gradient_clip_val=recipe.clip or None,
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )
    loader = batches(cache, recipe, trainer, shuffle=True)
    saver = Saver(last, save_every, loader)
    trainer.callbacks.append(saver)  # type: ignore[attr-defined]
    if recipe.minutes:
        trainer.callbacks.append(Clock(60 * recipe.minutes))  # type: ignore[attr-defined]
    task.total_steps = recipe.epochs * len(loader)
    with warnings.catch_warnings():
        # Advice that does not fit: pictures lie decoded in memory, validation is a choice.
        warnings.simplefilter("ignore", PossibleUserWarning)
        warnings.filterwarnings("ignore", message=".*treespec", category=FutureWarning)
        try:
            trainer.fit(
                task,
                train_dataloaders=loader,
                val_dataloaders=batches(held_out, recipe, trainer) if held_out else None,
                ckpt_path=last if resumed else None,
                weights_only=True if resumed else None,
            )
        except TimeIsUp:
            return last
    if trainer.interrupted:
        raise KeyboardInterrupt
    return last


def _open(data: list[Path], recipe: Recipe, output: Path, split: Split | None) -> PictureCache:
    return open_cache(data, recipe.size, output / "cache", recipe.workers, split)


def fastest_precision() -> str:
    """`bf16-mixed` where it is faster than `32-true`; on many CPUs it is slower by a multiple."""
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else FULL
    if torch.backends.mps.is_available():
        return FULL

    def seconds(dtype: torch.dtype) -> float:
        matrix = torch.ones(256, 256, dtype=dtype)
        return min(timeit.repeat(lambda: torch.mm(matrix, matrix), number=1, repeat=5))

    return "bf16-mixed" if seconds(torch.bfloat16) < seconds(torch.float32) else FULL


def moving_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """An exponential one, that forgets sooner at first: a short run is not held at its start."""

    def average(kept: Tensor, new: Tensor, count: Tensor | int) -> Tensor:
        if not new.is_floating_point():
            return new
        return torch.lerp(new, kept, min(decay, (1 + float(count)) / (10 + float(count))))

    return average


def batches(
    cache: PictureCache, recipe: Recipe, trainer: L.Trainer, shuffle: bool = False
) -> Batches:
    """This process's share of the batches."""
    return Batches(
        cache,
        recipe.batch,
        recipe.crop,
        recipe.seed,
        shuffle=shuffle,
        at_most=recipe.at_most if shuffle else None,
        rank=trainer.global_rank if shuffle else 0,
        world=trainer.world_size if shuffle else 1,
        zoom=recipe.zoom,
    )


def refuse_company() -> None:
    """Raise OptionError in one of several processes, each of which would train alone."""
    if (processes := os.environ.get("WORLD_SIZE", "1")) != "1":
        reason = f"is {processes}, but training runs in one process"
        raise OptionError("WORLD_SIZE", reason, "start it without torchrun")


def report(cache: PictureCache, role: str) -> None:
    """Say what the data is, and what was left out."""
    summary = cache.summary
    print(
        f"{role}: {summary.pictures} pictures in {len(summary.classes)} classes"
        f" (left out: {summary.colorless} without color, {summary.unreadable} unreadable)",
        flush=True,
    )


def check_resumable(last: Path, recipe: Recipe, cache: PictureCache) -> bool:
    """Whether the checkpoint is of this very run; True, or the error that says what differs."""
    checkpoint = load_checkpoint(last)
    mend = "choose another output folder, or remove this checkpoint to start anew"
    wanted = recipe.to_dict()
    saved = Recipe.from_dict(checkpoint["recipe"], last).to_dict()
    differing = [k for k in wanted if k not in MAY_CHANGE and wanted[k] != saved[k]]
    if differing:
        raise CheckpointError(last, f"was trained with another {', '.join(differing)}", mend)
    if checkpoint["classes"] != cache.summary.classes:
        raise CheckpointError(last, "was trained on other classes", mend)
    return True


class Saver(L.Callback):
    """Keeps one checkpoint up to date: every so many seconds and at each epoch's end.

    It is written beside and renamed, so a kill leaves the old one or the new one, whole. How far
    the data was read is part of it; Lightning itself restores that in the middle of an epoch only.
    """

    def __init__(self, path: Path, seconds: float, loader: Batches) -> None:
        self.path, self.seconds, self.loader = path, seconds, loader
        self.saved = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """How far the data was read."""
        return dict(self.loader.state_dict())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on reading from there."""
        self.loader.load_state_dict(state)

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        """Save if it is time; not after the last batch, whose epoch has yet to be validated."""
        if not trainer.is_last_batch and time.monotonic() - self.saved > self.seconds:
            self.save(trainer)

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Save; Lightning calls this after validation."""
        self.save(trainer)

    def save(self, trainer: L.Trainer) -> None:
        """Write the checkpoint whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        trainer.save_checkpoint(beside)
        if trainer.is_global_zero:
            beside.replace(self.path)
        self.saved = time.monotonic()


class TimeIsUp(Exception):
    """The minutes of a recipe are over."""


class Clock(L.Callback):
    """Ends a run after so many seconds of training, and tells the task how many of them are over.

    What a run had before it was killed counts, up to its last checkpoint. It ends as if it were
    killed right after a checkpoint, so it can go on with more minutes.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.before = seconds, 0.0
        self.since = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """Seconds so far."""
        return {"spent": self.spent}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.before = state["spent"]

    @property
    def spent(self) -> float:
        """Seconds of training, those of earlier parts of the run included."""
        return self.before + time.monotonic() - self.since

    def on_train_start(self, trainer: L.Trainer, task: Any) -> None:
        """Start the clock."""
        self.since = time.monotonic()

    def on_train_batch_start(self, trainer: L.Trainer, task: Any, *args: Any) -> None:
        """Tell the time."""
        task.time_spent = min(1.0, self.spent / self.seconds)

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        """Save and stop if it is time."""
        if self.spent >= self.seconds:
            for callback in trainer.callbacks:  # type: ignore[attr-defined]
                if isinstance(callback, Saver):
                    callback.save(trainer)
            raise TimeIsUp


class EpochLog(L.Callback):
    """The loss of each epoch in the file `log`, and its curve in `loss.png`.

    The running sum is part of the checkpoint, so an epoch that was interrupted logs what it would
    have logged.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.total = torch.zeros((), dtype=torch.float64)
        self.steps = 0
        self.seconds = 0.0
        self.since = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """Sums of the epoch so far."""
        return {"total": float(self.total), "steps": self.steps, "seconds": self._spent()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with those sums."""
        self.total = torch.tensor(state["total"], dtype=torch.float64)
        self.steps, self.seconds = state["steps"], state["seconds"]

    def _spent(self) -> float:
        return self.seconds + time.monotonic() - self.since

    def on_train_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Forget epochs that a killed run logged after its last checkpoint."""
        self.since = time.monotonic()
        kept = read_log(self.output)[: trainer.current_epoch]
        if trainer.is_global_zero:
            write_log(self.output, kept)

    def on_train_batch_end(
        self, trainer: L.Trainer, task: L.LightningModule, outputs: Any, *args: Any
    ) -> None:
        """Add the step's loss."""
        self.total = self.total + outputs["loss"].detach().double().cpu()
        self.steps += 1

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Write the epoch's line and draw the curve anew."""
        losses = {"train": float(self.total) / max(1, self.steps)}
        if "validation" in trainer.callback_metrics:
            losses["validation"] = float(trainer.callback_metrics["validation"])
        epochs = read_log(self.output)[: trainer.current_epoch]
        seconds = self._spent()
        self.total, self.steps, self.seconds = torch.zeros((), dtype=torch.float64), 0, 0.0
        self.since = time.monotonic()
        if trainer.is_global_zero:
            epochs.append({**losses, "seconds": seconds})
            write_log(self.output, epochs)
            draw_losses(epochs, self.output / "loss.png")
            line = "  ".join(f"{name} {value:.6g}" for name, value in losses.items())
            print(f"epoch {len(epochs)}  {line}", flush=True)


def read_log(output: Path) -> list[dict[str, float]]:
    """The epochs of `log`: a dict of train, validation (if there was any) and seconds for each."""
    path = output / "log"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [{k: float(v) for k, v in re.findall(r"([a-z]+) (\S+)", line)} for line in lines]


def write_log(output: Path, epochs: list[dict[str, float]]) -> None:
    """Write `log` whole: one line an epoch, as `epoch 3  train 0.0051  seconds 61`."""
    lines = []
    for number, losses in enumerate(epochs, 1):
        values = {**losses, "epoch": number}
        order = ["epoch", "train", "validation", "seconds"]
        lines.append("  ".join(f"{name} {values[name]:.6g}" for name in order if name in values))
    beside = output / "log.part"
    beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    beside.replace(output / "log")


def draw_losses(epochs: list[dict[str, float]], path: Path) -> None:
    """Draw the loss over epochs (the founding document's Figure 2)."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError:  # training itself needs torch, lightning and Pillow only
        print("loss.png is not drawn: matplotlib is not installed", flush=True)
        return
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    numbers = range(1, len(epochs) + 1)
    for name in ("train", "validation"):
        if all(name in e for e in epochs):
            axes.plot(numbers, [e[name] for e in epochs], marker=".", label=name)
    axes.set(xlabel="epoch", ylabel="loss", yscale="log", title="Loss over epochs")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    beside = path.with_suffix(".part.png")
    figure.savefig(beside, dpi=120)
    beside.replace(path)
