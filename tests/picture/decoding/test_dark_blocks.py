"""Areas of a TIFF that damage of LZW data, or of a JPEG in it, made black."""

import io
import random

import numpy as np
import pytest
import pyvips
from skimage import data

from colornet.errors import ColornetError
from colornet.picture import model_lightness, read
from colornet.picture.decoding.dark_blocks import MOST_LZW, doubts
from tests.picture.damaging import GRAY, blocks, encoded, tiff
from tests.picture.mutations import AREA, BLACK, LIGHT

NIGHT = np.where(data.moon()[:256, :320] > 110, data.moon()[:256, :320], 3).astype(np.uint8)


def doubts_of(content):
    picture = read(content)
    model_lightness(picture, 64)
    return picture.doubts


def black_ones(sound):
    """Files with one byte of the data changed that come out partly black, with no error."""
    chance = random.Random(5)
    for _ in range(300):
        offset, size = chance.choice(blocks(sound))
        damaged = bytearray(sound)
        damaged[offset + chance.randrange(min(size, 400))] = chance.randrange(256)
        try:
            levels = pyvips.Image.new_from_buffer(bytes(damaged), "", fail_on="warning").numpy()
        except pyvips.Error:
            continue
        if ((levels <= BLACK) & (GRAY >= LIGHT)).mean() >= AREA:
            yield bytes(damaged)


@pytest.mark.parametrize(
    ("compression", "tile"), [("lzw", False), ("lzw", True), ("jpeg", False), ("jpeg", True)]
)
def test_nothing_comes_out_black_in_silence(compression, tile):
    found = 0
    for damaged in black_ones(tiff(compression, tile)):
        try:
            assert doubts_of(damaged)
        except ColornetError:
            continue
        found += 1
    assert found or tile  # whose damage libtiff tells


@pytest.mark.parametrize("options", [{}, {"tile": True}, {"predictor": "horizontal"}])
@pytest.mark.parametrize("compression", ["lzw", "jpeg"])
def test_sound_pictures_with_black_are_not_doubted(compression, options):
    assert (NIGHT <= BLACK).mean() > 0.1
    options = {} if compression == "jpeg" and "predictor" in options else options
    for array in (NIGHT, np.stack([NIGHT, NIGHT[::-1], NIGHT[:, ::-1]], axis=-1)):
        assert doubts_of(tiff(compression, array=array, **options)) == ()


def test_of_a_strip_of_many_bytes_not_all_are_looked_at():
    class Counted(io.BytesIO):
        count = 0

        def read(self, size=-1):
            content = super().read(size)
            self.count += len(content)
            return content

    night = np.random.default_rng(0).integers(0, 20, (1600, 2000), np.uint8)
    file = Counted(tiff("lzw", array=night, tile=False, tile_height=1600))
    (image,) = read(file.getvalue()).loader.images
    assert len(file.getvalue()) > 2 * MOST_LZW
    assert list(doubts(file, image, night)) == []
    assert file.count < 1.1 * MOST_LZW


def test_other_encoders_are_not_doubted():
    assert doubts_of(encoded("TIFF", NIGHT, compression="tiff_lzw")) == ()
