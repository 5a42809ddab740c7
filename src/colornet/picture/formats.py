"""The formats that are read and written, by their suffix, and how large a picture may be."""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib.util import find_spec
from numbers import Real
from pathlib import Path
from typing import Any, Literal, TypeGuard, cast, get_args

import pyvips

from colornet.errors import OptionError, PictureTooLarge, UnreadablePicture, UnwritablePicture
from colornet.notices import Notice
from colornet.words import counted

Format = Literal["jpeg", "png", "tiff", "webp", "avif"]

SUFFIXES: dict[Format, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif",),
}
"""Each format's file suffixes, the usual one first."""

ReadOnly = Literal["heic", "gif", "bmp", "pnm", "jp2", "jxl"]
"""Formats that are read, but not written."""
READ_SUFFIXES: dict[ReadOnly, tuple[str, ...]] = {
    "heic": (".heic", ".heif", ".hif"),
    "gif": (".gif",),
    "bmp": (".bmp", ".dib"),
    "pnm": (".pgm", ".ppm", ".pnm", ".pbm"),
    "jp2": (".jp2", ".j2k", ".jpf", ".jpx", ".jpc", ".j2c"),
    "jxl": (".jxl",),
}
NAMES: dict[ReadOnly, str] = {
    "heic": "HEIC",
    "gif": "GIF",
    "bmp": "BMP",
    "pnm": "PNM",
    "jp2": "JPEG 2000",
    "jxl": "JPEG XL",
}

LOSSY = ("jpeg", "webp", "avif")
DEEP = ("png", "tiff", "avif")
"""Formats that hold more than 8 bits a channel (AVIF: 12)."""

LARGEST_SIDE: dict[Format, int] = {"jpeg": 65_500, "webp": 16_383, "avif": 16_384}
"""Pixels that a side may have in what libvips writes of a format."""

CANNOT = "cannot be read here"
CONVERT = "convert it to TIFF, PNG or JPEG"
SAVE_AS_PNG = "save it as an 8- or 16-bit PNG, JPEG or TIFF first"
SAVE_ONE = "save the one to colorize as a picture of its own"
GET_ANOTHER_COPY = "get another copy of it, or save it anew as PNG, JPEG or TIFF"

BY_LIBVIPS: dict[ReadOnly, str] = {"gif": "gifload_source", "jxl": "jxlload_source"}


@functools.cache
def is_readable(format: ReadOnly) -> bool:
    """Whether this installation has what decodes the format."""
    if format == "heic":
        return find_spec("pi_heif") is not None
    operation = BY_LIBVIPS.get(format)
    return operation is None or bool(pyvips.type_find("VipsForeignLoad", operation))


def is_picture_name(path: str | Path) -> bool:
    """Whether a file's suffix is that of a format that can be read here; not for hidden files."""
    path = Path(path)
    if path.name.startswith("."):
        return False
    read_only = read_only_of_suffix(path)
    return is_readable(read_only) if read_only else format_of_suffix(path) is not None


def is_read_only(format: Format | ReadOnly) -> TypeGuard[ReadOnly]:
    """Whether the format is read, but not written."""
    return format in READ_SUFFIXES


def becomes(format: ReadOnly) -> Format:
    """The default format of a result whose source has this one: lossless, except for HEIC."""
    return "jpeg" if format == "heic" else "png"


def format_of_suffix(path: Path) -> Format | None:
    """The format that a file's suffix stands for; None: no format that is written."""
    suffix = path.suffix.lower()
    return next((format for format, suffixes in SUFFIXES.items() if suffix in suffixes), None)


def read_only_of_suffix(path: Path) -> ReadOnly | None:
    """The format that a file's suffix stands for, if it is one that is only read."""
    suffix = path.suffix.lower()
    return next((format for format, suffixes in READ_SUFFIXES.items() if suffix in suffixes), None)


def result_name(path: Path, format: Format | None = None) -> Path:
    """The name of a result in a folder: that of its source, or a.jpg.png for a.jpg stored as PNG.

    Args:
        path: of the source.
        format: of the result; None: that of the source, or the one it `becomes`.
    """
    if format is None and (read_only := read_only_of_suffix(path)):
        format = becomes(read_only)
    if format is None or path.suffix.lower() in SUFFIXES[format]:
        return path
    return path.with_name(path.name + SUFFIXES[format][0])


def first_of(frames: int) -> tuple[Notice, ...]:
    """A notice that only the first frame of an animation is colored."""
    text = f"it holds {frames} frames, of which the first is colored"
    return (Notice("first-frame", text),) if frames > 1 else ()


