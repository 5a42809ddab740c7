"""A picture that lies on its side is turned before it is colored."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from colornet import Colorizer, OptionError
from colornet.picture import read

PIXELS = np.ascontiguousarray(data.camera()[:60, :90])


def encoded(format: str, orientation: int = 1, pixels: np.ndarray = PIXELS) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, exif=exif)
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


@pytest.mark.parametrize("degrees", [45, -90, 90.5, "90", None, [90]])
def test_other_angles_are_refused(degrees: Any) -> None:
    with pytest.raises(OptionError, match="is unknown; use 90, 180 or 270 degrees"):
        read(encoded("png")).turned(degrees)


def test_an_angle_may_be_a_number_of_any_kind() -> None:
    expected = read(encoded("png")).turned(90)
    for degrees in (90.0, np.int64(90)):
        picture: Any = read(encoded("png")).turned(degrees)  # type: ignore[arg-type]
        assert np.array_equal(picture.lightness, expected.lightness)


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff"])
@pytest.mark.parametrize("orientation", [1, 4, 6, 8])
def test_a_part_of_a_truncated_picture_is_turned(
    orientation: int, format: str, degrees: int
) -> None:
    content = encoded(format, orientation, data.camera())
    part = read(content[: len(content) * 2 // 3], partial=True)
    turned = part.turned(degrees)
    quarters = degrees // 90
    assert np.array_equal(turned.lightness, np.rot90(part.lightness, -quarters))
    masks = []
    for picture in (part, turned):
        mask = np.ones((picture.height, picture.width))
        assert picture.area
        picture.area.clear_outside(mask, 0, picture.width, picture.height)
        masks.append(mask)
    assert 0.2 < masks[0].mean() < 0.9
    assert np.array_equal(masks[1], np.rot90(masks[0], -quarters))


def test_a_turned_part_is_colored_and_the_rest_stays_gray() -> None:
    content = encoded("png", pixels=data.camera())
    canvas = Colorizer().encode(content[: len(content) // 2], partial=True, turn=90)
    rgb = np.asarray(canvas.render()).astype(int)
    has_color = np.ptp(rgb, axis=-1) > 2
    area = canvas.picture.area
    assert area
    rows, columns = area.slices(512, 512)
    assert has_color[rows, columns].mean() > 0.5
    has_color[rows, columns] = False
    assert not has_color.any()
