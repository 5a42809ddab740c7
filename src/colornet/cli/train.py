"""`colornet train`: train a network."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colornet.cli.exit_codes import code_of
from colornet.cli.interrupts import heeding_signals
from colornet.cli.options import say, tell_of_folders
from colornet.errors import ColornetError, OptionError, RecipeError
from colornet.extras import install_hint
from colornet.privacy import keep_caches_temporary
from colornet.words import counted

if TYPE_CHECKING:
    from colornet.train.config import Recipe

WITHOUT = {
    "onnx": "and 'colornet export' will need it",
    "onnxscript": "and 'colornet export' will need it",
    "matplotlib": "so no curves are drawn",
}
"""Modules without which training goes on, and what that means."""


def train(
    context: typer.Context,
    data: Annotated[
        list[str],
        typer.Argument(
            help="Folders or tar files of class/picture, or URLs of tar files, which are streamed;"
            " 's3://bucket/photos-{000..999}.tar' stands for a thousand."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="Folder for log, loss.png and checkpoints/last.ckpt."),
    ] = Path("runs"),
    recipe: Annotated[
        Path | None, typer.Option(help="YAML recipe; the options below override it.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("-j", "--workers", help="Number of threads that decode pictures.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option("--epochs", "-epochs", help="Number of passes over the data.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Minutes to train, instead of epochs.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option("-b", "--batch", help="Number of pictures per step.")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate of Adam.")] = None,
    validation: Annotated[
        list[str] | None, typer.Option(help="Pictures for validation, whose loss is logged too.")
    ] = None,
    start: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model, checkpoint or .npz with initial weights; later ones take precedence."
        ),
    ] = None,
    devices: Annotated[
        str | None,
        typer.Option(metavar="N|auto", help="GPUs, or processes on CPUs, that share each batch."),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option(min=1, help="Machines that share each batch; torchrun runs on each of them."),
    ] = None,
    accumulate: Annotated[
        int, typer.Option(min=1, help="Parts of each device's share of a batch, to save memory.")
    ] = 1,
    stream: Annotated[
        bool,
        typer.Option("--stream", help="Read tar files on disk as needed, without a cache of them."),
    ] = False,
) -> None:
    """Train a network, or continue the run in OUTPUT."""
    if epochs and minutes:
        raise OptionError("--minutes", "and --epochs contradict each other", "name one of them")
    keep_caches_temporary()
    from colornet.train.launch import count_devices, launch
    from colornet.train.pictures import share_of_batch
    from colornet.train.processes import find_processes

    with _told_once():
        if epochs:
            minutes = 0.0  # over those of the recipe
        changes = {"workers": workers, "epochs": epochs, "minutes": minutes, "batch": batch}
        chosen = _read_recipe(recipe, lr=lr, **changes)
        count = None if devices is None else count_devices(devices)
        alone = os.environ.get("WORLD_SIZE", "1") == "1"
        if alone and count and count > 1 and nodes in (None, 1):
            share_of_batch(chosen.batch, count, accumulate)
            raise typer.Exit(launch(count, context.obj))
        if devices == "auto" and not alone:
            count = None  # those that torchrun started
        share_of_batch(chosen.batch, find_processes(count, nodes).world, accumulate)
        if _is_first():
            tell_of_folders(start or ())
            for module in (name for name in WITHOUT if find_spec(name) is None):
                say(f"{module}: is not installed, {WITHOUT[module]}; {install_hint('train')}")
    from colornet.train.log import read_log
    from colornet.train.run import train as run

    with heeding_signals():
        last = run(
            data,
            chosen,
            output,
            validation,
            start or (),
            devices=count,
            nodes=nodes,
            accumulate=accumulate,
            stream=stream,
        )
    if _is_first():
        epochs_told = counted(max(chosen.epochs, len(read_log(output))), "epoch")
        length = f"{chosen.minutes:g} minutes" if chosen.minutes else epochs_told
        typer.echo(f"trained {length}: {last}")


def _read_recipe(path: Path | None, **changes: Any) -> Recipe:
    """A recipe with the values that were given on the command line.

    Raises:
        RecipeError: it is none, or there is no such network or head; the file is named.
        OptionError: a value of the command line is out of range.
    """
    from colornet.train.config import Recipe
    from colornet.train.heads import check_head
    from colornet.train.networks import check_network

    recipe = Recipe.from_file(path) if path else Recipe()
    try:
        check_network(**recipe.network)
        check_head(**recipe.head)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error.subject}", error.reason, error.remedy) from None
    try:
        return recipe.changed(**changes)
    except RecipeError as error:
        raise OptionError(f"--{error.subject}", error.reason, error.remedy) from None


def _is_first() -> bool:
    """Whether this is the process that speaks for those beside it."""
    return os.environ.get("RANK", "0") == "0"


@contextlib.contextmanager
def _told_once() -> Iterator[None]:
    """Errors that all processes find are told by the first one alone."""
    try:
        yield
    except ColornetError as error:
        if _is_first():
            raise
        raise typer.Exit(code_of(error)) from None
