"""TIFF's directories, read and written: tags with values, in TIFF files and in EXIF.

TIFF 6.0, section 2; BigTIFF differs only in the width of counts and offsets. Directories are
written little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

BYTE, SHORT, LONG, UNDEFINED, LONG8 = 1, 3, 4, 7, 16
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4} | {
    16: 8,
    17: 8,
    18: 8,
}
"""Bytes of one value, by type."""
WORDS = SIZES | {5: 4, 10: 4}
"""Bytes that are swapped together, by type: a rational is two words of four."""
DAMAGE = (struct.error, ValueError, OverflowError)
"""Errors that reading a damaged directory raises."""
MAX_BYTES = 1 << 24
"""Most bytes of a directory's values; a file with more counts as damaged."""


@dataclass(frozen=True)
class Value:
    """The value of a tag: its type, its bytes, little-endian, and their offset in the file."""

    type: int
    data: bytes
    at: int = field(default=0, compare=False)

    @classmethod
    def numbers(cls, type: int, *values: int) -> Value:
        """A value of type SHORT, LONG or LONG8."""
        return cls(type, np.array(values, f"<u{SIZES[type]}").tobytes())

    @property
    def number(self) -> int:
        """The first number of an unsigned type."""
        return int.from_bytes(self.data[: SIZES[self.type]], "little")

    @property
    def all_numbers(self) -> tuple[int, ...]:
        """All numbers of an unsigned type."""
        return tuple(np.frombuffer(self.data, f"<u{SIZES[self.type]}").tolist())


Directory: TypeAlias = "Mapping[int, Value | Directory]"
"""Values by tag; a nested directory is stored by its offset."""


class Header(NamedTuple):
    """The byte order of a file, and the offset of its first directory."""

    order: str  # of struct: < or >
    big: bool
    first: int

    @property
    def first_at(self) -> int:
        """The position at which the offset of the first directory is stored."""
        return 8 if self.big else 4


def read_header(file: BinaryIO) -> Header:
    """Read a TIFF's header; raise one of DAMAGE if there is none."""
    file.seek(0)
    start = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(start[:2])
    if order is None:
        raise ValueError("no TIFF")
    big = struct.unpack_from(f"{order}H", start, 2)[0] == 43
    first = struct.unpack_from(f"{order}{'Q' if big else 'I'}", start, 8 if big else 4)[0]
    return Header(order, big, first)


def read_directory(
    file: BinaryIO,
    header: Header,
    offset: int,
    wanted: Collection[int] | None = None,
    max_bytes: int = MAX_BYTES,
) -> tuple[dict[int, Value], int]:
    """Read a directory's values, and the offset of the next directory, 0 after the last.

    Args:
        file: the TIFF.
        header: its header.
        offset: of the directory.
        wanted: the tags to read; None: all of them.
        max_bytes: of the values that are read.

    Raises:
        DAMAGE: it is damaged.
    """
    order = header.order
    count_layout, entry_layout = ("Q", "HHQ8s") if header.big else ("H", "HHI4s")
    offset_layout = "Q" if header.big else "I"
    file.seek(offset)
    (count,) = unpack(file, order + count_layout)
    if count > 4096:
        raise ValueError("too many tags")
    first, size = file.tell(), struct.calcsize(order + entry_layout)
    block = file.read(count * size)
    if len(block) < count * size:
        raise ValueError("cut off")
    (following,) = unpack(file, order + offset_layout)
    values: dict[int, Value] = {}
    total = 0
    for index in _first_of_each(np.frombuffer(block, f"{order}u2")[:: size // 2], wanted):
        tag, type, number, inline = struct.unpack_from(order + entry_layout, block, index * size)
        end = first + (index + 1) * size
        length = SIZES.get(type, 0) * number
        total += length
        if total > max_bytes:
            raise ValueError("too many values")
        if length == 0:
            continue
        if length > len(inline):
            (at,) = struct.unpack(order + offset_layout, inline)
            file.seek(at)
            data = file.read(length)
            if len(data) < length:
                raise ValueError("cut off")
        else:
            at, data = end - len(inline), inline[:length]
        if order == ">":
            data = np.frombuffer(data, f"u{WORDS[type]}").byteswap().tobytes()
        values[tag] = Value(type, data, at)
    return values, following


def _first_of_each(tags: NDArray[np.unsignedinteger], wanted: Collection[int] | None) -> list[int]:
    """The index of each wanted tag's first entry, which is the one that libtiff uses."""
    backward = range(len(tags) - 1, -1, -1)
    first = dict(zip(tags[::-1].tolist(), backward, strict=True))  # the last one that is set
    return sorted(index for tag, index in first.items() if wanted is None or tag in wanted)


def unpack(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    """Values at the file's position; raises one of `DAMAGE` at its end."""
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def pack_directory(directory: Directory, at: int, big: bool = False, following: int = 0) -> bytes:
    """The bytes of a directory at the offset `at`, then those of its values and nested ones."""
    count_layout, entry_layout, offset_layout = (
        ("<Q", "<HHQ", "<Q") if big else ("<H", "<HHI", "<I")
    )
    room = struct.calcsize(offset_layout)
    head = struct.pack(count_layout, len(directory))
    tail_at = at + len(head) + len(directory) * (struct.calcsize(entry_layout) + room) + room
    tail = b""
    for tag, value in sorted(directory.items()):
        if not isinstance(value, Value):
            inner_at = tail_at + len(tail)
            tail += pack_directory(value, inner_at, big)
            tail += b"\0" * (len(tail) % 2)
            value = Value.numbers(LONG8 if big else LONG, inner_at)
        head += struct.pack(entry_layout, tag, value.type, len(value.data) // SIZES[value.type])
        if len(value.data) <= room:
            head += value.data.ljust(room, b"\0")
        else:
            head += struct.pack(offset_layout, tail_at + len(tail))
            tail += value.data + b"\0" * (len(value.data) % 2)
    return head + struct.pack(offset_layout, following) + tail
