"""The format of a file, by its content, and the names of formats that cannot be read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple, get_args

from colornet.errors import UnreadablePicture
from colornet.picture.decoding.pnm import is_pnm
from colornet.picture.formats import (
    CANNOT,
    CONVERT,
    GET_ANOTHER_COPY,
    NAMES,
    SAVE_AS_PNG,
    SAVE_ONE,
    Format,
    ReadOnly,
)

DEVELOP = "develop it to a TIFF by a raw converter, such as darktable or RawTherapee"
DRAW = "export it as a PNG in the size you want"
FILM = "color it by colornet video, or save a frame of it as a picture"
PAGES = "save its pages as TIFF or PNG, for instance with pdfimages or pdftoppm"
UNPACK = "unpack it first"
LOOK = "it holds no picture: look where it came from"

HEAD = 1024
"""Bytes at the start of a file by which it is identified."""


class UnreadableKind(NamedTuple):
    """A kind of file that cannot be read.

    Attributes:
        name: with an article, such as "a PDF".
        remedy: what the user can do.
    """

    name: str
    remedy: str = CONVERT


RAW = UnreadableKind("a raw photograph", DEVELOP)
VIDEO = UnreadableKind("a video", FILM)
ARCHIVE = UnreadableKind("an archive", UNPACK)
POSTSCRIPT = UnreadableKind("PostScript", DRAW)
WINDOWS_METAFILE = UnreadableKind("a Windows metafile", DRAW)

BEGINNINGS: dict[bytes, UnreadableKind] = {
    b"8BPS": UnreadableKind("a Photoshop file", "save it as a TIFF, flattened"),
    b"%PDF": UnreadableKind("a PDF", PAGES),
    b"%!PS": POSTSCRIPT,
    b"\xc5\xd0\xd3\xc6": POSTSCRIPT,
    b"FUJIFILMCCD-RAW": RAW,
    b"IIU\0": RAW,  # Panasonic
    b"IIRO": RAW,  # Olympus
    b"IIRS": RAW,
    b"MMOR": RAW,
    b"FOVb": RAW,  # Sigma
    b"\0MRM": RAW,  # Minolta
    b"II\x1a\0\0\0HEAPCCDR": RAW,  # Canon
    b"gimp xcf": UnreadableKind("a GIMP file", "export it as a TIFF"),
    b"II\xbc": UnreadableKind("a JPEG XR"),
    b"\0\0\1\0": UnreadableKind("an icon"),
    b"\0\0\2\0": UnreadableKind("a cursor"),
    b"icns": UnreadableKind("an icon"),
    b"DDS ": UnreadableKind("a DDS texture"),
    b"v/1\1": UnreadableKind("an OpenEXR"),
    b"#?RADIANCE": UnreadableKind("a Radiance HDR"),
    b"#?RGBE": UnreadableKind("a Radiance HDR"),
    b"SDPX": UnreadableKind("a DPX"),
    b"XPDS": UnreadableKind("a DPX"),
    b"SIMPLE  =": UnreadableKind("a FITS"),
    b"AT&TFORM": UnreadableKind("a DjVu", "save its pages as TIFF or PNG"),
    b"BPG\xfb": UnreadableKind("a BPG"),
    b"FLIF": UnreadableKind("a FLIF"),
    b"qoif": UnreadableKind("a QOI"),
    b"\x0a\x05\x01": UnreadableKind("a PCX"),
    b"\x59\xa6\x6a\x95": UnreadableKind("a Sun raster"),
    b"P7\n": UnreadableKind("a PAM", "convert it to PPM, PNG or TIFF"),
    b"PF\n": UnreadableKind("a PNM of floating point", CONVERT + " of 16 bits"),
    b"Pf\n": UnreadableKind("a PNM of floating point", CONVERT + " of 16 bits"),
    b"/* XPM */": UnreadableKind("an XPM"),
    b"\xd7\xcd\xc6\x9a": WINDOWS_METAFILE,
    b"\x1a\x45\xdf\xa3": VIDEO,
    b"\0\0\1\xba": VIDEO,
    b"\0\0\1\xb3": VIDEO,
    b"\x30\x26\xb2\x75": VIDEO,
    b"FLV\1": VIDEO,
    b"OggS": VIDEO,
    b"PK\3\4": ARCHIVE,
    b"\x1f\x8b": ARCHIVE,
    b"BZh": ARCHIVE,
    b"\xfd7zXZ\0": ARCHIVE,
    b"\x28\xb5\x2f\xfd": ARCHIVE,
    b"7z\xbc\xaf": ARCHIVE,
    b"Rar!": ARCHIVE,
    b"\0\5\x16\7": UnreadableKind("what macOS keeps beside a file", LOOK),
    b"version https://git-lfs": UnreadableKind(
        "a pointer of Git LFS", "fetch the file with git lfs pull"
    ),
}
INSIDE: dict[bytes, UnreadableKind] = {
    rb"RIFF....(?:AVI |WAVE)": VIDEO,
    rb"....ftypcrx ": RAW,
    rb"....ftyp(?:isom|iso[2-9]|mp4|M4V|qt  |avc1|dash|3g|MSNV|XAVC)": VIDEO,
    rb"....(?:moov|mdat|wide|free)": VIDEO,
    rb".{128}DICM": UnreadableKind("a DICOM"),
    rb".{257}ustar": ARCHIVE,
    rb"\s*(?:<svg|<(?:\?xml|!--|!doctype svg).*<svg)": UnreadableKind("an SVG", DRAW),
    rb"\s*<(?:!doctype html|html)": UnreadableKind("a web page", LOOK),
    rb".{0,1000}%PDF-1": UnreadableKind("a PDF", PAGES),
}
"""Kinds by regular expressions that match the start of a file."""


def unsupported(head: bytes) -> UnreadableKind | None:
    """The kind of a file that cannot be read, by its first HEAD bytes; None: it is unknown."""
    head = head.removeprefix(codecs.BOM_UTF8)
    for beginning, kind in BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    for inside, kind in INSIDE.items():
        if re.match(inside, head, re.DOTALL | re.IGNORECASE):
            return kind
    return None


HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
"""Sizes of the second header, which differ between versions of BMP."""
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
JPEG_2000 = (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
JPEG_XL = (b"\0\0\0\x0cJXL \r\n\x87\n", b"\xff\x0a")


def _brands(head: bytes) -> tuple[bytes, ...]:
    """The brands of an ISO base media file, such as HEIC: its own, and compatible ones."""
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
    """Find the format of a file.

    Args:
        name: for messages.
        head: the first HEAD bytes of the file.

    Raises:
        UnreadablePicture: the file is empty, or of a format that cannot be read.
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
