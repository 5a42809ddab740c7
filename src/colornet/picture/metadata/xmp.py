"""XMP: true of a result that is upright, with the note that its colors are computed.

Adobe, XMP specification part 2: the namespaces tiff, exif and xmp. Everything else stays as it is,
byte for byte.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyvips

from colornet.picture.files import peek
from colornet.picture.metadata.attachments import without_claims
from colornet.picture.metadata.provenance import Provenance

IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's words for: a trained algorithm made a part of the picture."""
XMP = "http://ns.adobe.com/xap/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ESCAPES = str.maketrans({c: f"&#{ord(c)};" for c in "\t\n\r'\"&<>"})
"""What XML has for characters that end or change the value of an attribute."""

NOTE = re.compile(
    rf'<rdf:Description xmlns:rdf="{re.escape(RDF)}" rdf:about=""'
    rf' xmlns:Iptc4xmpExt="{re.escape(IPTC_EXTENSION)}"[^<>]*/>'
)
"""A note of ours."""
ENTRY = r"""\s{0}\s*=\s*("[^"]*"|'[^']*')|<({0})\b[^<>]*(?:/>|>([^<]*)</\2\s*>)"""
"""A property of XMP, as an attribute or as an element."""
SOURCE_TYPES = re.compile(ENTRY.format(r"[\w.-]+:DigitalSourceType"))
CREATOR_TOOLS = re.compile(ENTRY.format(r"(?:xmp|xap):CreatorTool"))


def is_usable(xmp: bytes) -> bool:
    """Whether the note can be put into it; what is none is replaced."""
    try:
        return bool(re.search(r"</?(?:[\w.-]+:)?(?:RDF|xmpmeta)\b", xmp.decode()))
    except UnicodeDecodeError:
        return False


def with_note(xmp: bytes, made: Provenance | None = None) -> bytes:
    """XMP with the note in it; everything else stays as it is, byte for byte.

    Args:
        xmp: a packet in UTF-8; what is none is replaced.
        made: how the picture was colored, which becomes its CreatorTool, with the source's in it;
            None: the source's stays.
    """
    try:
        text = without_claims(xmp.decode())
    except UnicodeDecodeError:
        text = ""
    before = creator_tool(text.encode())
    text = SOURCE_TYPES.sub("", NOTE.sub("", text))
    if made:
        earlier = Provenance.from_text(before)  # the source was colored, too
        made = replace(made, before=earlier.before if earlier else before)
        text = CREATOR_TOOLS.sub("", text)
    note = _note(made)
    described = f'<rdf:RDF xmlns:rdf="{RDF}">{note}</rdf:RDF>'
    for element, added in (("RDF", note), ("xmpmeta", described)):
        empty = re.compile(rf"<((?:[\w.-]+:)?{element})\b([^<>]*)/>")
        text = empty.sub(r"<\1\2></\1>", text)
        ends = list(re.finditer(rf"</(?:[\w.-]+:)?{element}\s*>", text))
        if ends:
            end = ends[-1].start()
            return (text[:end] + added + text[end:]).encode()
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{described}</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def provenance(path: Path) -> Provenance | None:
    """How a file was colored; None: it does not say so, or cannot be read."""
    try:
        if not path.is_file():  # reading a pipe might never end
            return None
        with peek(path) as file:
            source = pyvips.Source.new_from_descriptor(file.fileno())
        image = pyvips.Image.new_from_source(source, "", access="sequential")
        return Provenance.from_text(creator_tool(bytes(image.get("xmp-data"))))
    except (pyvips.Error, OSError, ValueError):
        return None


def creator_tool(xmp: bytes) -> str:
    """The CreatorTool, or "" if there is none."""
    import html  # its table of names takes a while, and few pictures have a note

    found = CREATOR_TOOLS.search(xmp.decode(errors="replace"))
    if not found:
        return ""
    attribute, _, element = found.groups()
    return html.unescape(attribute[1:-1] if attribute else element or "").strip()


def _note(made: Provenance | None) -> str:
    by = f' xmlns:xmp="{XMP}" xmp:CreatorTool="{_attribute(made.text)}"' if made else ""
    return (
        f'<rdf:Description xmlns:rdf="{RDF}" rdf:about="" xmlns:Iptc4xmpExt="{IPTC_EXTENSION}"'
        f' Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"{by}/>'
    )


def _attribute(text: str) -> str:
    """Text as the value of an XML attribute."""
    return text.translate(ESCAPES)


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
