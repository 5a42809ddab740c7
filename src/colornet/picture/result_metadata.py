"""Metadata that a result gets from its source, and the note that its colors are computed."""

from __future__ import annotations

import struct

import pyvips

from colornet.notices import Notice
from colornet.picture.decoding.vips_images import orientation
from colornet.picture.formats import Format
from colornet.picture.metadata import exif
from colornet.picture.metadata.exif import PHOTOSHOP, photoshop_resources
from colornet.picture.metadata.provenance import Provenance
from colornet.picture.metadata.xmp import upright, with_note
from colornet.picture.picture import Picture
from colornet.picture.tiff.directories import BYTE, Directory, Value

KEPT_FIELDS = ("exif-data", "resolution-unit")
"""Metadata fields that are copied unchanged."""

STALE_FIELDS = (
    *("orientation", "exif-ifd0-Orientation", "exif-ifd0-ImageWidth", "exif-ifd0-ImageLength"),
    *("exif-ifd1-", "jpeg-thumbnail-data"),
)
"""Fields that are not copied: the result is upright, and the embedded thumbnail is gray."""
SIDEWAYS = 4
"""Higher orientations exchange width and height."""

MAX_IN_JPEG = 65_000
"""Most bytes of metadata in one JPEG segment, with some room for its header."""
ROOM = 4096
"""Bytes that are reserved for the note."""

WITH_IPTC = ("jpeg", "tiff")
IPTC_RESOURCE = 0x0404


def with_metadata(
    image: pyvips.Image, picture: Picture, format: Format, made: Provenance | None = None
) -> pyvips.Image:
    """The result with the source's metadata and the note that the colors are computed.

    Args:
        image: the result.
        picture: the source.
        format: of the result.
        made: how it was colored, if that is to be noted.
    """
    source = picture.header()
    across, down = source.xres, source.yres
    if orientation(source) > SIDEWAYS:
        across, down = down, across
    result = image.copy(xres=across, yres=down)
    _remove(result, ("exif-", *KEPT_FIELDS, "xmp-data", "iptc-data", "photoshop-data"))
    if picture.exif is not None:
        result.set_type(pyvips.GValue.blob_type, "exif-data", picture.exif)
    for key in KEPT_FIELDS:
        if source.get_typeof(key):
            result.set_type(source.get_typeof(key), key, source.get(key))
    _remove(result, STALE_FIELDS)  # only now, since exif-data sets these fields too
    xmp = with_note(upright(_xmp(picture, source), picture.width, picture.height), made)
    if format == "jpeg" and len(xmp) > MAX_IN_JPEG:
        xmp = with_note(b"", made)
    result.set_type(pyvips.GValue.blob_type, "xmp-data", xmp)
    if format == "jpeg" and (iptc := iptc_records(picture, source)):
        result.set_type(pyvips.GValue.blob_type, "iptc-data", _wrapped(iptc))
    result.set_type(pyvips.GValue.gint_type, "orientation", 1)
    if picture.pages > 1:
        result.set_type(pyvips.GValue.gint_type, "page-height", picture.height)
    return result


def stripped(image: pyvips.Image, made: Provenance | None, keep_note: bool) -> pyvips.Image:
    """The result without metadata, except for the note that the colors are computed, if kept."""
    result = image.copy()
    _remove(result, ("exif-", "xmp-data", "iptc-data"))
    if keep_note:
        result.set_type(pyvips.GValue.blob_type, "xmp-data", with_note(b"", made))
    return result


def _xmp(picture: Picture, source: pyvips.Image) -> bytes:
    if source.get_typeof("xmp-data"):
        return bytes(source.get("xmp-data"))
    return picture.text.xmp or b""


def left_out(picture: Picture, source: pyvips.Image, format: Format) -> tuple[Notice, ...]:
    """Notices of the metadata that a result of this format cannot hold.

    Args:
        picture: the source.
        source: its header.
        format: of the result.
    """
    found = []
    name = format.upper()
    if picture.text.chunks and format != "png":
        keywords = ", ".join(picture.text.keywords)
        found.append(("text-left-out", f"its text ({keywords}) has no place in {name}"))
    if format not in WITH_IPTC and iptc_records(picture, source):
        found.append(("iptc-left-out", f"its IPTC has no place in {name}"))
    if format == "jpeg" and len(_xmp(picture, source)) > MAX_IN_JPEG - ROOM:
        found.append(("xmp-left-out", "its XMP is longer than a JPEG can hold"))
    exif_data = source.get("exif-data") if source.get_typeof("exif-data") else picture.exif or b""
    if format != "tiff" and len(exif_data) > MAX_IN_JPEG:
        found.append(("exif-left-out", "its EXIF is longer than 64 KB"))
    return tuple(Notice(code, f"{text}, and is left out") for code, text in found)


def of_later_pages(
    picture: Picture, made: Provenance | None, strip: bool = False, keep_note: bool = False
) -> list[Directory]:
    """The metadata of each page after the first, for `exif.add_to_tiff`.

    Args:
        picture: the source.
        made: how it was colored, if that is to be noted.
        strip: whether to keep only the resolution.
        keep_note: whether to keep the note even then.
    """
    found: list[Directory] = []
    for page in map(picture.page, range(1, picture.pages)):
        told: dict[int, Value | Directory] = {}
        if page.loader.file is not None:
            with page.loader.file() as file:
                told = exif.of_page(file, *page.loader.directories)
        if orientation(page.header()) > SIDEWAYS:
            across, down, _ = exif.RESOLUTION
            turned = {across: told.get(down), down: told.get(across)}
            told |= {tag: value for tag, value in turned.items() if value is not None}
        if strip:
            told = {tag: told[tag] for tag in exif.RESOLUTION if tag in told}
        if keep_note or not strip:
            own = told.get(exif.XMP)
            xmp = own.data if isinstance(own, Value) else b""
            xmp = with_note(upright(xmp, picture.width, picture.height), made)
            told[exif.XMP] = Value(BYTE, xmp)
        found.append(told)
    return found


def _remove(image: pyvips.Image, beginnings: tuple[str, ...]) -> None:
    for key in image.get_fields():
        if key.startswith(beginnings):
            image.remove(key)


def iptc_records(picture: Picture, source: pyvips.Image) -> bytes:
    """The source's IPTC records.

    In JPEG they are one of Photoshop's resources. The others are not copied, since they describe
    the original picture, such as its thumbnail.
    """
    if picture.iptc is not None or not source.get_typeof("iptc-data"):
        return picture.iptc or b""
    return photoshop_resources(bytes(source.get("iptc-data")))[0].get(IPTC_RESOURCE, b"")


def _wrapped(records: bytes) -> bytes:
    head = struct.pack(">4sHHI", b"8BIM", IPTC_RESOURCE, 0, len(records))
    return PHOTOSHOP + head + records + b"\0" * (len(records) % 2)
