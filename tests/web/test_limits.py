"""Those who want too much are told so; the server goes on."""

import random
import struct

import numpy as np
import pytest
from skimage import data

from colornet.picture import SUFFIXES
from tests.picture.test_picture import png_of_size
from tests.web.conftest import Server, encoded
from tests.web.helpers import CANVASES, COLORIZE, code


def test_too_many_pixels(small: Server, server: Server) -> None:
    for bomb in (png_of_size(60_000, 60_000), png_of_size(1500, 1500)):
        for path in (COLORIZE, CANVASES):
            answer = small.post(path, content=bomb)
            assert code(answer) == (413, "picture_too_large")
            assert answer.json()["error"]["remedy"] == "make it smaller, or raise the limit"
    zeros = encoded(np.zeros((1400, 1400), np.uint8), "png")  # 2 MB in 2 kB
    assert server.post(COLORIZE, content=zeros).status_code == 200


@pytest.mark.parametrize("format", SUFFIXES)
def test_mutated_files(server: Server, format: str) -> None:
    """Each is either a picture or told why not."""
    chance = random.Random(format)
    whole = encoded(data.camera()[:96, :128], format)
    for _ in range(20):
        mutated = bytearray(whole)
        for _ in range(chance.choice((1, 4, 40))):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        if chance.random() < 0.2:
            del mutated[chance.randrange(len(mutated)) :]
        answer = server.post(COLORIZE, content=bytes(mutated))
        assert answer.status_code in (200, 413, 422), answer.text
        if answer.status_code != 200:
            assert answer.json()["error"]["reason"]


def test_too_many_scans(small: Server) -> None:
    """A progressive JPEG of some kilobytes that would take hours to decode."""
    answer = small.post(COLORIZE, content=jpeg_of_scans(1400, 1400, 20_000))
    assert code(answer) == (413, "picture_too_large")
    assert "20,001 scans" in answer.json()["error"]["reason"]


def jpeg_of_scans(width: int, height: int, scans: int) -> bytes:
    """A gray progressive JPEG that is decoded so often, with nothing to be seen in it."""
    blocks = -(-width // 8) * -(-height // 8)

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    def scan(first: int, last: int, bits: str) -> bytes:
        padded = bits + "1" * (-len(bits) % 8)
        data = int(padded, 2).to_bytes(len(padded) // 8, "big").replace(b"\xff", b"\xff\0")
        return segment(0xDA, bytes([1, 1, 0, first, last, 0])) + data

    runs, left = "", blocks  # of blocks without a coefficient: 2^n, n up to 14
    while left:
        power = min(left.bit_length() - 1, 14)
        runs += f"{14 - power:04b}" + (f"{0:0{power}b}" if power else "")
        left -= 1 << power
    head = b"\xff\xd8" + segment(0xDB, b"\0" + b"\1" * 64)
    head += segment(0xC2, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0))
    head += segment(0xC4, b"\0\1" + bytes(16))
    codes = bytes(power << 4 for power in range(14, -1, -1))
    head += segment(0xC4, b"\x10" + bytes([0, 0, 0, len(codes)]) + bytes(12) + codes)
    again = [scan(1 + k % 63, 1 + k % 63, runs) for k in range(63)]
    body = b"".join(again[k % 63] for k in range(scans))
    return head + scan(0, 0, "0" * blocks) + body + b"\xff\xd9"
