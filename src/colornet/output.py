"""Where results go: their names, and numbers for variants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from colornet.picture import SUFFIXES, Encoding, Format, Picture, Pixels, Written, write


def store(
    picture: Picture,
    pixels: Pixels,
    output: str | Path | None = None,
    encoding: Encoding | None = None,
    overwrite: bool = False,
) -> Written[Any]:
    """Store a colored picture, beside its file if no other place is named.

    Args:
        picture: the source.
        pixels: the source in color.
        output: a file; None: what came in comes out, and beside NAME.jpg its NAME-color.jpg.
        encoding: format, quality, metadata.
        overwrite: whether a file that is there may be replaced.

    Raises:
        UnwritablePicture, UnreadablePicture: see `colornet.picture.write`.
    """
    encoding = encoding or Encoding()
    return write(picture, pixels, place_of(picture, output, encoding), encoding, overwrite)


def place_of(picture: Picture, output: str | Path | None, encoding: Encoding) -> Path | None:
    """The file that a result goes to; None: the source was no file, and none is named."""
    if output is not None:
        return Path(output)
    if picture.kind == "path":
        return beside(Path(picture.name), encoding.format or picture.format)
    return None


def beside(path: Path, format: Format | None) -> Path:
    """NAME-color with the suffix it has, unless that stands for another format."""
    usual = SUFFIXES[format] if format else (path.suffix,)
    suffix = path.suffix if path.suffix.lower() in usual else usual[0]
    return path.with_name(f"{path.stem}-color{suffix}")


def numbered(path: Path, number: int) -> Path:
    """NAME.jpg -> NAME-1.jpg."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")
