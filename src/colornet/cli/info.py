"""`colornet info`: show how a picture or film was colored, and what a film is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colornet.cli.options import say

if TYPE_CHECKING:
    from colornet.picture import Provenance
    from colornet.video.about import About


def info(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Results of colornet.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object for each file.")
    ] = False,
) -> None:
    """Show how pictures and films were colored, from their metadata: version, model and options.

    Also shows what a film is. The exit code is 1 if a file does not say how it was colored.
    """
    import json

    from colornet.errors import ColornetError

    silent = False
    for path in files:
        film = None
        try:
            film, found = _read(path)
        except ColornetError as error:
            say(error)
            silent = True
            continue
        if film and not as_json:
            _print_film(path, film)
        if found is None:
            reason = "does not say how it was made: not by colornet, or its metadata were removed"
            say(f"{path}: {reason}")
            silent = True
        elif as_json:
            told = {"film": _film_fields(film)} if film else {}
            print(json.dumps({"file": str(path), **told, **_fields(found)}))
        else:
            _print(None if film else path, found)
    if silent:
        raise typer.Exit(1)


def _read(path: Path) -> tuple[About | None, Provenance | None]:
    """What a film is, or nothing for a picture; and how it was colored, if it says so.

    Raises:
        ColornetError: it cannot be read.
    """
    from colornet.video.codecs import READ_SUFFIXES

    if path.suffix.lower() in READ_SUFFIXES:
        from colornet.video.about import about

        film = about(path)
        return film, film.provenance
    from colornet.picture import provenance, read

    read(path)
    return None, provenance(path)


def _film_fields(film: About) -> dict[str, Any]:
    told = {name: value for name, value in vars(film).items() if name != "provenance"}
    for name in ("pixel_aspect", "rate"):
        told[name] = told[name] and str(told[name])
    return told


def _print_film(path: Path, film: About) -> None:
    from colornet.video import names

    aspect = film.pixel_aspect
    container = names.container(film.container, path)
    size = f"{film.width} x {film.height} pixels"
    told = {
        _printable(path): "",
        "film": f"{names.codec(film.codec)} in {container}, {size}",
        "pixel aspect": f"{aspect.numerator}:{aspect.denominator}" if aspect else "",
        "rate": f"{float(film.rate):.6g} frames a second" if film.rate else "",
        "length": "" if film.seconds is None else f"{film.seconds:.2f} s",
        "sound": ", ".join(map(names.codec, film.sound)),
        "subtitles": ", ".join(map(names.codec, film.subtitles)),
        "chapters": str(film.chapters or ""),
    }
    _print_rows({name: value for name, value in told.items() if value or name == _printable(path)})


def _fields(found: Provenance) -> dict[str, Any]:
    model = {"name": found.model, "sha256": found.model_sha256}
    told = {"colornet": found.version, "model": model, "options": found.options}
    return told | ({"before": found.before} if found.before else {})


def _print(path: Path | None, found: Provenance) -> None:
    told = {
        **({} if path is None else {_printable(path): ""}),
        "made by": f"colornet {found.version}",
        "model": f"{found.model}, SHA-256 {found.model_sha256}",
        **{name: _words(value) for name, value in _spoken(found.options).items()},
    }
    if found.before:
        told["original by"] = found.before
    _print_rows(told)


def _print_rows(told: Mapping[str, str]) -> None:
    for name, value in told.items():
        print(f"{name:13}{_printable(value)}".rstrip())


def _spoken(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options in words, without those that make no difference."""
    told = {name: value for name, value in options.items() if value is not None}
    start, end = (
        told.pop(name) if _is_number(told.get(name)) else None for name in ("start", "end")
    )
    part = f"from {start:g} s" if start else ""
    part += "" if end is None else f" to {end:g} s"
    if part:
        told["part"] = part.strip()
    for name in ("side_by_side", "partial"):
        if told.pop(name, None):
            told[name.replace("_", " ")] = True
    if "every" in told:
        told["network"] = f"on one of {told.pop('every')} frames, and where it is needed"
    if isinstance(told.get("encoder"), dict):
        told["encoder"] = {k: v for k, v in told["encoder"].items() if k != "x265-params"}
    return told


def _is_number(value: Any) -> bool:
    """Whether it is one; a file of another program may have anything in its place."""
    return isinstance(value, int | float) and not isinstance(value, bool)


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
