"""Damaged files of every format, and files made to do harm: none crashes, hangs or fills memory.

COLORNET_FUZZ=2000 python -m pytest tests/picture/test_fuzz.py    tries as many as that says
"""

import json
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from colornet.picture import SUFFIXES
from tests.picture.making import (
    GRAY,
    P3,
    gray_profile,
    layered,
    pages_of,
    pil_bytes,
    png_chunk,
    stored,
)
from tests.picture.mutations import FAILURES, mutate, tally

COUNT = int(os.environ.get("COLORNET_FUZZ", "150"))
MAX_SECONDS, MAX_MEGABYTES = 10, 600

COLOR_ALL = """
import json, resource, signal, sys, time
from pathlib import Path
from colornet.colorizer import Colorizer
from colornet.errors import ColornetError
colorizer, told, slowest = Colorizer(sys.argv[1], threads=1), {}, 0.0
target = Path(sys.argv[2], "result")
for path in sorted(Path(sys.argv[2], "in").iterdir()):
    print(path, file=sys.stderr, flush=True)
    signal.alarm(int(sys.argv[3]))
    start = time.monotonic()
    try:
        colorizer.colorize(path, target.with_suffix(path.suffix), overwrite=True)
        told[path.name] = "done"
    except ColornetError as error:
        assert error.reason and "\\n" not in str(error)
        told[path.name] = str(error)
    slowest = max(slowest, time.monotonic() - start)
# Linux counts in ru_maxrss what the parent held when it forked; this counts from the start.
status = Path("/proc/self/status")
if status.exists():
    peak = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM")).split()[1]
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
megabytes = int(peak) / 1024
print(json.dumps({"told": told, "slowest": slowest, "megabytes": megabytes}))
"""


def color_all(model: Path, folder: Path) -> dict[str, Any]:
    """Color what is in folder/in by one process; fails if it crashes, hangs or takes too much."""
    command = [sys.executable, "-W", "ignore", "-c", COLOR_ALL, model, folder, str(MAX_SECONDS)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    found = json.loads(done.stdout)
    assert found["megabytes"] < MAX_MEGABYTES
    assert not [path for path in folder.iterdir() if path.suffix == ".part"]
    return found


def samples() -> list[tuple[str, bytes]]:
    """Suffix and bytes of sound files, with as much metadata as they can hold."""
    found = []
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    for format, (suffix, *_) in SUFFIXES.items():
        for bands, depth in ((1, 8), (3, 8), (2, 16)):
            profile = gray_profile(2.2) if bands < 3 else P3
            fields = {"xmp_data": xmp, "icc_profile_data": profile, "orientation": 6}
            found.append((suffix, stored(layered(bands, depth)[:80, :100], format, **fields)))
    gray = Image.fromarray(GRAY[:80, :100])
    found.append((".jpg", pil_bytes(gray, "JPEG", progressive=True)))
    found.append((".jpg", pil_bytes(gray.convert("CMYK"), "JPEG")))
    found.append(
        (".tif", pil_bytes(gray, "TIFF", compression="tiff_lzw", tiffinfo={270: "x" * 40}))
    )
    found.append((".tif", pages_of(3)))
    return found


@pytest.mark.slow
@pytest.mark.timeout(60 + COUNT)
def test_mutated_files(tiny_model: Path, tmp_path: Path) -> None:
    chance = random.Random(0)
    sound, suffixes = samples(), [suffix for suffix, *_ in SUFFIXES.values()]
    (tmp_path / "in").mkdir()
    for number in range(COUNT):
        suffix, data = sound[number % len(sound)]
        if chance.random() < 0.1:
            suffix = chance.choice(suffixes)
        (tmp_path / "in" / f"{number}{suffix}").write_bytes(mutate(data, chance))
    told = color_all(tiny_model, tmp_path)["told"]
    assert len(told) == COUNT
    assert COUNT / 10 < sum(text != "done" for text in told.values()) < COUNT


def test_what_comes_out_of_mutated_files_is_what_they_hold() -> None:
    """The long form, 2,000 of each, is benchmarks/robustness."""
    for kind, outcomes in tally(30).items():
        assert sum(outcomes.values()) == 30, kind
        assert outcomes["error"] > 10, kind
        assert not {*FAILURES} & outcomes.keys(), (kind, outcomes)


def png(width: int, height: int, *more: bytes) -> bytes:
    """Zeros of 8 bits, as far as 64 MB go."""
    packer = zlib.compressobj(9)
    body = packer.compress(bytes(min((width + 1) * height, 1 << 26))) + packer.flush()
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    end = png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + end


def tiff_of_pages(count: int) -> bytes:
    """One strip of pixels that all pages share."""
    pixels = GRAY[:16, :16].tobytes()
    tags = {256: 16, 257: 16, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 16, 279: 256}
    start, size = 8 + len(pixels), 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    page = struct.pack("<H", len(tags)) + entries
    pages = (page + struct.pack("<I", start + size * k) for k in range(1, count))
    return struct.pack("<2sHI", b"II", 42, start) + pixels + b"".join(pages) + page + bytes(4)


def tiff_that_repeats_itself() -> bytes:
    """4000 tags that share 8 MB."""
    size = 8 << 20
    entries = b"".join(struct.pack("<HHII", 1000 + k, 7, size, 8) for k in range(4000))
    head = struct.pack("<2sHI", b"II", 42, 8 + size)
    return head + bytes(size) + struct.pack("<H", 4000) + entries + bytes(4)


def jpeg_of_size(width: int, height: int) -> bytes:
    data = bytearray(pil_bytes(Image.fromarray(GRAY[:64, :64]), "JPEG"))
    at = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, height, width)
    return bytes(data)


def with_xmp(xmp: bytes) -> bytes:
    return stored(GRAY, "png", xmp_data=xmp)


BOMBS = {
    "wide.png": (lambda: png(64_000, 64_000), "64000 x 64000 pixels, more than"),
    "large.jpg": (lambda: jpeg_of_size(65_500, 65_500), "65500 x 65500 pixels, more than"),
    "cut.png": (lambda: png(19_000, 19_000), "damaged or cut off"),
    "profile.png": (
        lambda: png(64, 64, png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 28), 9))),
        None,
    ),
    "text.png": (
        lambda: png(64, 64, *[png_chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(1 << 23)))] * 40),
        None,
    ),
    "pages.tif": (lambda: tiff_of_pages(60_000), "pages, more than 1,000"),
    "tags.tif": (tiff_that_repeats_itself, "damaged or cut off"),
    "elements.png": (lambda: with_xmp(b"<a:DigitalSourceType>" * 100_000), "done"),
    "attributes.png": (lambda: with_xmp(b"<RDF <x:RDF " * 200_000), "done"),
    "words.png": (lambda: with_xmp(b" aaaaaaaaaa:" + b"a" * 3_000_000), "done"),
}


@pytest.mark.slow
def test_bombs(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, (make, _) in BOMBS.items():
        (tmp_path / "in" / name).write_bytes(make())
    told = color_all(tiny_model, tmp_path)["told"]
    for name, (_, expected) in BOMBS.items():
        assert expected is None or expected in told[name], (name, told[name])
