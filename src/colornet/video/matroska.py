"""The aspect of pixels in Matroska and WebM films whose codec has no place for it.

PyAV cannot tell it to FFmpeg's writer, which leaves DisplayWidth out. Here it is added, in the room
of what the list of tracks can do without: its checksum, and lengths in more bytes than they need.
All else stays where it is. The elements are those of RFC 9559.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

SEGMENT, TRACKS, CHECKSUM = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xbf"
ENTRY, VIDEO, WIDTH, DISPLAY_WIDTH = b"\xae", b"\xe0", b"\xb0", b"\x54\xb0"
DISPLAY_UNIT, PIXELS, VOID = b"\x54\xb2", b"\x00", b"\xec"
HEAD = 1 << 20
"""Bytes within which the list of tracks ends."""


def set_pixel_aspect(path: Path, aspect: Fraction) -> bool:
    """Write the aspect of a film's pixels, width to height.

    Args:
        path: of a film that FFmpeg wrote, with pictures as its first stream.
        aspect: of a pixel.

    Returns:
        Whether there was room for it.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("r+b") as file:
        head = file.read(HEAD)
        try:
            start, end = _place(head, SEGMENT, 0, len(head))
            start, end = _place(head, TRACKS, start, len(head))
            tracks = _with_aspect(head[start:end], aspect)
        except (StopIteration, IndexError, ValueError):
            return False
        if len(tracks) != end - start:
            return False
        file.seek(start)
        file.write(tracks)
    return True


def _with_aspect(tracks: bytes, aspect: Fraction) -> bytes:
    """The list of tracks, of the same length; empty: there is no room."""
    elements = [(name, tracks[a:b]) for name, a, b in _elements(tracks, 0, len(tracks))]
    first = next(k for k, (name, _) in enumerate(elements) if name == ENTRY)
    for length in (2, 3):  # bytes of the width; what is left is no void element if it is one byte
        changed = list(elements)
        changed[first] = (ENTRY, _entry(elements[first][1], aspect, length))
        told = b"".join(_written(*one) for one in changed if one[0] != CHECKSUM)
        left = len(tracks) - len(told)
        if left == 0 or left >= 2:
            return told + (_written(VOID, bytes(left - 2)) if left else b"")
    return b""


def _entry(entry: bytes, aspect: Fraction, length: int) -> bytes:
    parts = []
    for name, start, end in _elements(entry, 0, len(entry)):
        value = entry[start:end]
        if name == VIDEO:
            own = [(n, value[a:b]) for n, a, b in _elements(value, 0, len(value))]
            if DISPLAY_WIDTH in dict(own):
                raise ValueError("it has one")
            width = round(int.from_bytes(dict(own)[WIDTH]) * aspect)
            own = [(n, PIXELS if n == DISPLAY_UNIT else v) for n, v in own]
            own.append((DISPLAY_WIDTH, width.to_bytes(length)))
            value = b"".join(_written(*one) for one in own)
        parts.append(_written(name, value))
    return b"".join(parts)


def _place(data: bytes, name: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the content of the first element of a name begins and ends."""
    return next((a, b) for found, a, b in _elements(data, start, end) if found == name)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, and begin and end of the content, of the elements one after another."""
    while start < end:
        length = 9 - data[start].bit_length()
        name, at = data[start : start + length], start + length
        length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + length]) & ((1 << 7 * length) - 1)
        start = at + length + size
        yield name, at + length, start


def _written(name: bytes, content: bytes) -> bytes:
    """An element, its length in as few bytes as it needs."""
    length = next(n for n in range(1, 9) if len(content) < (1 << 7 * n) - 1)
    return name + (len(content) | 1 << 7 * length).to_bytes(length) + content
