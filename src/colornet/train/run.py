"""A training run: from data to checkpoints, `log` and `loss.png`; it can be resumed when killed."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.strategies import DDPStrategy

from colornet.errors import CheckpointError
from colornet.paths import refuse_file
from colornet.train.averaging import Averaging
from colornet.train.callbacks import (
    Clock,
    GradientClipping,
    LocalFiles,
    Record,
    Saver,
    SharedStatistics,
    TimeIsUp,
)
from colornet.train.checkpoint import load_checkpoint, load_weights
from colornet.train.config import Recipe
from colornet.train.data.cache import PictureCache, Split
from colornet.train.heads import check_head
from colornet.train.log import EpochLog, refuse_other_files
from colornet.train.networks import all_options, check_crop, check_network, complete_options
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU
from colornet.train.pictures import Part, check_names, open_part, share_of_batch
from colornet.train.precision import with_precision
from colornet.train.processes import Processes, join_processes
from colornet.train.stop_signals import Interrupted, StopSignals
from colornet.train.task import ColorizationTask
from colornet.train.validation_preview import ValidationPreview
from colornet.train.whole_folders import alone

MAY_CHANGE = {"epochs", "minutes", "schedule", "workers", "validation_preview", "precision"}
"""Fields that may differ between a checkpoint's recipe and that of the run that resumes it."""


@dataclass(frozen=True)
class Pictures:
    """What a run learns from and is looked at by.

    Attributes:
        training, validation: the pictures; None: there is no validation.
        recipe: the run's, complete.
    """

    training: Part
    validation: Part | None
    recipe: Recipe


def train(
    data: Sequence[str | Path],
    recipe: Recipe,
    output: Path,
    validation: Sequence[str | Path] | None = None,
    start: Sequence[Path] = (),
    save_every: float = 120.0,
    *,
    devices: int | None = None,
    nodes: int | None = None,
    accumulate: int = 1,
    stream: bool = False,
) -> Path:
    """Train by a recipe, or go on with the run that `output` holds.

    Several processes, started by torchrun, train together: the recipe's batch is split over them,
    and the first one writes and speaks for all.

    Args:
        data: folders or tar files of class/picture; URLs of tar files are streamed. Names may have
            braces, as `photos-{000..999}.tar`.
        recipe: what to train and how.
        output: gets `log`, `loss.png`, `checkpoints/last.ckpt` and `cache/`.
        validation: pictures whose loss is logged too, and that are looked at all along (see
            `ValidationPreview`); nothing is chosen by it. Those that the recipe holds out, if None.
        start: checkpoints or weights (.npz) that a new run begins with instead of random ones; of
            what several have, the last's count.
        save_every: seconds between checkpoints within an epoch.
        devices, nodes: processes on each machine, and machines, that there have to be; None: as
            many as there are.
        accumulate: batches, one after the other, that each process's share of a step is split
            into, which needs less memory.
        stream: read tar files on disk as they are needed, too, instead of decoding them into a
            cache.

    Returns:
        The last checkpoint.

    Raises:
        DataError: no usable pictures.
        CheckpointError: `output` holds a run of another recipe or other classes.
        OptionError: `output` lies in the data, or has a `log` that is not of a run, or other files
            that one would replace; the processes are others than `devices` and `nodes` say, or were
            not started by torchrun; the batch cannot be split over them.
        RecipeError: no network or head can be built from the recipe.
        UnwritablePicture: another run is writing into `output`.
        KeyboardInterrupt, SystemExit: SIGINT or SIGTERM ended the run, which is saved.
    """
    with join_processes(devices, nodes) as processes, ExitStack() as held:
        last = output / "checkpoints" / "last.ckpt"
        world = processes.world
        share = processes.in_turn(lambda: share_of_batch(recipe.batch, world, accumulate))
        pictures = processes.in_turn(
            lambda: _open_pictures(data, recipe, output, validation, start, processes, stream, held)
        )
        recipe = with_precision(pictures.recipe, processes)
        task = ColorizationTask.for_data(recipe, pictures.training.cache, start)
        shared = recipe, processes, share
        loader = pictures.training.batches(*shared, accumulate, shuffle=True)
        looked_at = pictures.validation and pictures.validation.batches(*shared, 1, shuffle=False)
        task.total_steps = recipe.epochs * loader.steps
        task.world, task.parts = processes.world, accumulate
        trainer = build_trainer(recipe, output, processes, accumulate)
        saver = Saver(last, save_every, loader, processes)
        trainer.callbacks += build_callbacks(pictures, output, saver)  # type: ignore[attr-defined]
        resumed = last if last.exists() else None
        with warnings.catch_warnings():
            # Advice that does not fit: pictures lie decoded in memory, validation is a choice.
            warnings.simplefilter("ignore", PossibleUserWarning)
            warnings.filterwarnings("ignore", message=".*treespec", category=FutureWarning)
            # Its successor does not exist in all versions of torch.
            warnings.filterwarnings("ignore", message=".*`broadcast_buffers` is deprecated")
            try:
                trainer.fit(
                    task,
                    train_dataloaders=loader,
                    val_dataloaders=looked_at,
                    ckpt_path=resumed,
                    weights_only=True if resumed else None,
                )
            except TimeIsUp:
                pass
            except Interrupted as signal:
                processes.say(f"stopped and saved; the same command continues the run: {last}")
                signal.end(alone=processes.world == 1)
        if not saver.is_begun:
            more = "more minutes go" if recipe.minutes else "a larger number of epochs goes"
            processes.say(f"nothing was left to train; {more} on with the run")
    return last


