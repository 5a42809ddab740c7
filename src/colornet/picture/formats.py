"""The formats that are read and written: known by their content, named by their suffix."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from colornet.errors import UnreadablePicture

Format = Literal["jpeg", "png", "tiff", "webp", "avif"]

SUFFIXES: dict[Format, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif",),
}
"""Each format's file suffixes, the usual one first."""

LOSSY = ("jpeg", "webp", "avif")
DEEP = ("png", "tiff", "avif")
"""Formats that hold more than 8 bits a channel (AVIF: 12)."""

SAVE_AS_PNG = "save it as an 8- or 16-bit PNG, JPEG or TIFF first"
SAVE_ONE = "save the one to colorize as a picture of its own"
GET_ANOTHER_COPY = "get another copy of it, or save it anew as PNG, JPEG or TIFF"

FOREIGN = {b"GIF8": "a GIF", b"BM": "a BMP", b"%PDF": "a PDF", b"8BPS": "a Photoshop file"}


def is_picture_name(path: str | Path) -> bool:
    """Whether a file's name promises a picture that can be read; hidden files do not."""
    path = Path(path)
    return not path.name.startswith(".") and format_of_suffix(path) is not None


def format_of_suffix(path: Path) -> Format | None:
    """The format that a file's name promises."""
    suffix = path.suffix.lower()
    return next((format for format, suffixes in SUFFIXES.items() if suffix in suffixes), None)


def known_formats() -> str:
    """For messages: JPEG, PNG, .. or AVIF."""
    *first, last = (name.upper() for name in get_args(Format))
    return f"{', '.join(first)} or {last}"


def find_format(name: str, head: bytes) -> Format:
    """The format by content: names lie.

    Args:
        name: for messages.
        head: the first bytes of the file, some dozens.

    Raises:
        UnreadablePicture: none that is known.
    """
    if not head:
        raise UnreadablePicture(name, "is empty", GET_ANOTHER_COPY)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:12] == b"ftypavis":
        raise UnreadablePicture(name, "is an animated AVIF", SAVE_ONE)
    if head[4:8] == b"ftyp" and b"avif" in head[8:]:
        return "avif"
    what = next((what for magic, what in FOREIGN.items() if head.startswith(magic)), None)
    reason = f"is {what}" if what else f"is not a picture in {known_formats()}"
    raise UnreadablePicture(name, reason, SAVE_AS_PNG if what else f"if it is one, {SAVE_AS_PNG}")
