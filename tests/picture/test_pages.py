"""One page of a TIFF, chosen to be colored by itself."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile
from skimage import data

from colornet import Colorizer, OptionError
from colornet.picture import read

PAGES = [np.ascontiguousarray(data.camera()[k * 90 : k * 90 + 60, :90]) for k in range(3)]
DESCRIPTION = 270


def album(*pages: np.ndarray) -> bytes:
    """A TIFF of pages, each with a description of its own."""
    buffer = io.BytesIO()
    with Image.new("L", (1, 1)) as _:
        first, *rest = [Image.fromarray(page) for page in pages]
    for number, page in enumerate([first, *rest], 1):
        page.encoderinfo = {"tiffinfo": {DESCRIPTION: f"page {number}"}}
    first.save(buffer, "TIFF", save_all=True, append_images=rest, tiffinfo={DESCRIPTION: "page 1"})
    return buffer.getvalue()


@pytest.mark.parametrize("page", [1, 2, 3])
def test_it_is_colored_as_if_it_were_alone(page: int, guided_model: Path) -> None:
    colorizer = Colorizer(guided_model)
    canvas = colorizer.open(album(*PAGES), page=page)
    assert canvas.picture.pages == 1
    assert canvas.picture.file_pages == 3
    alone = colorizer.colorize(PAGES[page - 1])
    assert np.array_equal(np.asarray(canvas.colorize()), alone)
    result = Image.open(io.BytesIO(canvas.save()))
    assert result.format == "TIFF"
    assert getattr(result, "n_frames", 1) == 1
    assert np.array_equal(np.asarray(result), alone)
    assert isinstance(result, TiffImageFile)
    assert result.tag_v2[DESCRIPTION] == f"page {page}"


def test_numbers_of_numpy_count(guided_model: Path) -> None:
    one, two, three = (cast(int, np.int64(number)) for number in (1, 2, 3))
    canvas = Colorizer(guided_model, threads=1).open(album(*PAGES), page=two)
    assert np.array_equal(canvas.picture.lightness, read(album(*PAGES), page=2).lightness)
    assert canvas.suggest(20, 20, three) == canvas.suggest(20, 20, 3)
    assert len(canvas.variants(one)) == 1


def test_pages_of_different_sizes_can_be_chosen(tiny_model: Path) -> None:
    colorizer = Colorizer(tiny_model)
    content = album(PAGES[0], PAGES[1][:40, :40], PAGES[2].T)
    sizes = [read(content, page=page) for page in (1, 2, 3)]
    assert [(one.width, one.height) for one in sizes] == [(90, 60), (40, 40), (60, 90)]
    canvas = colorizer.open(content, page=3, turn=90)
    expected = colorizer.colorize(np.ascontiguousarray(np.rot90(PAGES[2].T, -1)))
    assert np.array_equal(np.asarray(canvas.colorize()), expected)


@pytest.mark.parametrize("page", [0, 4, -1, True, "2", 1.0])
def test_a_page_that_there_is_not(page: object) -> None:
    with pytest.raises(OptionError, match=r"is not in the file, which has 3 pages; use 1 to 3"):
        read(album(*PAGES), page=page)  # type: ignore[arg-type]


def test_what_has_one_page_has_the_first() -> None:
    buffer = io.BytesIO()
    Image.fromarray(PAGES[0]).save(buffer, "PNG")
    for source in (buffer.getvalue(), PAGES[0], Image.fromarray(PAGES[0]), album(PAGES[0])):
        picture = read(source, page=1)
        assert picture.file_pages == 1
        with pytest.raises(OptionError, match="which has one page; leave it out"):
            read(source, page=2)
