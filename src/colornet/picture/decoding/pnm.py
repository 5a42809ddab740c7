"""PNM: bitmaps, graymaps and pixmaps, plain and raw, of 1 to 16 bits.

See Netpbm's descriptions of PBM, PGM and PPM. Pillow would read 16 bits as 8.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NUMBER = rb"(?:\s|#[^\r\n]*[\r\n])+(\d{1,9})"
BITMAP = rb"P([14])" + 2 * NUMBER + rb"(\s)"
SHADES = rb"P([2356])" + 3 * NUMBER + rb"\s"


class Header(NamedTuple):
    """The header of a PNM.

    Attributes:
        kind: the digit after P: 1 to 3 plain, 4 to 6 raw bitmap, graymap, pixmap.
        width: in pixels.
        height: in pixels.
        white: the highest value; 1 for bitmaps.
        size: bytes of the header.
    """

    kind: int
    width: int
    height: int
    white: int
    size: int

    @property
    def bands(self) -> int:
        """3 for a pixmap, otherwise 1."""
        return 3 if self.kind in (3, 6) else 1


def is_pnm(head: bytes) -> bool:
    """Whether a file begins with the header of a PNM."""
    return bool(re.match(rb"P[1-6]" + NUMBER, head))


def read_header(head: bytes) -> Header:
    """Read the header; raise ValueError if it is incomplete or invalid."""
    found = re.match(BITMAP, head) or re.match(SHADES, head)
    if not found:
        raise ValueError("its header is not whole")
    kind, width, height = (int(found[k]) for k in (1, 2, 3))
    white = 1 if kind in (1, 4) else int(found[4])
    if not 1 <= white <= 65535:
        raise ValueError(f"its white is {white}")
    return Header(kind, width, height, white, found.end())


def read_pixels(header: Header, body: bytes) -> NDArray[Any]:
    """The pixels (height, width, 1 or 3), scaled to the full range of uint8 or uint16.

    Raises:
        ValueError: the data are too short or invalid.
    """
    values = _plain(header, body) if header.kind < 4 else _raw(header, body)
    if header.kind in (1, 4):
        return np.where(values, np.uint8(0), np.uint8(255))  # 1 is ink
    full = 255 if header.white < 256 else 65535
    if header.white == full:
        return values.astype(f"u{1 if full == 255 else 2}", copy=False)
    scaled = np.minimum(values, header.white) * np.float32(full / header.white)
    return np.rint(scaled).astype(np.uint8 if full == 255 else np.uint16)


def _raw(header: Header, body: bytes) -> NDArray[Any]:
    shape = header.height, header.width, header.bands
    if header.kind == 4:
        row = -(-header.width // 8)
        packed = _first(np.frombuffer(body, np.uint8), header.height * row)
        bits = np.unpackbits(packed.reshape(header.height, row), axis=1, count=header.width)
        return bits.reshape(shape)
    size = 1 if header.white < 256 else 2
    whole = np.frombuffer(body, f">u{size}", len(body) // size)
    return _first(whole, header.height * header.width * header.bands).reshape(shape)


def _plain(header: Header, body: bytes) -> NDArray[Any]:
    body = re.sub(rb"#[^\r\n]*", b"", body)
    if not re.fullmatch(rb"[\d\s]*", body):
        raise ValueError("it holds more than numbers")
    if header.kind == 1:  # bits need no space between them
        values = np.frombuffer(re.sub(rb"\s+", b"", body), np.uint8) - ord("0")
    else:
        values = np.fromstring(body.decode(), np.int64, sep=" ")
    values = _first(values, header.height * header.width * header.bands)
    return values.clip(0, header.white).reshape(header.height, header.width, header.bands)


def _first(values: NDArray[Any], count: int) -> NDArray[Any]:
    if len(values) < count:
        raise ValueError(f"{len(values):,} of {count:,} values are there")
    return values[:count]
