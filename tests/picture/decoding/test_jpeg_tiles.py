"""Tiles joined into one JPEG decode to the same pixels, one below the other."""

import io

import numpy as np
import pytest
import pyvips

from colornet.picture.decoding.jpeg_tiles import join_tiles
from colornet.picture.decoding.vips_images import find_jpeg_damage
from colornet.picture.tiff import blocks, directories
from tests.picture.damaging import GRAY, encoded, tiff

COLOR = np.stack([GRAY, np.roll(GRAY, 9, axis=0), GRAY[:, ::-1]], axis=-1)


def tiles_of(data):
    file = io.BytesIO(data)
    page = blocks.read_blocks(file, directories.read_header(file).first)
    assert page
    return list(blocks.jpeg_tiles(file, page))


def pixels_of(data):
    image = pyvips.Image.jpegload_buffer(data, fail_on="warning")
    return image.numpy().reshape(image.height, image.width, -1)


@pytest.mark.parametrize("array", [GRAY, COLOR], ids=["gray", "color"])
def test_joined_tiles_are_the_same(array):
    tiles = tiles_of(tiff("jpeg", tile=True, array=array))
    ((joined, held),) = join_tiles(tiles)
    assert held == tiles
    rows = np.concatenate([pixels_of(tile) for tile in tiles])
    off = np.abs(pixels_of(joined).astype(int) - rows)
    assert off.max() <= (1 if array is GRAY else 90)  # chroma is smoothed over the seams
    assert off.mean() < 0.5
    assert find_jpeg_damage(joined) is None


def test_damage_in_one_tile_is_found_in_all():
    tiles = tiles_of(tiff("jpeg", tile=True))
    broken = tiles[7][:-200] + bytes(198) + tiles[7][-2:]
    assert find_jpeg_damage(broken)
    ((joined, _),) = join_tiles([*tiles[:7], broken, *tiles[8:]])
    assert find_jpeg_damage(joined)


def test_what_cannot_be_joined_comes_alone():
    tiles = tiles_of(tiff("jpeg", tile=True))[:2]
    others = [
        encoded("JPEG", progressive=True),
        encoded("JPEG", restart_marker_rows=1),
        tiles[0][:-2],
        b"no JPEG",
    ]
    for other in others:
        found = [held for _, held in join_tiles([*tiles, other, *tiles])]
        assert found == [tiles, [other], tiles]
    assert not list(join_tiles([]))
