"""A training run: from data to checkpoints, `log` and `loss.png`; it can be resumed when killed."""

from __future__ import annotations

import logging
import os
import timeit
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import lightning as L
import torch
from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch.callbacks import TQDMProgressBar, WeightAveraging
from torch import Tensor

from colornet.errors import CheckpointError, OptionError
from colornet.paths import refuse_file
from colornet.train.callbacks import Clock, Saver, TimeIsUp
from colornet.train.checkpoint import load_checkpoint, load_weights
from colornet.train.config import Recipe
from colornet.train.data.cache import PictureCache, Split, open_cache
from colornet.train.data.sampler import Batches
from colornet.train.heads import check_head
from colornet.train.log import EpochLog
from colornet.train.networks import all_options, check_network, complete_options
from colornet.train.task import ColorizationTask
from colornet.train.validation_preview import ValidationPreview

FULL = "32-true"
"""Lightning's name for plain float32."""
MAY_CHANGE = {"epochs", "minutes", "schedule", "workers", "validation_preview", "precision"}
"""Fields that may differ between a checkpoint's recipe and that of the run that resumes it."""


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
            `ValidationPreview`); nothing is chosen by it. Those that the recipe holds out, if None.
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
    refuse_file(output)
    check_network(**recipe.network)
    check_head(**recipe.head)
    last = output / "checkpoints" / "last.ckpt"
    recipe = with_layers_of(recipe, [last] if last.exists() else start)
    output.mkdir(parents=True, exist_ok=True)
    every = recipe.hold_out
    cache = _open(data, recipe, output, Split(every) if every else None)
    report(cache, "training")
    held_out = None
    if validation or every:
        part = None if validation else Split(every, held_out=True)
        held_out = _open(validation or data, recipe, output, part)
        report(held_out, "validation")
    resumed = check_resumable(last, recipe, cache) if last.exists() else False
    task = ColorizationTask.for_data(recipe, cache, start)
    callbacks: list[L.Callback] = [EpochLog(output), TQDMProgressBar(refresh_rate=10)]
    if recipe.ema_decay:
        callbacks.append(WeightAveraging(avg_fn=moving_average(recipe.ema_decay)))
    if recipe.validation_preview and held_out:
        callbacks.append(ValidationPreview(held_out, output, recipe.validation_preview))
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    precision = fastest_precision() if recipe.precision == "auto" else recipe.precision
    trainer = L.Trainer(
        default_root_dir=output,
        max_epochs=-1 if recipe.minutes else recipe.epochs,
        precision=precision,  # type: ignore[arg-type]
        gradient_clip_val=recipe.grad_clip or None,
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
    """An exponential moving average whose decay rises to its value, to forget the first weights."""

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
        source_caps=recipe.source_caps if shuffle else None,
        rank=trainer.global_rank if shuffle else 0,
        world=trainer.world_size if shuffle else 1,
        min_crop_scale=recipe.min_crop_scale,
    )


def refuse_company() -> None:
    """Raise OptionError in one of several processes, which would each train on their own."""
    if (processes := os.environ.get("WORLD_SIZE", "1")) != "1":
        reason = f"is {processes}, but training runs in one process"
        raise OptionError("WORLD_SIZE", reason, "start it without torchrun")


def report(cache: PictureCache, role: str) -> None:
    """Print what the data is, and what was left out."""
    summary = cache.summary
    print(
        f"{role}: {summary.pictures} pictures in {len(summary.classes)} classes"
        f" (left out: {summary.colorless} without color, {summary.unreadable} unreadable)",
        flush=True,
    )


def with_layers_of(recipe: Recipe, start: Sequence[Path]) -> Recipe:
    """Complete a recipe with options of the network that the weights it starts from have.

    Args:
        recipe: as the user gives it.
        start: checkpoints, models or weights; the last one with such a network counts.
    """
    for path in reversed(start):
        completed = complete_options(weights=load_weights(path), **recipe.network)
        if completed != recipe.network:
            return recipe.changed(network=completed)
    return recipe


def check_resumable(last: Path, recipe: Recipe, cache: PictureCache) -> bool:
    """True if the checkpoint is of this run; an error that says what differs if not."""
    checkpoint = load_checkpoint(last)
    remedy = "choose another output folder, or remove this checkpoint to start anew"
    saved, wanted = (
        {**values.to_dict(), "network": all_options(**values.network)}
        for values in (Recipe.from_dict(checkpoint["recipe"], last), recipe)
    )
    differing = [k for k in wanted if k not in MAY_CHANGE and wanted[k] != saved[k]]
    if differing:
        raise CheckpointError(last, f"was trained with another {', '.join(differing)}", remedy)
    if checkpoint["classes"] != cache.summary.classes:
        raise CheckpointError(last, "was trained on other classes", remedy)
    return True
