"""Damage that no decoder finds fault with: told by what it looks like, or by data left over."""

import contextlib
import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.errors import UnreadablePicture
from colornet.picture import model_lightness, read
from tests.picture.damaging import GRAY, blocks, directory_first, encoded, tiff, zeroed

PHOTOGRAPHS = {
    name: getattr(data, name)() for name in ("astronaut", "camera", "chelsea", "coffee", "rocket")
}


def doubt_of(source):
    seen = read(source)
    model_lightness(seen, 256)
    return "; ".join(map(str, seen.doubts)) or None


@pytest.mark.parametrize("tile", [False, True], ids=["strips", "tiles"])
@pytest.mark.parametrize("block", [0, 2, -1])
def test_zeros_in_a_tiff_that_is_not_compressed_are_told(tile, block):
    sound = directory_first(tiff("none", tile))
    assert doubt_of(sound) is None
    share = {False: 25, True: 5}[tile]
    damaged = zeroed(sound, range(len(blocks(sound)))[block])
    assert f"holds a plain area of {share} % (black)" in doubt_of(damaged)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
def test_zeros_that_begin_and_end_within_rows_of_tiles_are_told(share):
    sound = directory_first(tiff("none", True))
    tiles = range(len(blocks(sound)))
    for first in tiles[: round(len(tiles) * (1 - share))]:
        damaged = sound
        for tile in tiles[first : first + round(len(tiles) * share)]:
            damaged = zeroed(damaged, tile)
        assert "plain area" in (doubt_of(damaged) or ""), first


@pytest.mark.parametrize("mode", ["CMYK", "LA", "RGBA"])
def test_channels_beside_three_do_not_hide_a_plain_area(mode):
    picture = Image.fromarray(PHOTOGRAPHS["coffee"]).convert(mode)
    assert doubt_of(tiff_of(picture)) is None
    picture.paste(picture.crop((0, 0, 1, 1)).resize((600, 120)), (0, 200))
    assert "plain area" in doubt_of(tiff_of(picture))


def test_lost_rows_of_a_tiff_are_transparent_too_and_are_told():
    opaque = np.full_like(GRAY, 255)
    opaque[100:110, 100:110] = 0
    sound = directory_first(tiff("none", array=np.stack([GRAY, GRAY, GRAY, opaque], axis=-1)))
    assert doubt_of(sound) is None
    assert "plain area of 25 % (black)" in doubt_of(zeroed(sound, 2))


def tiff_of(picture):
    file = io.BytesIO()
    picture.save(file, "TIFF")
    return file.getvalue()


@pytest.mark.parametrize("lossless", [False, True])
def test_data_left_over_make_a_webp_doubtful(lossless):
    sound = encoded("WEBP", np.stack([GRAY, GRAY[::-1], GRAY], -1), lossless=lossless)
    assert doubt_of(sound) is None
    told = []
    for place in range(3000, len(sound), len(sound) // 12):
        damaged = bytearray(sound)
        damaged[place] ^= 0x55
        with contextlib.suppress(UnreadablePicture):
            told.append(doubt_of(bytes(damaged)))
    assert any(doubt and "its data go on behind its last pixel" in doubt for doubt in told)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("quality", [20, 60, 95])
def test_photographs_are_not_doubtful(name, quality):
    assert doubt_of(encoded("JPEG", PHOTOGRAPHS[name], quality=quality)) is None
    assert doubt_of(encoded("WEBP", PHOTOGRAPHS[name], quality=quality)) is None


@pytest.mark.parametrize("level", [0, 255])
def test_borders_are_not_doubtful(level):
    frames = {
        "letterbox": ((40, 40), (0, 0)),
        "pillarbox": ((0, 0), (50, 50)),
        "frame": ((30, 30), (30, 30)),
        "unused glass": ((0, 80), (0, 90)),
        "at one side": ((0, 0), (0, 90)),
    }
    for name, width in frames.items():
        levels = np.pad(GRAY, width, constant_values=level)
        for format in ("JPEG", "TIFF"):
            assert doubt_of(encoded(format, levels)) is None, (name, format)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_nothing_but_one_level_is_not_doubtful(level):
    assert doubt_of(encoded("TIFF", np.full((200, 300), level, np.uint8))) is None
