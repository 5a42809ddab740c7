"""The XMP of a result: its size and orientation, and the note that its colors are computed.

Namespaces are those of Adobe's XMP specification, part 2. All else is copied byte for byte.
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
"""IPTC's term for a picture of which a trained algorithm made a part."""
XMP = "http://ns.adobe.com/xap/1.0/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
MAX_PREFIXES = 8
"""Most prefixes of one namespace."""
MOST = 500
"""Most characters of a number with its tags."""
QUOTED = r"""(?:"[^"]*"|'[^']*')"""
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ESCAPES = str.maketrans({c: f"&#{ord(c)};" for c in "\t\n\r'\"&<>"})
"""XML escapes of characters that would end or change the value of an attribute."""

NOTE = (
    rf'<rdf:Description xmlns:rdf="{re.escape(RDF)}" rdf:about=""'
    rf' xmlns:Iptc4xmpExt="{re.escape(IPTC_EXTENSION)}"[^<>]*/>'
)
"""A note written by colornet."""
ENTRY = r"""\s{0}\s*=\s*("[^"]*"|'[^']*')|<({0})\b[^<>]*(?:/>|>([^<]*)</\2\s*>)"""
"""A property of XMP, as an attribute or an element."""
SOURCE_TYPES = ENTRY.format(r"[\w.-]+:DigitalSourceType")
CREATOR_TOOLS = ENTRY.format(r"(?:xmp|xap):CreatorTool")


def is_usable(xmp: bytes) -> bool:
    """Whether the note can be added to this packet."""
    try:
        return bool(re.search(r"</?(?:[\w.-]+:)?(?:RDF|xmpmeta)\b", xmp.decode()))
    except UnicodeDecodeError:
        return False


def with_note(xmp: bytes, made: Provenance | None = None) -> bytes:
    """Add the note to XMP; everything else is kept byte for byte.

    Args:
        xmp: a packet in UTF-8; an unusable one is replaced.
        made: how the picture was colored, which becomes its CreatorTool and includes the source's;
            None: the source's stays.
    """
    if not xmp:
        return _packet(_note(made))
    try:
        text = without_claims(xmp.decode())
    except UnicodeDecodeError:
        text = ""
    before = creator_tool(text.encode())
    text = re.sub(SOURCE_TYPES, "", re.sub(NOTE, "", text))
    if made:
        earlier = Provenance.from_text(before)  # the source was colored before
        made = replace(made, before=earlier.before if earlier else before)
        text = re.sub(CREATOR_TOOLS, "", text)
    note = _note(made)
    for element, added in (("RDF", note), ("xmpmeta", _described(note))):
        text = re.sub(rf"<((?:[\w.-]+:)?{element})\b([^<>]*)/>", r"<\1\2></\1>", text)
        ends = list(re.finditer(rf"</(?:[\w.-]+:)?{element}\s*>", text))
        if ends:
            end = ends[-1].start()
            return (text[:end] + added + text[end:]).encode()
    return _packet(note)


def provenance(path: Path) -> Provenance | None:
    """Read how a file was colored; None: it has no note, or cannot be read."""
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
    """The CreatorTool of a packet; empty if there is none."""
    found = re.search(CREATOR_TOOLS, xmp.decode(errors="replace"))
    if not found:
        return ""
    import html  # slow to import, and few pictures have a note

    attribute, _, element = found.groups()
    return html.unescape(attribute[1:-1] if attribute else element or "").strip()


def _note(made: Provenance | None) -> str:
    by = f' xmlns:xmp="{XMP}" xmp:CreatorTool="{_attribute(made.text)}"' if made else ""
    return (
        f'<rdf:Description xmlns:rdf="{RDF}" rdf:about="" xmlns:Iptc4xmpExt="{IPTC_EXTENSION}"'
        f' Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"{by}/>'
    )


def _described(note: str) -> str:
    return f'<rdf:RDF xmlns:rdf="{RDF}">{note}</rdf:RDF>'


def _packet(note: str) -> bytes:
    """A packet that holds only the note."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{_described(note)}</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _attribute(text: str) -> str:
    """Escape text for an XML attribute."""
    return text.translate(ESCAPES)


def upright(packet: bytes, width: int, height: int) -> bytes:
    """XMP with the size of an upright result, and without thumbnails.

    Args:
        packet: the source's XMP, in UTF-8; other data are returned unchanged.
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    try:
        text = packet.decode()
    except UnicodeDecodeError:
        return packet
    if not text:
        return packet
    stored = {"Orientation": 1, "ImageWidth": width, "ImageLength": height}
    text = _with_values(text, TIFF, stored)
    text = _with_values(text, EXIF, {"PixelXDimension": width, "PixelYDimension": height})
    for prefix in _prefixes(text, XMP):
        text = _without_element(text, f"{prefix}Thumbnails")
    return text.encode()


def _prefixes(packet: str, namespace: str) -> list[str]:
    """The prefixes of a namespace, with colon; empty for the default namespace."""
    declared = re.compile(rf"""\sxmlns(?::([\w.-]+))?\s*=\s*["']{re.escape(namespace)}["']""")
    found = dict.fromkeys(prefix + ":" if prefix else "" for prefix in declared.findall(packet))
    return list(found)[:MAX_PREFIXES]


def _with_values(packet: str, namespace: str, values: Mapping[str, int]) -> str:
    """Replace the values of properties that the packet has, as attributes or elements."""
    for prefix in _prefixes(packet, namespace):
        for name, value in values.items():
            full = re.escape(prefix + name)
            element = rf"<({full})(?=[\s>])([^<>]{{0,{MOST}}})>.{{0,{MOST}}}?</\1\s*>"
            packet = re.sub(element, functools.partial(_element, value), packet, flags=re.DOTALL)
            if prefix:
                packet = re.sub(rf"(\s{full}\s*=\s*){QUOTED}", rf'\g<1>"{value}"', packet)
    return packet


def _element(value: int, found: re.Match[str]) -> str:
    """The element with this value, and of its attributes only namespace declarations."""
    declared = "".join(re.findall(rf"\sxmlns(?::[\w.-]+)?\s*=\s*{QUOTED}", found[2]))
    return f"<{found[1]}{declared}>{value}</{found[1]}>"


def _without_element(packet: str, name: str) -> str:
    """Remove elements of this name with their content."""
    start = re.compile(rf"<{re.escape(name)}(?=[\s>])[^<>]*>")
    end = re.compile(rf"</{re.escape(name)}\s*>")
    kept, at = [], 0
    while (first := start.search(packet, at)) and (last := end.search(packet, first.end())):
        kept.append(packet[at : first.start()])
        at = last.end()
    return "".join(kept) + packet[at:]
