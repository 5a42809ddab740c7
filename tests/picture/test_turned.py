"""A picture that lies on its side is turned before it is colored."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from colornet import Colorizer, OptionError
from colornet.picture import read

PIXELS = np.ascontiguousarray(data.camera()[:60, :90])


def encoded(format: str, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, format, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_from_upright(orientation: int, degrees: int) -> None:
    content = encoded("tiff", orientation)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    expected = read(np.ascontiguousarray(np.rot90(upright, -degrees // 90)))
    picture = read(content).turned(degrees)
    assert (picture.width, picture.height) == (expected.width, expected.height)
    assert np.array_equal(picture.lightness, expected.lightness)


@pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp"])
def test_it_is_colored_as_if_it_had_been_upright(format: str) -> None:
    colorizer = Colorizer()
    content = encoded(format)
    stored = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    expected = colorizer.colorize(np.ascontiguousarray(np.rot90(stored, -1)))
    canvas = colorizer.open(content, turn=90)
    assert np.abs(np.asarray(canvas.colorize()).astype(int) - expected).max() <= 1
    result = Image.open(io.BytesIO(canvas.save()))
    assert result.size == (60, 90)
    assert result.getexif().get(0x0112, 1) == 1


def test_there_and_back() -> None:
    picture = read(encoded("png"))
    same = picture.turned(90).turned(270)
    assert np.array_equal(same.lightness, picture.lightness)
    assert picture.turned(0) is picture


def test_other_angles_and_parts_are_refused() -> None:
    with pytest.raises(OptionError, match="45 is unknown"):
        read(encoded("png")).turned(45)
    buffer = io.BytesIO()
    Image.fromarray(data.camera()).save(buffer, "jpeg")
    part = read(buffer.getvalue()[:20_000], partial=True)
    with pytest.raises(OptionError, match="truncated"):
        part.turned(90)
