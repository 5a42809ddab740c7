"""Invalid tags that do not affect a TIFF's pixels, but make libtiff refuse it: corrected."""

from __future__ import annotations

import contextlib
import io
import mmap
import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyvips

from colornet.notices import Notice
from colornet.picture.tiff.directories import DAMAGE, SHORT, Header, read_header, unpack
from colornet.stopping import checkpoint

USUAL = {274: (range(1, 9), 1), 296: (range(1, 4), 2)}
"""Orientation and resolution unit: valid values, and the default."""
MAX_DIRECTORIES = 1000
MAX_TAGS = 4096
MOST = 4  # entries of the same tag that are corrected; libtiff uses the first
REPAIRED = Notice("tags-ignored", "its orientation or resolution is invalid, and is ignored")

Repairs = dict[int, bytes]
"""New bytes by offset."""


def repairs(file: BinaryIO) -> Repairs:
    """The changes that make the orientation and resolution tags valid."""
    found: Repairs = {}
    with contextlib.suppress(*DAMAGE):
        header = read_header(file)
        for offset in _directories(file, header):
            found |= _repairs_of(file, header, offset)
    return found


def _directories(file: BinaryIO, header: Header) -> Iterator[int]:
    """Offsets of the directories in the chain."""
    layout, size, count = ("Q", 20, "Q") if header.big else ("I", 12, "H")
    offset, seen = header.first, set[int]()
    while offset and offset not in seen and len(seen) < MAX_DIRECTORIES:
        seen.add(offset)
        yield offset
        file.seek(offset)
        (tags,) = unpack(file, header.order + count)
        file.seek(offset + struct.calcsize(count) + size * min(tags, MAX_TAGS))
        (offset,) = unpack(file, header.order + layout)


def _repairs_of(file: BinaryIO, header: Header, offset: int) -> Repairs:
    checkpoint()
    count, size, value_at = ("Q", 20, 12) if header.big else ("H", 12, 8)
    found: Repairs = {}
    file.seek(offset)
    (tags,) = unpack(file, header.order + count)
    start = file.tell()
    block = file.read(size * min(tags, MAX_TAGS))
    words = np.frombuffer(block, f"{header.order}u2", len(block) // size * (size // 2))
    entries = words.reshape(-1, size // 2)
    tags_found, kinds, values = (entries[:, k] for k in (0, 1, value_at // 2))
    for tag, (legal, usual) in USUAL.items():
        wrong = (values < legal.start) | (values >= legal.stop)
        for index in np.flatnonzero((tags_found == tag) & (kinds == SHORT) & wrong)[:MOST].tolist():
            at = start + index * size + value_at
            found[at] = struct.pack(header.order + "H", usual)
    return found


def repaired(file: BinaryIO, changes: Repairs) -> pyvips.Source:
    """The file with these changes, which are made in memory only."""
    if isinstance(file, io.BytesIO):
        data: bytearray | mmap.mmap = bytearray(file.getvalue())
    else:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    for at, value in changes.items():
        data[at : at + len(value)] = value
    return pyvips.Source.new_from_memory(data)
