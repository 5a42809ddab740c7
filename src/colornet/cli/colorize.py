"""`colornet colorize`: a picture, folders of pictures, or stdin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from colornet.cli.destination import REPORT, Destination, by_folder, check_in_place
from colornet.cli.folder import color_many
from colornet.cli.options import (
    Format,
    ModelOption,
    SaturationOption,
    SettingOption,
    StrengthOption,
    named,
    parse_hint,
)
from colornet.cli.request import Request
from colornet.cli.single import PIPE, check_pipe, color_file, color_in_place, color_pipe, is_pipe
from colornet.errors import OptionError
from colornet.guidance import Guidance
from colornet.model import DEFAULT_MODEL, open_ahead
from colornet.paths import is_folder


def colorize(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT", help="Pictures, folders of pictures, or - for stdin."),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="For one picture: a file, a folder that is there or ends in /, to get NAME.jpg, "
            "or - for stdout; by default, NAME-color.jpg beside NAME.jpg. For several pictures: a "
            "folder, made if need be. For a folder: another one, which gets its whole tree; of "
            "several folders, each under its own name.",
        ),
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    strength: StrengthOption = None,
    saturation: SaturationOption = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            help="Another photograph, whose overall impression and whose colors of like things "
            "guide the colors."
        ),
    ] = None,
    hint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,COLOR[,REACH]",
            help="What color a point has, in pixels or percent: 120,340,#2a5a2a or 25%,50%,teal; "
            "gray keeps it gray, keep as it is where other hints run over. With a REACH of 0.5, "
            "say, the color reaches half as far. Repeatable.",
        ),
    ] = None,
    hints: Annotated[
        Path | None,
        typer.Option(help="JSON file of hints. NAME.hints.json beside NAME.jpg needs no mention."),
    ] = None,
    setting: SettingOption = None,
    variants: Annotated[
        int | None,
        typer.Option(min=1, help="So many plausible results, likeliest first: NAME-1, NAME-2 .."),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="By default, the source's. In a folder, a.jpg becomes a.jpg.png."),
    ] = None,
    quality: Annotated[
        int | None, typer.Option(min=1, max=100, help="Of JPEG, WebP and AVIF.")
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Make all results anew, and replace whatever is in their places but originals.",
        ),
    ] = False,
    redo: Annotated[
        bool,
        typer.Option(
            "--redo",
            help="In a folder, make those results anew that another model or other settings made, "
            "or whose originals have changed since. Other files that are there stay.",
        ),
    ] = False,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Put each result in the place of its original, which is kept as NAME.orig.jpg.",
        ),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Pictures at a time; by default, up to 4."),
    ] = None,
    strip_metadata: Annotated[
        bool,
        typer.Option(
            "--strip-metadata",
            help="Leave out EXIF, destination, comments, and the note of how the result was made, "
            "which `colornet info` tells.",
        ),
    ] = False,
    keep_times: Annotated[
        bool, typer.Option("--keep-times", help="Give each result its original's file times.")
    ] = False,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Color what there is of a JPEG, PNG or TIFF that ends too early; the rest stays "
            "as it is decoded, gray or black.",
        ),
    ] = False,
) -> None:
    """Colorize photographs.

    In a folder, what is done already is skipped, and one failure does not stop the rest; what was
    done is written to report.jsonl there. Originals are kept. The exit code is 0 only if all that
    was asked for is there.
    """
    alone = inputs[0] if len(inputs) == 1 and not is_folder(inputs[0]) else None
    if alone and alone.is_file():
        open_ahead(model)
    from colornet.picture import Encoding

    said = named(strength=strength, saturation=saturation, setting=setting)
    told = [parse_hint(text) for text in hint or ()]
    destination = Destination.of(output)
    guidance = Guidance(reference=reference, hints=told, said=frozenset(said), **said)
    if hints:
        guidance = guidance.over(Guidance.load(hints))
    encoding = Encoding(format, quality, strip_metadata=strip_metadata, keep_times=keep_times)
    request = Request(model, guidance, encoding, variants, partial, redo, overwrite, jobs)
    if in_place:
        check_in_place(inputs, destination, format, variants)
        done = _in_place(inputs, alone, request)
    elif PIPE in (*inputs, destination.path) or (alone and is_pipe(alone)):
        check_pipe(inputs, destination.path, request)
        done = color_pipe(inputs[0], destination.path, request)
    elif alone and not (destination.is_folder and destination.has_report):
        done = color_file(alone, destination.of_picture(alone, format), request)
    elif destination.path is None:
        raise OptionError("--output", "is missing", "name a folder for the results")
    else:
        done = color_many(inputs, destination.path, request)
    if not done:
        raise typer.Exit(1)


def _in_place(inputs: list[Path], alone: Path | None, request: Request) -> bool:
    if alone and not os.path.lexists(alone.parent / REPORT):
        return color_in_place(alone, request)
    done = [color_many(group, folder, request, True) for folder, group in by_folder(inputs).items()]
    return all(done)
