"""Paths of results, with numbers for variants."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from colornet.errors import OptionError
from colornet.guidance import Guidance
from colornet.paths import is_same, path_of, path_of_source
from colornet.picture import (
    SUFFIXES,
    Encoding,
    Format,
    Picture,
    Pixels,
    Written,
    check_target,
    write,
)


class SaveOptions(TypedDict, total=False):
    """Keywords of `Canvas.save`."""

    encoding: Encoding | None
    overwrite: bool


def store(
    picture: Picture,
    pixels: Pixels,
    guidance: Guidance | None,
    output: str | Path | None = None,
    encoding: Encoding | None = None,
    overwrite: bool = False,
) -> Written[Any]:
    """Store a colored picture, by default beside its file.

    Args:
        picture: the source.
        pixels: the source in color.
        guidance: by which it was colored.
        output: a file; None: NAME-color.jpg beside NAME.jpg (with before_after,
            NAME-before-after.jpg), or else the kind that came in.
        encoding: format, quality, metadata.
        overwrite: whether an existing file may be replaced.

    Raises:
        OptionError: the result would replace the reference.
        UnwritablePicture, UnreadablePicture: see `colornet.picture.write`.
    """
    encoding = Encoding.of(encoding)
    place = place_of(picture, output, encoding)
    keep_reference([place], guidance)
    return write(picture, pixels, place, encoding, overwrite)


def store_all(
    picture: Picture,
    pixels: Iterable[Pixels],
    guidance: Guidance | None,
    places: Sequence[Path],
    encoding: Encoding | None = None,
    overwrite: bool = False,
) -> Written[list[Path]]:
    """Store colorings of a picture, each at its place; none if one of these cannot be written.

    Raises:
        OptionError: one would replace the reference.
        UnwritablePicture, UnreadablePicture: see `colornet.picture.write`.
    """
    keep_reference(places, guidance)
    for place in places:
        check_target(picture, place, encoding, overwrite)
    pairs = zip(places, pixels, strict=True)
    written = [write(picture, one, place, encoding, overwrite) for place, one in pairs]
    notices = (notice for one in written for notice in one.notices)
    return Written([one.result for one in written], tuple(notices))


def place_of(picture: Picture, output: str | Path | None, encoding: Encoding) -> Path | None:
    """The file of a result; None: the source is not a file, and none is named."""
    if output is not None:
        return path_of("output", output)
    if picture.kind == "path":
        return beside(Path(picture.name), encoding.format or picture.format, encoding.ending)
    return None


def beside(path: Path, format: Format | None, ending: str) -> Path:
    """The path of NAME-ending, with the same suffix if that fits the format."""
    usual = SUFFIXES[format] if format else (path.suffix,)
    suffix = path.suffix if path.suffix.lower() in usual else usual[0]
    return path.with_name(f"{path.stem}-{ending}{suffix}")


def is_reference(place: Path, guidance: Guidance) -> bool:
    """Whether a result at a place would replace the reference that its colors come from."""
    reference = guidance.reference
    return isinstance(reference, str | os.PathLike) and is_same(place, path_of_source(reference))


def keep_reference(places: Iterable[Path | None], guidance: Guidance | None) -> None:
    """Check that no result would replace the reference that its colors come from.

    Raises:
        OptionError: one would.
    """
    for place in places:
        if place is not None and is_reference(place, Guidance.of(guidance)):
            raise OptionError(place, "is the reference itself", "choose another name")


def numbered(path: Path, number: int) -> Path:
    """The path NAME-1.jpg for NAME.jpg."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")
