"""Attachments of photographs by phones: gain maps, videos, depth maps, further pictures.

They belong to the original picture, so a result has none of them: a notice says so, and the
result's metadata no longer refers to them.
"""

from __future__ import annotations

import contextlib
import io
import re
import struct
from collections.abc import Callable
from typing import BinaryIO

from colornet.notices import Notice
from colornet.picture.decoding import jpeg
from colornet.picture.formats import Format, ReadOnly
from colornet.picture.tiff.directories import DAMAGE, read_directory, read_header

GAIN_MAP = Notice(
    "gain-map-left-out",
    "its HDR gain map is left out, and the result has the standard range of brightness",
)
VIDEO = Notice("video-left-out", "its video is left out")
DEPTH_MAP = Notice("depth-map-left-out", "its depth map is left out")
FURTHER = Notice("further-pictures-left-out", "it holds further pictures, which are left out")

ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
"""The start of an APP2 segment in both pictures, by ISO 21496-1, annex C."""
XMP, MULTI_PICTURE = b"http://ns.adobe.com/xap/1.0/\0", b"MPF\0"
"""The start of segments of XMP and of CIPA DC-007, Multi-Picture Format."""
MP_ENTRIES = 0xB002
MP_KIND, MP_VIEWS = 0xFFFFFF, (0x020001, 0x020002, 0x020003)
"""The mask of an entry's type, and the types panorama, disparity and multi-angle."""
HEAD = 1 << 16  # bytes that hold the XMP of a further picture, or the directory of a HEIC
APPLE_AUXILIARY = b"urn:com:apple:photo:2020:aux:hdrgainmap"
"""The type of the gain map in Apple's HEIC; ISO 21496-1 uses the brand `tmap`."""

HDR_GAIN_MAP = "http://ns.adobe.com/hdr-gain-map/1.0/"
APPLE_GAIN_MAP = "http://ns.apple.com/HDRGainMap/1.0/"
CAMERA = "http://ns.google.com/photos/1.0/camera/"
DEPTH = "http://ns.google.com/photos/1.0/depthmap/"
CLAIMS: dict[str, tuple[str, ...]] = {
    HDR_GAIN_MAP: ("",),
    APPLE_GAIN_MAP: ("",),
    "http://ns.google.com/photos/1.0/container/": ("",),
    "http://ns.google.com/photos/1.0/container/item/": ("",),
    CAMERA: ("Motion", "MicroVideo"),
    DEPTH: ("",),
    "http://ns.google.com/photos/1.0/image/": ("",),
    "http://ns.google.com/photos/dd/1.0/device/": ("",),
    "http://ns.adobe.com/xmp/note/": ("HasExtendedXMP",),
}
"""XMP namespaces that describe attachments, with the prefixes of the names that do so."""

NAME = r"(?:[\w.-]+:)?[\w.-]+"
VALUE = r"""(?:"[^"<]*"|'[^'<]*')"""
ATTRIBUTE = rf"\s+({NAME})\s*=\s*{VALUE}"
TAG = rf"<(/?)({NAME})((?:\s+{NAME}\s*=\s*{VALUE})*)\s*(/?)>"


def attached(file: BinaryIO, format: Format | ReadOnly) -> tuple[Notice, ...]:
    """Notices of a file's attachments."""
    if format in ("avif", "heic"):
        file.seek(0)
        (size,) = struct.unpack(">I", file.read(4))
        rest = file.read(HEAD)
        return (GAIN_MAP,) if b"tmap" in rest[: size - 4] or APPLE_AUXILIARY in rest else ()
    return _attached_to_jpeg(file) if format == "jpeg" else ()


def _attached_to_jpeg(file: BinaryIO) -> tuple[Notice, ...]:
    found = set()
    with contextlib.suppress(KeyError, *DAMAGE):
        for marker, at, size in jpeg.segments(file):
            if marker not in (jpeg.APP1, jpeg.APP2):
                continue
            file.seek(at)
            body = file.read(size)
            if body.startswith(ISO_GAIN_MAP):
                found.add(GAIN_MAP)
            elif body.startswith(XMP):
                found |= _told_by(body)
            elif body.startswith(MULTI_PICTURE):
                found |= _further(file, at + len(MULTI_PICTURE), body[len(MULTI_PICTURE) :])
    return tuple(sorted(found, key=str))


def _told_by(xmp: bytes) -> set[Notice]:
    signs = {
        HDR_GAIN_MAP: GAIN_MAP,
        APPLE_GAIN_MAP: GAIN_MAP,
        DEPTH: DEPTH_MAP,
    }
    told = {what for namespace, what in signs.items() if namespace.encode() in xmp}
    if re.search(rb"""(MotionPhoto|MicroVideo)(\s*=\s*["']|>)1""", xmp):
        told.add(VIDEO)
    return told


def _further(file: BinaryIO, base: int, index: bytes) -> set[Notice]:
    """Notices of the pictures in a multi-picture file, whose offsets count from `base`."""
    blob = io.BytesIO(index)
    header = read_header(blob)
    entries = read_directory(blob, header, header.first)[0][MP_ENTRIES].data
    found = set()
    for attributes, _, offset, _, _ in struct.iter_unpack(f"{header.order}IIIHH", entries):
        if attributes & MP_KIND in MP_VIEWS and offset:
            found.add(FURTHER)
        elif offset:
            file.seek(base + offset)
            head = file.read(HEAD)
            if ISO_GAIN_MAP in head or APPLE_GAIN_MAP.encode() in head:
                found.add(GAIN_MAP)
    return found


def without_claims(xmp: str) -> str:
    """Remove what describes attachments from XMP, and nothing else."""
    beginnings = {
        prefix: CLAIMS[namespace]
        for prefix, namespace in re.findall(r"""xmlns:([\w.-]+)\s*=\s*["']([^"'<]*)["']""", xmp)
        if namespace in CLAIMS
    }
    if not beginnings:
        return xmp

    def claims(name: str) -> bool:
        prefix, _, local = name.partition(":")
        return prefix in beginnings and local.startswith(beginnings[prefix])

    kept = _without(xmp, claims)
    used = set(re.findall(r"[<\s]([\w.-]+):", kept))
    return re.sub(
        r"""\s+xmlns:([\w.-]+)\s*=\s*("[^"<]*"|'[^'<]*')""",
        lambda named: named[0] if named[1] in used or named[1] not in beginnings else "",
        kept,
    )


def _without(xml: str, unwanted: Callable[[str], bool]) -> str:
    """Remove elements and attributes by name; XML that is not well-formed stays unchanged."""
    kept = []
    at = depth = 0
    outer = ""
    for tag in re.finditer(TAG, xml):
        closing, name, attributes, empty = tag.groups()
        if depth:
            if name == outer and not empty:
                depth += -1 if closing else 1
            at = tag.end()
        elif not closing and unwanted(name):
            kept.append(xml[at : tag.start()])
            at, outer, depth = tag.end(), name, 0 if empty else 1
        elif any(unwanted(attribute[1]) for attribute in re.finditer(ATTRIBUTE, attributes)):
            wanted = (
                "" if unwanted(attribute[1]) else attribute[0]
                for attribute in re.finditer(ATTRIBUTE, attributes)
            )
            kept.append(xml[at : tag.start(3)] + "".join(wanted))
            at = tag.end(3)
    return xml if depth else "".join(kept) + xml[at:]
