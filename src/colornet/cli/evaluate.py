"""`colornet evaluate`: measure a model on pictures whose colors are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colornet.cli.interrupts import interruptible
from colornet.cli.options import say, tell_of_named
from colornet.privacy import keep_caches_temporary
from colornet.words import counted

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from colornet.evaluation.report import Table


def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            callback=tell_of_named,
            help="A model's name, a model folder, or a checkpoint (.ckpt).",
        ),
    ],
    data: Annotated[Path, typer.Argument(help="Folder or tar file of class/picture, in color.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report.")],
    size: Annotated[
        int | None,
        typer.Option(min=16, max=4096, help="Side to which pictures are resized, as squares."),
    ] = None,
    perceptual_metrics: Annotated[
        Path | None,
        typer.Option(
            help="Weights of a SqueezeNet 1.1 (.npz): adds the Frechet feature distance, "
            "and whether it recognizes what it does in the true pictures."
        ),
    ] = None,
    setting: Annotated[
        str | None, typer.Option(help="One of the model's settings, such as vivid.")
    ] = None,
) -> None:
    """Turn pictures gray, colorize them, and compare them with the originals.

    Writes black_white/, color/, the sheets labels.png and predictions.png, report.json and
    report.html into the report's folder.
    """
    keep_caches_temporary()
    from rich.console import Console

    from colornet.evaluation.evaluate import evaluate as measure
    from colornet.evaluation.report import tables

    console = Console(stderr=True)
    with console.status("evaluating") as status:
        report = interruptible(
            lambda: measure(
                model,
                data,
                output,
                size,
                progress=lambda done: status.update(f"{done} pictures evaluated"),
                perceptual_metrics=perceptual_metrics,
                setting=setting,
            )
        )
    for table in tables(report):
        Console().print(_rich(table))
    for key in report.unreadable:
        say(f"{key}: unreadable, left out")
    pictures = counted(len(report.pictures), "picture")
    print(f"{pictures}, {len(report.colorless)} without color left out")
    print(f"report: {output / 'report.html'}")
    if report.unreadable:
        raise typer.Exit(1)


def _rich(table: Table) -> RichTable:
    from rich.table import Table as RichTable

    rich = RichTable("", *table.columns)
    for name, words in table.rows.items():
        rich.add_row(name, *words)
    return rich
