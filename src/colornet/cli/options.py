"""Options and messages that several commands share."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from colornet.errors import GuidanceError
from colornet.guidance import MAX_SATURATION, Hint, Unit
from colornet.model import like_a_shipped_one
from colornet.notices import Notice

Format = Literal["jpeg", "png", "tiff", "webp", "avif"]
"""The same as in `picture`, which is slow to import for the help."""


def tell_of_folders(models: Iterable[str | Path]) -> None:
    """Tell of model folders that are not used, as shipped models have their names; see `find`."""
    say_all(filter(None, map(like_a_shipped_one, models)))


def tell_of_named(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """The same of an option or argument, if it is given."""
    source = context.get_parameter_source(str(parameter.name))
    if value and source and source.name != "DEFAULT":
        tell_of_folders([value] if isinstance(value, str) else value)
    return value


ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        callback=tell_of_named,
        help="Name of a shipped model, or a model folder.",
    ),
]
StrengthOption = Annotated[
    float | None,
    typer.Option(
        "--strength", min=0, max=1, show_default="1", help="From 0, gray, to 1, full color."
    ),
]
SaturationOption = Annotated[
    float | None,
    typer.Option(
        "--saturation",
        min=0,
        max=MAX_SATURATION,
        show_default="1",
        help="Factor on the colors' chroma.",
    ),
]
SettingOption = Annotated[
    str | None,
    typer.Option(
        "--setting",
        help="How the model decodes its colors. Of the model general: natural, the default; "
        "vivid, as colorful as photographs are, and more often wrong; faithful, paler and "
        "nearest to the truth. See `colornet models NAME`.",
    ),
]
LevelsOption = Annotated[
    str | None,
    typer.Option(
        "--levels",
        metavar="auto|B,W",
        help="Black and white point of a faded print, in lightness from 0 to 100: 12,85 makes 12 "
        "black and 85 white; auto finds them in each picture. By default, lightness is kept.",
    ),
]
ReferenceOption = Annotated[
    Path | None,
    typer.Option(
        "--reference",
        help="Another photograph. Its colors are used for what looks similar, and its overall "
        "impression for the rest.",
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", help="Format; by default, the source's. In a folder, a.jpg becomes a.jpg.png."
    ),
]
QualityOption = Annotated[
    int | None, typer.Option("--quality", min=1, max=100, help="Quality of JPEG, WebP and AVIF.")
]
StripMetadataOption = Annotated[
    bool,
    typer.Option(
        "--strip-metadata",
        help="Leave out EXIF with its location, IPTC, comments, and the note of how the result "
        "was made, which `colornet info` shows.",
    ),
]
PartialOption = Annotated[
    bool,
    typer.Option(
        "--partial",
        help="Color the part that can be read of a truncated JPEG, PNG or TIFF. The rest stays "
        "gray or black, as it is decoded.",
    ),
]
MarkOption = Annotated[
    bool,
    typer.Option("--mark", help='Write "colorized" into the lower right corner of each result.'),
]
BeforeAfterOption = Annotated[
    bool,
    typer.Option(
        "--before-after",
        help="Store the gray original and, to the right of it, the colors, as one picture.",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace existing files, except for originals.")
]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, help="Number of pictures at a time; by default, up to 4."),
]
NUMBER = r"-?\d+(?:\.\d+)?"


def named(**options: Any) -> dict[str, Any]:
    """The options that the user gave."""
    return {name: value for name, value in options.items() if value is not None}


def parse_hint(text: str) -> Hint:
    """Parse a hint: X,Y,COLOR in pixels or X%,Y%,COLOR, with an optional ,REACH.

    Raises:
        GuidanceError: it has another form.
    """
    found = re.fullmatch(rf"({NUMBER})(%?),({NUMBER})\2,(.+?)(?:,({NUMBER}))?", text)
    if not found:
        remedy = "use X,Y,COLOR or X,Y,COLOR,REACH, such as 120,340,#2a5a2a or 25%,50%,teal,0.7"
        raise GuidanceError(f"--hint {text}", "is not a hint", remedy)
    x, percent, y, color, reach = found.groups(default="1")
    share = 100 if percent else 1
    try:
        point = (float(x) / share, float(y) / share)
        unit: Unit = "fractions" if percent else "pixels"
        return Hint((point,), color, unit=unit, reach=float(reach))
    except GuidanceError as error:
        raise GuidanceError(f"--hint {text}", error.reason, error.remedy) from None


def say(message: object) -> None:
    """Print one line on stderr, without control characters; ignore a closed stderr."""
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", str(message))
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"colornet: {line}", file=sys.stderr)


def say_all(notices: Iterable[Notice]) -> None:
    """Print one line on stderr for each notice."""
    for notice in notices:
        say(notice)
