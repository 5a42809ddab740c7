"""`colornet models`: list the models, or show one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from colornet.cli.options import say, tell_of_named

if TYPE_CHECKING:
    from rich.table import Table

    from colornet.model import ModelCard


def models(
    model: Annotated[
        str | None,
        typer.Argument(
            callback=tell_of_named,
            help="Name or folder of a model, to check its files and show its whole card.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the cards as JSON.")] = False,
) -> None:
    """List the models, the default first, with size, license, data and figures."""
    import json
    from dataclasses import asdict

    from rich.console import Console

    from colornet.model import DEFAULT_MODEL, find, list_models, verify

    if model is None:
        cards = sorted(list_models(), key=lambda card: card.name != DEFAULT_MODEL)
    else:
        folder = find(model)
        verify(folder)
        cards = [folder.card]
    if as_json:
        print(json.dumps([asdict(card) for card in cards], indent=2))
    elif not cards:
        say("no models are shipped with this installation; --model FOLDER uses one of your own")
    else:
        plain = Console(markup=False, emoji=False)  # cards may have brackets and colons
        for card in cards:
            plain.print(_table(card, in_full=model is not None))


def _table(card: ModelCard, in_full: bool) -> Table:
    from rich.table import Table

    data, figures = _sources(card)
    able = ["global prior"] * bool(card.prior) + ["hints"] * card.hints
    rows = {
        "description": card.description,
        "size": f"{_megabytes(card)} MB, sees {card.input_size} x {card.input_size} pixels",
        "takes": ", ".join(able) or "no guidance but strength and saturation",
        "settings": "\n".join(_described(card)),
        "license": card.license,
        "data": data,
        "recipe": card.recipe,
        "figures": figures,
        "weaknesses": "\n".join(card.weaknesses),
    }
    table = Table(card.name, card.title)
    for name in rows if in_full else ("size", "settings", "license", "data", "figures"):
        if rows[name]:
            table.add_row(name, rows[name])
    return table


def _described(card: ModelCard) -> Iterator[str]:
    for name, setting in card.settings.items():
        yield f"{name}: {setting.description}" if setting.description else name


def _megabytes(card: ModelCard) -> str:
    return f"{card.bytes / 1e6:.1f}"


def _sources(card: ModelCard) -> tuple[str, str]:
    """Training data and figures, one line for each set of pictures."""
    data = (f"{source.name}: {source.pictures:,} ({source.license})" for source in card.data)
    figures = (
        f"{name}: " + ", ".join(f"{measure} {value:g}" for measure, value in measures.items())
        for name, measures in card.figures.items()
    )
    return "\n".join(data), "\n".join(figures)
