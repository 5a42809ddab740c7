"""`colornet train`: train a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from colornet.errors import OptionError
from colornet.privacy import keep_matplotlib_out_of_home


def train(
    data: Annotated[list[Path], typer.Argument(help="Folders or tar files of class/picture.")],
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
        list[Path] | None, typer.Option(help="Pictures for validation, whose loss is logged too.")
    ] = None,
    start: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model, checkpoint or .npz with initial weights; later ones take precedence."
        ),
    ] = None,
) -> None:
    """Train a network, or continue the run in OUTPUT."""
    if epochs and minutes:
        raise OptionError("--minutes", "and --epochs contradict each other", "name one of them")
    keep_matplotlib_out_of_home()
    from colornet.train.config import Recipe
    from colornet.train.run import train as run

    if epochs:
        minutes = 0.0  # over those of the recipe
    chosen = Recipe.from_file(recipe) if recipe else Recipe()
    chosen = chosen.changed(workers=workers, epochs=epochs, minutes=minutes, batch=batch, lr=lr)
    last = run(data, chosen, output, validation, start or ())
    length = f"{chosen.minutes:g} minutes" if chosen.minutes else f"{chosen.epochs} epochs"
    typer.echo(f"trained {length}: {last}")
