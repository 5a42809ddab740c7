"""`colornet info`: show how a picture was colored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colornet.cli.options import say

if TYPE_CHECKING:
    from colornet.picture import Provenance


def info(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Results of colornet.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object for each file.")
    ] = False,
) -> None:
    """Show how pictures were colored, from their metadata: version, model and options.

    The exit code is 1 if one of them has no such metadata.
    """
    import json

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
            _print(path, found)
    if silent:
        raise typer.Exit(1)


def _fields(found: Provenance) -> dict[str, Any]:
    model = {"name": found.model, "sha256": found.model_sha256}
    told = {"colornet": found.version, "model": model, "options": found.options}
    return told | ({"before": found.before} if found.before else {})


def _print(path: Path, found: Provenance) -> None:
    told = {
        _printable(path): "",
        "made by": f"colornet {found.version}",
        "model": f"{found.model}, SHA-256 {found.model_sha256}",
        **{name: _words(value) for name, value in found.options.items()},
    }
    if found.before:
        told["original by"] = found.before
    for name, value in told.items():
        print(f"{name:13}{_printable(value)}".rstrip())


def _words(value: Any) -> str:
    """A JSON value as text."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        separator = " " if all(isinstance(each, int | float) for each in value) else "; "
        return separator.join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _printable(text: object) -> str:
    """Text without control characters, and with escapes for names that are not UTF-8."""
    line = str(text).encode(errors="backslashreplace").decode()
    return "".join(each if each.isprintable() else " " for each in line)
