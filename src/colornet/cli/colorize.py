"""`colornet colorize`: a picture, folders of pictures, or stdin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from colornet.cli.destination import REPORT, Destination, by_folder, check_in_place
from colornet.cli.folder import color_many
from colornet.cli.interrupts import heeding_signals, interruptible
from colornet.cli.options import (
    BeforeAfterOption,
    FormatOption,
    JobsOption,
    LevelsOption,
    MarkOption,
    ModelOption,
    OverwriteOption,
    PartialOption,
    QualityOption,
    ReferenceOption,
    SaturationOption,
    SettingOption,
    StrengthOption,
    StripMetadataOption,
    named,
    parse_hint,
)
from colornet.cli.request import Request
from colornet.cli.single import PIPE, check_pipe, color_file, color_in_place, color_pipe, is_pipe
from colornet.errors import OptionError
from colornet.guidance import Guidance
from colornet.model import DEFAULT_MODEL, open_ahead
from colornet.paths import is_file, is_folder


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
            help="For one picture: a file; a folder that exists or ends in /, for NAME.jpg in it; "
            "or - for stdout. By default, NAME-color.jpg beside NAME.jpg, or with --before-after "
            "NAME-before-after.jpg. For several pictures: a folder, which is made if it does not "
            "exist. For a folder: another one, for the same tree of results; several folders keep "
            "their names in it.",
        ),
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    strength: StrengthOption = None,
    saturation: SaturationOption = None,
    levels: LevelsOption = None,
    reference: ReferenceOption = None,
    hint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,COLOR[,REACH]",
            help="The color of a point, in pixels or percent: 120,340,#2a5a2a or 25%,50%,teal. "
            "gray keeps the point gray; keep protects its color from other hints. REACH, 0 to 4, "
            "is a factor on how far the color spreads. Repeatable.",
        ),
    ] = None,
    hints: Annotated[
        Path | None,
        typer.Option(help="JSON file of hints. NAME.hints.json beside NAME.jpg is always read."),
    ] = None,
    setting: SettingOption = None,
    variants: Annotated[
        int | None,
        typer.Option(
            min=1, max=100, help="Number of plausible results: NAME-1, the most likely, NAME-2 .."
        ),
    ] = None,
    format: FormatOption = None,
    quality: QualityOption = None,
    overwrite: OverwriteOption = False,
    redo: Annotated[
        bool,
        typer.Option(
            "--redo",
            help="In a folder, replace results that were made by another model or with other "
            "options, or whose originals have changed. Other files are kept.",
        ),
    ] = False,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Replace each original by its result, and keep it as NAME.orig.jpg.",
        ),
    ] = False,
    jobs: JobsOption = None,
    strip_metadata: StripMetadataOption = False,
    mark: MarkOption = False,
    before_after: BeforeAfterOption = False,
    keep_times: Annotated[
        bool, typer.Option("--keep-times", help="Copy file times from originals to results.")
    ] = False,
    partial: PartialOption = False,
    page: Annotated[
        int | None,
        typer.Option(min=1, help="The one page of a TIFF to color, from 1; by default, all."),
    ] = None,
) -> None:
    """Colorize photographs.

    In a folder, finished pictures are skipped, and a failure does not stop the others; the results
    are listed in its report.jsonl. Originals are kept. The exit code is 0 only if there are all
    results.
    """
    alone = inputs[0] if len(inputs) == 1 and not is_folder(inputs[0]) else None
    if alone and is_file(alone):
        open_ahead(model)
    from colornet.picture import Encoding

    said = named(strength=strength, saturation=saturation, setting=setting, levels=levels)
    told = [parse_hint(text) for text in hint or ()]
    destination = Destination.of(output)
    guidance = Guidance(reference=reference, hints=told, said=frozenset(said), **said)
    if hints:
        guidance = guidance.over(Guidance.load(hints))
    shown = {"mark": mark, "before_after": before_after}
    encoding = Encoding(
        format, quality, strip_metadata=strip_metadata, keep_times=keep_times, **shown
    )
    request = Request(model, guidance, encoding, variants, partial, page, redo, overwrite, jobs)
    if in_place:
        check_in_place(inputs, destination, request)
        _in_place(inputs, alone, request)
    elif PIPE in (*inputs, destination.path) or (alone and is_pipe(alone)):
        check_pipe(inputs, destination.path, request)
        with heeding_signals():
            color_pipe(inputs[0], destination.path, request)
    elif alone and not (destination.is_folder and destination.has_report):
        target = destination.of_picture(alone, format)
        interruptible(lambda: color_file(alone, target, request))
    elif page is not None:
        raise OptionError(
            "--page", "is for one picture alone", "name it, and a file for its result"
        )
    elif destination.path is None:
        raise OptionError("--output", "is missing", "name a folder for the results")
    elif not color_many(inputs, destination.path, request):
        raise typer.Exit(1)


def _in_place(inputs: list[Path], alone: Path | None, request: Request) -> None:
    if alone and not os.path.lexists(alone.parent / REPORT):
        interruptible(lambda: color_in_place(alone, request))
        return
    done = [color_many(group, folder, request, True) for folder, group in by_folder(inputs).items()]
    if not all(done):
        raise typer.Exit(1)
