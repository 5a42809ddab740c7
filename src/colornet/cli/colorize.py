"""`colornet colorize`: a picture, folders of pictures, or stdin."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from colornet.cli.options import Format, ModelOption, Overwrite, parse_hint, say
from colornet.errors import OptionError
from colornet.guidance import MAX_SATURATION, Guidance, for_picture
from colornet.modelfile import DEFAULT_MODEL, open_ahead

if TYPE_CHECKING:
    from colornet.batch import Result
    from colornet.colorizer import Canvas
    from colornet.picture import Encoding

PIPE = Path("-")


def colorize(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT", help="Pictures, folders of pictures, or - for stdin."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A picture, a folder (the tree is kept), or - for stdout. "
            "By default, NAME-color.jpg beside NAME.jpg.",
        ),
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    strength: Annotated[
        float | None,
        typer.Option(min=0, max=1, show_default="1", help="From 0, gray, to 1, full color."),
    ] = None,
    saturation: Annotated[
        float | None,
        typer.Option(
            min=0, max=MAX_SATURATION, show_default="1", help="Factor on the colors' chroma."
        ),
    ] = None,
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
    setting: Annotated[
        str | None, typer.Option(help="One of the model's decodings, see `colornet models NAME`.")
    ] = None,
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
    overwrite: Overwrite = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Pictures at a time; by default, up to 4."),
    ] = None,
    strip_metadata: Annotated[
        bool,
        typer.Option(
            "--strip-metadata",
            help="Leave out EXIF, place, comments, and the note of how the result was made, "
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

    In a folder, what is done already is skipped, and one failure does not stop the rest.
    """
    if len(inputs) == 1 and inputs[0].is_file():
        open_ahead(model)
    from colornet.colorizer import Colorizer
    from colornet.picture import Encoding

    given = {"strength": strength, "saturation": saturation, "setting": setting}
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    told = [parse_hint(text) for text in hint or ()]
    guidance = Guidance(reference=reference, hints=told, said=frozenset(said), **said)
    if hints:
        guidance = guidance.over(Guidance.load(hints))
    if len(inputs) == 1 and inputs[0].is_file():
        guidance = for_picture(inputs[0], guidance)
    encoding = Encoding(format, quality, strip_metadata, keep_times)
    how: Any = {"encoding": encoding, "overwrite": overwrite}
    with _notices_told():
        if PIPE in (*inputs, output):
            _check_pipe(inputs, output, variants, keep_times)
            canvas = Colorizer(model).open(_pipe_or(inputs[0]), partial=partial)
            _color_pipe(canvas, output, guidance, encoding, overwrite)
        elif len(inputs) > 1 or any(path and path.is_dir() for path in (*inputs, output)):
            if output is None:
                raise OptionError("--output", "is missing", "name a folder for the results")
            how |= {"jobs": jobs, "variants": variants, "partial": partial}
            _color_many(inputs, output, model, guidance, how)
        else:
            colorizer = Colorizer(model)
            if variants is None:
                written = colorizer.colorize(inputs[0], output, guidance, partial=partial, **how)
                say(f"{written}: written")
            else:
                canvas = colorizer.open(inputs[0], partial=partial)
                for path in canvas.save_variants(variants, output, guidance, **how):
                    say(f"{path}: written")


def _check_pipe(
    inputs: list[Path], output: Path | None, variants: int | None, keep_times: bool
) -> None:
    if keep_times:
        raise OptionError("--keep-times", "needs files", "name a picture and -o FILE")
    if variants is not None:
        raise OptionError("--variants", "are several files", "name pictures, not -")
    if len(inputs) > 1:
        raise OptionError("-", "stands beside other inputs", "color one at a time")
    if output in (None, PIPE) and sys.stdout.isatty():
        raise OptionError("-", "would write a picture to the terminal", "add > FILE or -o FILE")


def _pipe_or(source: Path) -> Path | BinaryIO:
    return sys.stdin.buffer if source == PIPE else source


def _color_pipe(
    canvas: Canvas,
    output: Path | None,
    guidance: Guidance,
    encoding: Encoding,
    overwrite: bool,
) -> None:
    from colornet.picture import write

    target = None if output in (None, PIPE) else output
    result = write(canvas.picture, canvas.colorize(guidance), target, encoding, overwrite)
    if isinstance(result, bytes):
        sys.stdout.buffer.write(result)
        sys.stdout.buffer.flush()


def _color_many(
    inputs: list[Path], output: Path, model: str, guidance: Guidance, how: dict[str, Any]
) -> None:
    from colornet.batch import default_jobs, plan, run
    from colornet.colorizer import Colorizer
    from colornet.modelfile import usable_cores
    from colornet.record import REPORT

    encoding: Encoding = how["encoding"]
    todo = plan(inputs, output, encoding.format, how["overwrite"])
    jobs = min(how["jobs"] or default_jobs(), max(1, len(todo)))
    colorizer = Colorizer(model, threads=max(1, usable_cores() // jobs))
    report = output / REPORT if any(path.is_dir() for path in inputs) else None
    _tell(run(colorizer, todo, guidance, **how | {"jobs": jobs, "report": report}), len(todo))


def _tell(results: Iterator[Result], total: int) -> None:
    """A bar while they come, a line for each failure, and a summary."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    counts: Counter[str] = Counter()
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            for result in bar.track(results, total=total, description="colorizing"):
                counts[result.status] += 1
                if result.error:
                    say(result.error)
    except KeyboardInterrupt:
        counts["done"] += 0  # so that the summary is told even before the first result
        raise
    finally:
        if counts:
            say(", ".join(f"{counts[status]} {status}" for status in ("done", "skipped", "failed")))
    if counts["failed"]:
        raise typer.Exit(1)


@contextmanager
def _notices_told() -> Iterator[None]:
    """Print each notice about a picture as one line."""
    from colornet.colorizer import ColornetWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", ColornetWarning)
        warnings.showwarning = lambda message, *where: say(message)
        yield
