"""Areas of a JPEG that damage made darker than black or lighter than white."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from colornet.picture import model_lightness, read
from colornet.picture.decoding import jpeg
from colornet.picture.decoding.jpeg_range import out_of_range
from tests.picture.damaging import GRAY, encoded

COLOR = np.stack([GRAY, np.roll(GRAY, 9, axis=0), GRAY[:, ::-1]], axis=-1)
CLIPPED = (np.clip(GRAY.astype(float) * 3 - 250, 0, 255)).astype(np.uint8)


def shifted(levels):
    """A JPEG of quality 75 whose lower part is darker by so many levels, out of range or not."""
    sound = encoded("JPEG", quality=75)
    (steps,) = JpegImageFile(io.BytesIO(sound)).quantization.values()
    low = GRAY.astype(int)
    low[96:] -= levels
    halved = np.clip(low // 2 + 64, 0, 255).astype(np.uint8)  # so that nothing is clipped yet
    data = bytearray(encoded("JPEG", halved, qtables=[[max(1, step // 2) for step in steps]]))
    at = data.index(b"\xff\xdb") + 5
    data[at : at + 64] = bytes(2 * step for step in data[at : at + 64])
    return bytes(data)


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["one scan", "progressive"])
@pytest.mark.parametrize("array", [GRAY, COLOR, CLIPPED], ids=["gray", "color", "clipped"])
@pytest.mark.parametrize("quality", [20, 75, 90, 100])
def test_sound_pictures_are_in_range(array, quality, options):
    assert out_of_range(encoded("JPEG", array, quality=quality, **options)) is None


@pytest.mark.parametrize("levels", [-90, 90])
def test_a_brightness_that_no_pixels_have_is_told(levels):
    data = shifted(levels)
    assert "darker than black or lighter than white" in out_of_range(data).text
    seen = read(data)
    model_lightness(seen, 64)
    assert "out-of-range" in {notice.code for notice in seen.doubts}


def test_what_is_no_jpeg_is_left_to_others():
    assert out_of_range(b"") is None
    assert out_of_range(encoded("JPEG")[:300]) is None
    cmyk = io.BytesIO()
    Image.fromarray(COLOR).convert("CMYK").save(cmyk, "JPEG")
    assert out_of_range(cmyk.getvalue()) is None


def test_a_step_far_above_those_beside_it_is_told():
    sound = bytearray(encoded("JPEG", quality=75))
    assert jpeg.damaged_header(io.BytesIO(sound)) == ()
    sound[sound.index(b"\xff\xdb") + 5 + 6] = 160
    assert jpeg.damaged_header(io.BytesIO(sound)) == (jpeg.STRANGE_TABLE,)
