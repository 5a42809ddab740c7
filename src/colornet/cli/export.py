"""`colornet export`: convert a checkpoint to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from colornet.cli.interrupts import heeding_signals
from colornet.privacy import keep_caches_temporary


def export(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of `colornet train`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model folder to write.")],
    card: Annotated[
        list[Path] | None,
        typer.Option(
            help="YAML file for the card: title, license, data, settings .. Later ones take "
            "precedence."
        ),
    ] = None,
    input_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=4096,
            help="Side of the network's input, in pixels; by default, as in training.",
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(help="Temperature of the annealed mean, if the head has a distribution."),
    ] = None,
) -> None:
    """Convert a checkpoint to a model folder: ONNX graphs and a card."""
    keep_caches_temporary()
    from colornet.train.export import export_checkpoint
    from colornet.train.export.card import read_card_fields

    fields = {key: value for path in card or () for key, value in read_card_fields(path).items()}
    head = {} if temperature is None else {"temperature": temperature}
    with heeding_signals():
        folder = export_checkpoint(checkpoint, output, fields, input_size, **head)
    size = sum(path.stat().st_size for path in folder.path.iterdir()) / 1e6
    typer.echo(f"model {folder.card.name}, {size:.1f} MB: {folder.path}")
