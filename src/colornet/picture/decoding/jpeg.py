"""A JPEG's segments, scans, and quality, which is estimated from its quantization table."""

from __future__ import annotations

import bisect
import contextlib
import functools
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from colornet.jpeg_table import STANDARD_LUMINANCE
from colornet.notices import Notice
from colornet.stopping import checkpoint

START_OF_SCAN = b"\xff\xda"
PIECE = 1 << 20
MARKER = re.compile(rb"\xff[^\x00\xff]")
WITHOUT_BODY = (0x01, *range(0xD0, 0xD8))
"""Markers: one for temporary use, and restarts."""
MEAN_STEP = 2.0  # times the steps of the coarsest detail, which the mean's never is
DETAIL_STEP, LARGE_STEP = 4, 16  # times the steps of its neighbors; and at least so large
STRAY_BYTES = Notice(
    "header-damaged",
    "may be damaged: bytes in its header belong to nothing; look at the result",
)
STRANGE_TABLE = Notice(
    "header-damaged",
    "may be damaged: its quantization table is unlike any encoder's; look at the result",
)
SOS, DQT, APP1, APP2 = 0xDA, 0xDB, 0xE1, 0xE2
"""Markers: start of scan, quantization tables, application data."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SEQUENTIAL = (0xC0, 0xC1)
LOSSLESS, HIERARCHICAL = (0xC3, 0xCB), (0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF)
JPEG_LS = 0xF7
"""Markers: start of frame, by coding process."""


def segments(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Marker, offset and size of the body of each segment before the scan.

    Bytes between segments are skipped, as decoders do.

    Raises:
        struct.error, ValueError: it is not a JPEG, or is damaged.
    """
    for marker, at, size in segments_and_scan(file):
        if marker == SOS:
            return
        yield marker, at, size


def scan_start(file: BinaryIO) -> int:
    """The offset of the first scan; raises the errors of `segments`."""
    return next(at - 4 for marker, at, _ in segments_and_scan(file) if marker == SOS)


def segments_and_scan(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """The segments before the scan, the scan's header, and whatever follows."""
    at = 2
    while True:
        checkpoint()
        file.seek(at)
        start, marker, length = struct.unpack(">BBH", file.read(4))
        if start != 0xFF or marker in (0, 0xFF):
            at = _next_marker(file, at)
        elif marker in WITHOUT_BODY:
            at += 2
        elif length < 2:
            raise ValueError("no segment")
        else:
            yield marker, at + 4, length - 2
            at += 2 + length


def _next_marker(file: BinaryIO, at: int) -> int:
    """Raises ValueError if there is none."""
    file.seek(at)
    while piece := file.read(PIECE):
        if found := MARKER.search(piece):
            return at + found.start()
        at += max(1, len(piece) - 1)
        file.seek(at)
    raise ValueError("no marker")


def damaged_header(file: BinaryIO) -> tuple[Notice, ...]:
    """Notices of what makes a header doubtful that decoders find no fault with.

    That is bytes between its segments, which may have been a part of a table, and a step of the
    mean brightness far above the steps of detail, as no encoder chooses it.
    """
    with contextlib.suppress(struct.error, ValueError):
        expected = 2
        for marker, at, size in segments_and_scan(file):
            if _has_stray_bytes(file, expected, at - 4):
                return (STRAY_BYTES,)
            expected = at + size
            if marker == SOS:
                break
        if any(map(_is_strange, _tables(file).values())):
            return (STRANGE_TABLE,)
    return ()


def _is_strange(table: tuple[int, ...]) -> bool:
    """Whether the mean or a detail has a step far larger than its neighbors in a table."""
    mean, *detail = table
    if mean > MEAN_STEP * max(detail[:3]):
        return True
    near = zip(table, table[1:], table[3:], (*table[4:], 0), strict=False)
    return any(
        step > max(LARGE_STEP, DETAIL_STEP * max(around))
        for step, around in zip(table[2:], near, strict=False)
    )


def _has_stray_bytes(file: BinaryIO, start: int, end: int) -> bool:
    """Markers may be preceded by any number of bytes 255."""
    if start >= end:
        return False
    file.seek(start)
    return bool(file.read(min(end - start, PIECE)).strip(b"\xff"))


def unsupported(file: BinaryIO) -> str | None:
    """The kind of a JPEG that cannot be decoded, by ITU-T T.81, table B.1; None: it can be."""
    with contextlib.suppress(struct.error, ValueError):
        for marker, at, _ in segments(file):
            if marker == JPEG_LS:
                return "JPEG-LS"
            if marker in HIERARCHICAL:
                return "hierarchical JPEG"
            if marker in FRAMES:
                file.seek(at)
                (depth,) = file.read(1) or b"\0"
                lossless = "lossless " if marker in LOSSLESS else ""
                return f"{depth}-bit {lossless}JPEG" if depth > 8 else None
    return None


def scans(file: BinaryIO) -> int:
    """The number of a JPEG's scans; an upper bound if it is damaged."""
    if _has_one_scan(file):
        return 1
    file.seek(0)
    found, last = 0, b""
    while piece := file.read(PIECE):
        found += (last + piece).count(START_OF_SCAN)
        last = piece[-1:]
    return found


def _has_one_scan(file: BinaryIO) -> bool:
    """Whether the first scan has all components, so that a decoder ignores the rest."""
    with contextlib.suppress(struct.error, ValueError, IndexError):
        components = 0
        end = 2
        for marker, at, size in segments(file):
            if marker in FRAMES:
                file.seek(at)
                components = file.read(6)[5] if marker in SEQUENTIAL else 0
            end = at + size
        file.seek(end + 4)
        return 0 < components == file.read(1)[0]
    return False


def quality(file: BinaryIO) -> int | None:
    """Estimate the quality, 1..100 by libjpeg's scale, from the sum of the luminance table.

    Args:
        file: a JPEG, at its beginning.

    Returns:
        None if there is no luminance table.
    """
    try:
        return _nearest(sum(_tables(file)[0]))
    except (struct.error, ValueError, KeyError):
        return None


def _tables(file: BinaryIO) -> dict[int, tuple[int, ...]]:
    """The first table of each number before the scan, in zigzag order."""
    found: dict[int, tuple[int, ...]] = {}
    for marker, at, size in segments(file):
        if marker != DQT:
            continue
        file.seek(at)
        body = file.read(size)
        while body:
            deep, number = body[0] >> 4, body[0] & 15
            layout = ">64H" if deep else ">64B"
            found.setdefault(number, struct.unpack_from(layout, body, 1))
            body = body[1 + struct.calcsize(layout) :]
    return found


def _nearest(total: int) -> int:
    above = bisect.bisect_left(range(1, 100), -total, key=lambda quality: -_sum_at(quality)) + 1
    return min(above, max(1, above - 1), key=lambda quality: abs(_sum_at(quality) - total))


@functools.cache
def _sum_at(quality: int) -> int:
    """The sum of the standard table at a quality, scaled as by libjpeg."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return sum(min(max((v * percent + 50) // 100, 1), 255) for v in STANDARD_LUMINANCE)
