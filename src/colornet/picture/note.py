"""The note in XMP that the colors are computed, and by what."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyvips

from colornet.picture.attachments import without_claims
from colornet.picture.provenance import Provenance
from colornet.picture.sources import peek

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


def noted(xmp: bytes, made: Provenance | None = None) -> bytes:
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
