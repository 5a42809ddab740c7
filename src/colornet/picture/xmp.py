"""What XMP says of how a picture is stored, made true of a result that is upright.

Adobe, XMP specification part 2: the namespaces tiff, exif and xmp. Everything else stays as it is,
byte for byte.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

TIFF = "http://ns.adobe.com/tiff/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
BASIC = "http://ns.adobe.com/xap/1.0/"
MAX_PREFIXES = 8
"""That one namespace may go by."""
MOST = 500
"""Characters of a number with all its tags."""
QUOTED = r"""(?:"[^"]*"|'[^']*')"""


def upright(packet: bytes, width: int, height: int) -> bytes:
    """XMP for a picture of that size that needs no turning; thumbnails are left out.

    Args:
        packet: of the source, in UTF-8; what is none stays as it is.
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    try:
        text = packet.decode()
    except UnicodeDecodeError:
        return packet
    stored = {"Orientation": 1, "ImageWidth": width, "ImageLength": height}
    text = _with_values(text, TIFF, stored)
    text = _with_values(text, EXIF, {"PixelXDimension": width, "PixelYDimension": height})
    for prefix in _prefixes(text, BASIC):
        text = _without_element(text, f"{prefix}Thumbnails")
    return text.encode()


def _prefixes(packet: str, namespace: str) -> list[str]:
    """Those that stand for it, with their colon; none for the default namespace."""
    declared = re.compile(rf"""\sxmlns(?::([\w.-]+))?\s*=\s*["']{re.escape(namespace)}["']""")
    found = dict.fromkeys(prefix + ":" if prefix else "" for prefix in declared.findall(packet))
    return list(found)[:MAX_PREFIXES]


def _with_values(packet: str, namespace: str, values: Mapping[str, int]) -> str:
    """The same with other values where it has any, as attributes or elements."""
    for prefix in _prefixes(packet, namespace):
        for name, value in values.items():
            full = re.escape(prefix + name)
            element = rf"<({full})(?=[\s>])([^<>]{{0,{MOST}}})>.{{0,{MOST}}}?</\1\s*>"
            packet = re.sub(element, functools.partial(_element, value), packet, flags=re.DOTALL)
            if prefix:
                packet = re.sub(rf"(\s{full}\s*=\s*){QUOTED}", rf'\g<1>"{value}"', packet)
    return packet


def _element(value: int, found: re.Match[str]) -> str:
    """Of its attributes, what declares namespaces stays."""
    declared = "".join(re.findall(rf"\sxmlns(?::[\w.-]+)?\s*=\s*{QUOTED}", found[2]))
    return f"<{found[1]}{declared}>{value}</{found[1]}>"


def _without_element(packet: str, name: str) -> str:
    """The same without these elements and all in them."""
    start = re.compile(rf"<{re.escape(name)}(?=[\s>])[^<>]*>")
    end = re.compile(rf"</{re.escape(name)}\s*>")
    kept, at = [], 0
    while (first := start.search(packet, at)) and (last := end.search(packet, first.end())):
        kept.append(packet[at : first.start()])
        at = last.end()
    return "".join(kept) + packet[at:]
