"""Damage that no decoder finds fault with: told by what it looks like, or by data left over."""

import contextlib

import numpy as np
import pytest
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


def misread(levels, row, column, shift, block=8):
    """As a JPEG's decoder goes on behind a block whose brightness it got wrong."""
    from_here = np.zeros(levels.shape, bool)
    from_here[row : row + block, column:] = True
    from_here[row + block :] = True
    return np.where(from_here, levels.astype(int) + shift, levels).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shift", [-90, -50, 50])
@pytest.mark.parametrize("place", [(64, 0), (128, 160), (200, 312)])
def test_a_jpeg_whose_brightness_jumps_is_doubtful(shift, place):
    # The dark coat in this photograph has no room for a jump downward.
    levels, (row, column) = np.maximum(GRAY, 60), place
    jumped = misread(levels, row, column, shift)
    assert "jumps over its whole width" in doubt_of(encoded("JPEG", jumped))


def test_a_jump_is_found_in_a_large_jpeg_too():
    levels = np.maximum(data.camera(), 60).repeat(5, axis=0).repeat(5, axis=1)
    assert doubt_of(encoded("JPEG", levels)) is None
    jumped = misread(levels, 1280, 1000, -50)
    assert "jumps over its whole width, at row 1,2" in doubt_of(encoded("JPEG", jumped))


def test_blocks_that_do_not_fit_together_make_a_picture_doubtful():
    noise = np.random.default_rng(0).integers(-150, 150, (32, 40)).repeat(8, 0).repeat(8, 1)
    levels = (GRAY.astype(int) + noise).clip(0, 255).astype(np.uint8)
    assert "blocks do not fit together" in doubt_of(encoded("JPEG", levels))


@pytest.mark.parametrize("tile", [False, True], ids=["strips", "tiles"])
@pytest.mark.parametrize("block", [0, 2, -1])
def test_zeros_in_a_tiff_that_is_not_compressed_are_told(tile, block):
    sound = directory_first(tiff("none", tile))
    assert doubt_of(sound) is None
    share = {False: 25, True: 5}[tile]
    damaged = zeroed(sound, range(len(blocks(sound)))[block])
    assert f"holds a plain area of {share} % (black)" in doubt_of(damaged)


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
