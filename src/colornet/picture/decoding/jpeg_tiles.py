"""Tiles of a TIFF that are JPEGs, joined into one, so that a decoder looks at all of them at once.

A decoder begins anew after a restart marker (ITU-T T.81, F.2.2.4), as at the beginning of a tile.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from colornet.picture.decoding import jpeg

DRI = 0xDD  # the marker of a restart interval
EOI = b"\xff\xd9"
MOST_ROWS = 65535  # of a JPEG


class _Header(NamedTuple):
    """What precedes a tile's scan.

    Attributes:
        data: up to the scan's data.
        frame: the offset of the frame header's body.
        scan: the offset of the scan's marker.
        height: of the tile, in pixels.
        units: the number of the tile's coding units.
    """

    data: bytes
    frame: int
    scan: int
    height: int
    units: int


def join_tiles(tiles: Iterable[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """JPEGs that hold many tiles each, one below the other, with the tiles that they hold.

    Tiles that cannot be joined come alone.
    """
    header: _Header | None = None
    joined: list[bytes] = []
    for tile in tiles:
        found = _header_of(tile)
        full = header is not None and (len(joined) + 1) * header.height > MOST_ROWS
        if joined and (found is None or found != header or full):
            yield _joined(header, joined), joined
            joined = []
        header = found
        if found is None:
            yield tile, [tile]
        else:
            joined.append(tile)
    if joined:
        yield _joined(header, joined), joined


def _joined(header: _Header | None, tiles: list[bytes]) -> bytes:
    assert header
    if len(tiles) == 1:
        return tiles[0]
    start, at = bytearray(header.data[: header.scan]), header.frame + 1
    struct.pack_into(">H", start, at, header.height * len(tiles))
    interval = struct.pack(">BBHH", 0xFF, DRI, 4, header.units)
    pieces = [bytes(start), interval, header.data[header.scan :]]
    for number, tile in enumerate(tiles):
        if number:
            pieces.append(bytes((0xFF, 0xD0 + (number - 1) % 8)))
        pieces.append(tile[len(header.data) : -len(EOI)])
    return b"".join((*pieces, EOI))


def _header_of(tile: bytes) -> _Header | None:
    """The header of a tile that can be joined with others; None: it cannot."""
    frame, end = None, 0
    try:
        for marker, at, size in jpeg.segments_and_scan(io.BytesIO(tile)):
            if marker == DRI or (marker in jpeg.FRAMES and marker not in jpeg.SEQUENTIAL):
                return None
            if marker in jpeg.FRAMES:
                frame = at
            end = at + size
            if marker == jpeg.SOS:
                scan = at - 4
                break
        if frame is None or not tile.endswith(EOI):
            return None
        height, width, components = struct.unpack_from(">HHB", tile, frame + 1)
        sampling = [tile[frame + 7 + 3 * k] for k in range(components)]
    except (struct.error, ValueError, IndexError):
        return None
    across, down = (8 * max(s >> 4 for s in sampling), 8 * max(s & 15 for s in sampling))
    if components == 1:
        across = down = 8
    units = -(-width // across) * (height // down)
    if height % down or not 0 < units <= 0xFFFF:
        return None
    return _Header(tile[:end], frame, scan, height, units)
