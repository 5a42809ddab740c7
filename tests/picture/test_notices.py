"""What a result lacks is told: frames, profiles, metadata, depth, alpha, and misleading names."""

import io
import struct
import sys
import time
import types
import zlib

import numpy as np
import pytest
from PIL import Image

from colornet.picture import read, write
from colornet.picture.tiff.repair import repairs
from tests.picture.making import (
    GRAY,
    colorized,
    layered,
    pil_bytes,
    png_chunk,
    stored,
    with_segment,
)


def codes(notices):
    return [notice.code for notice in notices]


def written_codes(source, target=None, **options):
    seen = read(source)
    return codes(write(seen, colorized(seen), target, **options).notices)


def png_with(kind, body, sound):
    at = 33  # behind the header
    return sound[:at] + png_chunk(kind, body) + sound[at:]


def test_an_animated_png_tells_that_only_its_first_frame_is_colored():
    frames = [Image.fromarray(np.roll(GRAY, k, 1)) for k in range(3)]
    data = pil_bytes(frames[0], "PNG", save_all=True, append_images=frames[1:])
    (notice,) = read(data).notices
    assert (notice.code, notice.text[:18]) == ("first-frame", "it holds 3 frames,")


def test_a_senseless_profile_of_a_png_is_told():
    sound = stored(GRAY, "png")
    assert codes(read(sound).notices) == []
    for body in (b"x\0\0" + zlib.compress(b"no profile" * 30), b"x\0\0junk"):
        assert codes(read(png_with(b"iCCP", body, sound)).notices) == ["profile-ignored"]


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG"])
def test_damaged_exif_is_told(format):
    exif = Image.Exif()
    exif[270] = "a description that is long enough to stand elsewhere"
    gray = Image.fromarray(GRAY).convert("RGB")
    assert codes(read(pil_bytes(gray, format, exif=exif)).notices) == []
    damaged = exif.tobytes()[:-30]
    assert "exif-damaged" in codes(read(pil_bytes(gray, format, exif=damaged)).notices)


def test_iptc_that_is_damaged_or_has_no_place_is_told():
    records = b"\x1c\x02\x78\x00\x05hello"
    resource = struct.pack(">4sHHI", b"8BIM", 0x0404, 0, len(records)) + records
    sound = with_segment(stored(GRAY, "jpeg"), 0xED, b"Photoshop 3.0\0" + resource)
    assert codes(read(sound).notices) == []
    assert written_codes(sound) == []
    from colornet.picture import Encoding

    for format in ("png", "webp", "avif"):
        assert written_codes(sound, encoding=Encoding(format)) == ["iptc-left-out"]
    other = with_segment(
        stored(GRAY, "jpeg"), 0xED, b"Photoshop 3.0\0" + resource + b"8BIXjunk" * 3
    )
    assert codes(read(other).notices) == ["iptc-damaged"]


def test_a_name_with_another_formats_suffix_is_told_and_what_is_lost_by_it(tmp_path):
    scan = tmp_path / "scan.jpg"
    scan.write_bytes(stored(layered(2, 16), "png"))
    assert codes(read(scan).notices) == ["suffix-differs"]
    assert written_codes(scan, tmp_path / "result.jpg") == ["depth-reduced", "alpha-left-out"]
    assert written_codes(scan, tmp_path / "result.webp") == ["depth-reduced"]
    assert written_codes(scan, tmp_path / "result.png") == []
    right = tmp_path / "scan.PNG"
    scan.rename(right)
    assert codes(read(right).notices) == []


def test_a_picture_is_read_while_another_thread_imports_pillow(monkeypatch):
    """Then there is a module without its class."""
    monkeypatch.setitem(sys.modules, "PIL.Image", types.ModuleType("PIL.Image"))
    assert read(stored(GRAY, "png")).width == GRAY.shape[1]
    assert read(GRAY).width == GRAY.shape[1]


def test_many_directories_of_many_tags_take_no_time():
    count, tags = 1000, 2300
    entries = struct.pack("<HHIHH", 296, 3, 1, 2, 0) * tags
    size = 2 + len(entries) + 4
    pages = (
        struct.pack("<H", tags) + entries + struct.pack("<I", 8 + size * (k + 1))
        for k in range(count)
    )
    file = io.BytesIO(struct.pack("<2sHI", b"II", 42, 8) + b"".join(pages))
    start = time.process_time()
    assert repairs(file) == {}
    assert time.process_time() - start < 2