def misnamed(path: Path, found: Format | ReadOnly) -> tuple[Notice, ...]:
    """A notice if a file's suffix is that of another format than its content."""
    promised = format_of_suffix(path) or read_only_of_suffix(path)
    if promised in (None, found) or {promised, found} <= {"avif", "heic"}:
        return ()
    name = found.upper() if found in SUFFIXES else NAMES[cast("ReadOnly", found)]
    text = f"its name ends in {path.suffix}, but its format is {name}"
    return (Notice("suffix-differs", text),)


def losses(format: Format, depth: int, bands: int) -> Iterator[Notice]:
    """Notices of what a format cannot hold of pixels with this depth and number of bands."""
    name = format.upper()
    bits = 16 if format in ("png", "tiff") else 12 if format in DEEP else 8
    if depth > bits:
        text = f"its {depth} bits a channel are stored as {bits}, which is what {name} holds"
        yield Notice("depth-reduced", text)
    if format == "jpeg" and bands == 4:
        yield Notice("alpha-left-out", "what is transparent in it is white, as JPEG has no alpha")


def check_result(name: str, format: Format, width: int, height: int) -> None:
    """Raise `UnwritablePicture` if a format holds no result of that size."""
    most = LARGEST_SIDE.get(format)
    if most is None or max(width, height) <= most:
        return
    size = f"{width} x {height} pixels"
    reason = f"makes a result of {size}, and {format.upper()} holds {most:,} a side"
    raise UnwritablePicture(name, reason, "store it as PNG or TIFF, or make it smaller")


def known_formats() -> str:
    """The formats that are written, as arguments: jpeg, png, .. or avif."""
    *first, last = get_args(Format)
    return f"{', '.join(first)} or {last}"


def _raise(limit: str) -> str:
    """How a limit is raised; the server, whose own limits are options, leaves the place out."""
    return f"raise the limit (in Python, Colorizer(limits=Limits({limit}=..)))"


@dataclass(frozen=True)
class Limits:
    """Limits on a picture's size, checked before any pixel is decoded.

    Attributes:
        bytes: most bytes of a file or stream.
        pixels: most pixels, of all pages together.
        pages: most pages of a TIFF.
        min_side: fewest pixels of the shorter side.
        scans: most scans of a JPEG; each takes as long as decoding it once. Progressive files have
            ten.

    Raises:
        OptionError: a limit is not a number, or is below 0.
    """

    bytes: int = 2 << 30
    pixels: int = 400_000_000
    pages: int = 1000
    min_side: int = 1
    scans: int = 100

    def __post_init__(self) -> None:
        for one in fields(self):
            value: Any = getattr(self, one.name)
            is_number = isinstance(value, Real) and not isinstance(value, bool)
            if not (is_number and value >= 0):
                raise OptionError(one.name, f"{reprlib.repr(value)} is not a limit", "use a number")

    def check_scans(self, name: str, scans: int) -> None:
        """Raise `PictureTooLarge` for a JPEG with too many scans, which could take hours."""
        if scans > self.scans:
            reason = f"{scans:,} scans, more than {self.scans:,}"
            raise PictureTooLarge(name, reason, f"save it anew, or {_raise('scans')}")

    def check_bytes(self, name: str, size: int) -> None:
        """Raise `PictureTooLarge` for a file over the limit."""
        if size > self.bytes:
            reason = f"{size:,} bytes, more than {self.bytes:,}"
            raise PictureTooLarge(name, reason, f"make it smaller, or {_raise('bytes')}")

    def check_size(self, name: str, width: int, height: int, pages: int = 1) -> None:
        """Raise `UnreadablePicture` if it is too small, `PictureTooLarge` if it is too large."""
        size = f"{width} x {height} pixels" + (f" on {pages} pages" if pages > 1 else "")
        if min(width, height) < max(1, self.min_side):
            remedy = f"give one of at least {counted(max(1, self.min_side), 'pixel')} a side"
            raise UnreadablePicture(name, f"has {size}, too few to colorize", remedy)
        if pages > self.pages:
            remedy = f"split it, or {_raise('pages')}"
            raise PictureTooLarge(name, f"has {pages:,} pages, more than {self.pages:,}", remedy)
        if width * height * pages > self.pixels:
            remedy = f"make it smaller, or {_raise('pixels')}"
            raise PictureTooLarge(name, f"has {size}, more than {self.pixels:,} in all", remedy)
