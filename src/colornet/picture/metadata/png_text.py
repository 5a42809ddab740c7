"""A PNG's text, copied byte for byte, since libvips reads all of it as ASCII.

PNG, third edition, section 11.3.3: tEXt and zTXt hold Latin-1, iTXt holds UTF-8, anywhere between
header and end.
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import pyvips

from colornet.notices import Notice
from colornet.picture.formats import first_of
from colornet.stopping import checkpoint

SIGNATURE = 8
HEADER = SIGNATURE + 25
"""Bytes of a PNG's signature and header chunk."""
KINDS = (b"tEXt", b"zTXt", b"iTXt")
XMP = b"XML:com.adobe.xmp"
PROFILES = (b"Raw profile type exif", b"Raw profile type APP1", b"Raw profile type xmp")
"""Keywords under which ImageMagick stores EXIF and XMP, in hexadecimal."""
DAMAGED = Notice("text-damaged", "some of its text is damaged, and is left out")
MAX_BYTES = 1 << 24
"""Most bytes of all text, before and after decompression; what is beyond counts as damaged."""


class Text(NamedTuple):
    """The text of a PNG, and what else only its chunks tell.

    Attributes:
        chunks: the type and body of each intact chunk of text, except for XMP.
        xmp: the XMP packet.
        damaged: the number of damaged chunks.
        frames: the frames of an animation; 1: it is none.
        has_profile: whether there is a color profile, which may be damaged.
    """

    chunks: tuple[bytes, ...] = ()
    xmp: bytes | None = None
    damaged: int = 0
    frames: int = 1
    has_profile: bool = False

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices of damaged text and of an animation."""
        return (DAMAGED,) * bool(self.damaged) + first_of(self.frames)

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keywords of the text, each once, in order."""
        names = (chunk[4:].partition(b"\0")[0].decode("latin-1") for chunk in self.chunks)
        return tuple(dict.fromkeys(names))

    def upright(self) -> Text:
        """The text without EXIF and XMP, which may have an orientation that no longer applies."""
        kept = tuple(c for c in self.chunks if c[4:].partition(b"\0")[0] not in PROFILES)
        return self._replace(chunks=kept)


def text_of(file: BinaryIO) -> Text:
    """Read the text of a PNG, before and after its pixels."""
    chunks: list[bytes] = []
    xmp, damaged, room, frames, has_profile = None, 0, MAX_BYTES, 1, False
    for kind, at, size in _chunks(file):
        if kind == b"acTL":
            file.seek(at)
            frames = int.from_bytes(file.read(4), "big")
        has_profile |= kind == b"iCCP"
        if kind not in KINDS:
            continue
        body = b""
        if size <= room:
            file.seek(at)
            body = file.read(size)
        try:
            if zlib.crc32(kind + body) != struct.unpack(">I", file.read(4))[0]:
                raise ValueError("wrong checksum")
            text = _text(kind, body, room)
        except (ValueError, struct.error, zlib.error):
            damaged += 1
            continue
        room -= max(size, len(text))
        if body.startswith(XMP + b"\0"):
            xmp = xmp or text
        else:
            chunks.append(kind + body)
    return Text(tuple(chunks), xmp, damaged, frames, has_profile)


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The type, offset and size of the body of each complete chunk."""
    at = SIGNATURE
    while True:
        checkpoint()
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        yield kind, at + 8, size
        at += 12 + size


def _text(kind: bytes, body: bytes, room: int) -> bytes:
    """The encoded text of a chunk; raises ValueError or zlib.error if it is damaged."""
    keyword, zero, rest = body.partition(b"\0")
    if not zero or not 1 <= len(keyword) <= 79:
        raise ValueError("no keyword")
    packed = kind == b"zTXt"
    if kind == b"zTXt":
        method, rest = rest[:1], rest[1:]
    if kind == b"iTXt":
        packed, method, rest = rest[:1] == b"\1", rest[1:2], rest[2:]
        language, _, rest = rest.partition(b"\0")
        translated, zero, rest = rest.partition(b"\0")
        if not zero or not language.isascii():
            raise ValueError("cut off")
        translated.decode()
    if packed:
        if method != b"\0":
            raise ValueError("unknown compression")
        unpacker = zlib.decompressobj()
        rest = unpacker.decompress(rest, max(room, 1))  # 0 would be no limit
        if not unpacker.eof:
            raise ValueError("cut off, or too long")
    if kind == b"iTXt":
        rest.decode()
    return rest


def xmp_chunk(packet: bytes) -> bytes:
    """The type and body of a chunk of XMP, which the standard wants uncompressed."""
    return b"iTXt" + XMP + bytes(5) + packet


@contextlib.contextmanager
def behind_header(file: BinaryIO, chunks: tuple[bytes, ...]) -> Iterator[pyvips.Target]:
    """A target for libvips that inserts chunks after the PNG's header.

    Args:
        file: the file to write.
        chunks: the type and body of each chunk.

    Raises:
        OSError: writing failed.
    """
    added = b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )
    head = bytearray()
    failed: list[BaseException] = []

    def write(data: bytes) -> int:
        out = memoryview(data)
        if len(head) < HEADER:
            missing = HEADER - len(head)
            head.extend(out[:missing])
            if len(head) < HEADER:
                return len(data)
            out = memoryview(bytes(head) + added + bytes(out[missing:]))
        try:
            while out:
                out = out[file.write(out) :]
        except BaseException as error:  # it cannot pass through libvips
            failed.append(error)
            return -1
        return len(data)

    target = pyvips.TargetCustom()
    target.on_write(write)
    try:
        yield target
    finally:
        if failed:
            raise failed[0] from None