def _open_pictures(
    data: Sequence[str | Path],
    recipe: Recipe,
    output: Path,
    validation: Sequence[str | Path] | None,
    start: Sequence[Path],
    processes: Processes,
    stream: bool,
    held: ExitStack,
) -> Pictures:
    """Check what is asked for and decode the pictures; in other processes than the first: see that
    they are there. No other run may use the output until what is `held` is closed.
    """
    refuse_file(output)
    check_network(**recipe.network)
    check_crop(recipe.network["name"], recipe.size, recipe.crop)
    check_head(**recipe.head)
    if encoder := recipe.network.get("encoder"):
        MobileNetEdgeTPU.from_npz(Path(encoder))  # whose faults are told before pictures are read
    check_names([*data, *(validation or ())], output)
    last = output / "checkpoints" / "last.ckpt"
    refuse_other_files(output)
    recipe = with_layers_of(recipe, [last] if last.exists() else start)
    if processes.first:
        held.enter_context(alone(output / "log"))

    def opened(names: Sequence[str | Path], split: Split | None, role: str) -> Part:
        part = open_part(names, recipe, output, split, stream=stream, build=processes.first)
        processes.say(part.report(role))
        return part

    every = recipe.hold_out
    training = opened(data, Split(every) if every else None, "training")
    held_out = None
    if validation or every:
        part = None if validation else Split(every, held_out=True)
        held_out = opened(validation or data, part, "validation")
    if last.exists():
        recipe = as_begun(recipe, last, training.cache)
    return Pictures(training, held_out, recipe)


def build_trainer(recipe: Recipe, output: Path, processes: Processes, accumulate: int) -> L.Trainer:
    """What runs the steps, on this process's device."""
    together: dict[str, Any] = {"devices": 1, "plugins": [LightningEnvironment(), LocalFiles()]}
    if processes.world > 1:
        on_gpu = torch.cuda.is_available()
        idle = recipe.network["name"] != "iizuka"  # some losses and layers are not in every step
        together = {
            "accelerator": "gpu" if on_gpu else "cpu",
            "devices": processes.world // processes.nodes,
            "num_nodes": processes.nodes,
            "plugins": [TorchElasticEnvironment(), LocalFiles()],
            "strategy": DDPStrategy(find_unused_parameters=idle, broadcast_buffers=False),
            "sync_batchnorm": on_gpu,
        }
        pictures = "all pictures of a step" if on_gpu else "its own pictures, on CPUs"
        machines = f" on {processes.nodes} machines" if processes.nodes > 1 else ""
        normalized = f"batch normalization in each is by {pictures}"
        processes.say(f"{processes.world} processes{machines}: {normalized}")
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    return L.Trainer(
        default_root_dir=output,
        max_epochs=-1 if recipe.minutes else recipe.epochs,
        precision=recipe.precision,  # type: ignore[arg-type]
        accumulate_grad_batches=accumulate,
        callbacks=[TQDMProgressBar(refresh_rate=10)],
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        **together,
    )


def build_callbacks(pictures: Pictures, output: Path, saver: Saver) -> list[L.Callback]:
    """What goes on beside the steps."""
    recipe, processes = pictures.recipe, saver.processes
    log = EpochLog(output, processes)
    callbacks: list[L.Callback] = [log]
    if recipe.grad_clip:
        callbacks.append(GradientClipping(recipe.grad_clip))
    if recipe.ema_decay:
        callbacks.append(Averaging(recipe.ema_decay))
    if recipe.validation_preview and pictures.validation:
        preview = ValidationPreview(pictures.validation.cache, output, recipe.validation_preview)
        callbacks.append(preview)
    callbacks.append(saver)
    if recipe.minutes:
        callbacks.append(Clock(60 * recipe.minutes, saver, log))
    record = Record(processes, pictures.training.cache.summary.sha256)
    return [*callbacks, record, SharedStatistics(processes), StopSignals(saver, processes)]


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


def as_begun(recipe: Recipe, last: Path, cache: PictureCache) -> Recipe:
    """The recipe to go on by with the run of a checkpoint, in the precision that it began in.

    Raises:
        CheckpointError: the checkpoint is of another recipe or other classes.
    """
    checkpoint = load_checkpoint(last)
    begun = Recipe.from_dict(checkpoint["recipe"], last)
    remedy = "choose another output folder, or remove this checkpoint to start anew"
    saved, wanted = (
        {**values.to_dict(), "network": all_options(**values.network)} for values in (begun, recipe)
    )
    differing = [k for k in wanted if k not in MAY_CHANGE and wanted[k] != saved[k]]
    if differing:
        raise CheckpointError(last, f"was trained with another {', '.join(differing)}", remedy)
    if checkpoint["classes"] != cache.summary.classes:
        raise CheckpointError(last, "was trained on other classes", remedy)
    return recipe.changed(precision=begun.precision) if recipe.precision == "auto" else recipe
