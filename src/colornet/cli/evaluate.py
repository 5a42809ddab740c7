"""`colornet evaluate`: measure a model on pictures whose colors are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colornet.cli.options import say

if TYPE_CHECKING:
    from rich.table import Table

    from colornet.train.report import Report


def evaluate(
    model: Annotated[
        str, typer.Argument(help="A model's name, a model folder, or a checkpoint (.ckpt).")
    ],
    data: Annotated[Path, typer.Argument(help="Folder or tar file of class/picture, in color.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report.")],
    size: Annotated[
        int | None,
        typer.Option(min=16, help="Make every picture a square of that side first."),
    ] = None,
) -> None:
    """Turn pictures gray, colorize them, and compare with the true ones.

    Writes black_white/, color/, the sheets labels.png and predictions.png, report.json and
    report.html into the report's folder.
    """
    from rich.console import Console

    from colornet.train.evaluate import evaluate as measure

    console = Console(stderr=True)
    with console.status("evaluating") as status:
        report = measure(
            model, data, output, size, lambda done: status.update(f"{done} pictures evaluated")
        )
    Console().print(_table(report))
    for key in report.unreadable:
        say(f"{key}: unreadable, left out")
    print(f"{len(report.pictures)} pictures, {len(report.colorless)} without color left out")
    print(f"report: {output / 'report.html'}")
    if report.unreadable:
        raise typer.Exit(1)


def _table(report: Report) -> Table:
    from rich.table import Table

    table = Table("", "PSNR, dB", "SSIM", "ΔE 2000", "CF", "ΔCF")
    for name, summary in (("prediction", report.prediction), ("left gray", report.gray)):
        table.add_row(
            name,
            f"{summary.psnr:.2f}",
            f"{summary.ssim:.4f}",
            f"{summary.delta_e:.2f}",
            f"{summary.colorfulness:.2f}",
            f"{summary.delta_colorfulness:.2f}",
        )
    return table
