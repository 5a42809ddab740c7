"""What a file is, by its content: names lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from colornet.errors import UnreadablePicture
from colornet.picture.formats import (
    GET_ANOTHER_COPY,
    NAMES,
    SAVE_AS_PNG,
    SAVE_ONE,
    Format,
    ReadOnly,
)
from colornet.picture.pnm import is_pnm
from colornet.picture.unsupported import CANNOT, HEAD, unsupported

__all__ = ["HEAD", "find_format"]

HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
"""Bytes of the second header, by which its kinds are told."""
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
JPEG_2000 = (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
JPEG_XL = (b"\0\0\0\x0cJXL \r\n\x87\n", b"\xff\x0a")


def _brands(head: bytes) -> tuple[bytes, ...]:
    """Of a file in the family of MPEG-4: what it says it is, and what it is compatible with."""
    if head[4:8] != b"ftyp":
        return ()
    box = head[8 : int.from_bytes(head[:4], "big")]
    return tuple(box[at : at + 4] for at in range(0, len(box), 4) if at != 4)


def _is_heic(head: bytes) -> bool:
    return not HEIC.isdisjoint(_brands(head))


def _is_bmp(head: bytes) -> bool:
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in BMP_HEADERS


BY_CONTENT: dict[Format | ReadOnly, Callable[[bytes], bool]] = {
    "jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "tiff": lambda head: head.startswith(TIFF),
    "webp": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    "avif": lambda head: b"avif" in _brands(head),
    "heic": _is_heic,
    "gif": lambda head: head.startswith((b"GIF87a", b"GIF89a")),
    "bmp": _is_bmp,
    "pnm": is_pnm,
    "jp2": lambda head: head.startswith(JPEG_2000),
    "jxl": lambda head: head.startswith(JPEG_XL),
}


def find_format(name: str, head: bytes) -> Format | ReadOnly:
    """The format of a file.

    Args:
        name: for messages.
        head: the first HEAD bytes of the file.

    Raises:
        UnreadablePicture: none that is known.
    """
    if not head:
        raise UnreadablePicture(name, "is empty", GET_ANOTHER_COPY)
    if head[4:12] == b"ftypavis":
        raise UnreadablePicture(name, "is an animated AVIF", SAVE_ONE)
    for format, is_one in BY_CONTENT.items():
        if is_one(head):
            return format
    if kind := unsupported(head):
        raise UnreadablePicture(name, f"{CANNOT}: {kind.name}", kind.remedy)
    read = ", ".join([*(each.upper() for each in get_args(Format)), *NAMES.values()])
    raise UnreadablePicture(name, f"is not a picture in {read}", f"if it is one, {SAVE_AS_PNG}")
