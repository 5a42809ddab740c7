"""`colornet info`: how a picture was colored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colornet.cli.options import say

if TYPE_CHECKING:
    from rich.table import Table

    from colornet.picture import Provenance


def info(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Results of colornet.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object for each file.")
    ] = False,
) -> None:
    """Tell how pictures were colored: version, model and options, as they say it themselves.

    The exit code is 1 if one of them does not say so.
    """
    import json

    from rich.console import Console

    from colornet.errors import ColornetError
    from colornet.picture import provenance, read

    silent = False
    for path in files:
        try:
            read(path)
            found = provenance(path)
        except ColornetError as error:
            say(error)
            silent = True
            continue
        if found is None:
            reason = "does not say how it was made: not by colornet, or with --strip-metadata"
            say(f"{path}: {reason}")
            silent = True
        elif as_json:
            print(json.dumps({"file": str(path), **_fields(found)}))
        else:
            Console().print(_table(path, found))
    if silent:
        raise typer.Exit(1)


def _fields(found: Provenance) -> dict[str, Any]:
    model = {"name": found.model, "sha256": found.model_sha256}
    told = {"colornet": found.version, "model": model, "options": found.options}
    return told | ({"before": found.before} if found.before else {})


def _table(path: Path, found: Provenance) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("file", escape(_printable(path)))
    table.add_row("made by", f"colornet {escape(found.version)}")
    table.add_row("model", escape(f"{found.model}, SHA-256 {found.model_sha256}"))
    for name, value in found.options.items():
        table.add_row(escape(name.replace("_", " ")), escape(_words(value)))
    if found.before:
        table.add_row("original by", escape(found.before))
    return table


def _words(value: Any) -> str:
    """A value of JSON, as one reads it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        separator = " " if all(isinstance(each, int | float) for each in value) else "\n"
        return separator.join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _printable(path: Path) -> str:
    """Names that are no UTF-8, too."""
    return str(path).encode(errors="backslashreplace").decode()
