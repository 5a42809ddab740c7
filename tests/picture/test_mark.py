"""The visible mark "colorized": where it is, what it covers, and that it can be read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Colorizer, ColornetWarning, color
from colornet.cli.app import main
from colornet.picture import provenance, write

GRAY = np.ascontiguousarray(data.camera()[:300, :400])


def box(plain: np.ndarray, marked: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns that the mark changed."""
    changed = np.any(plain != marked, axis=-1)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def lightness(rgb: np.ndarray) -> Any:
    return color.rgb_to_lab(rgb[..., :3] / np.iinfo(rgb.dtype).max)[..., 0]


@pytest.mark.parametrize("size", [(300, 400), (512, 200), (2000, 1500), (120, 160)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_it_is_small_in_the_lower_right_corner(
    size: tuple[int, int], dtype: Any, tiny: Colorizer
) -> None:
    source = np.asarray(Image.fromarray(GRAY).resize(size[::-1]))
    source = source.astype(dtype) * (np.iinfo(dtype).max // 255)
    plain, marked = tiny.colorize(source), tiny.colorize(source, mark=True)
    rows, columns = box(plain, marked)
    height, width = size
    assert height / 2 < rows.start < rows.stop < height
    assert width / 2 <= columns.start < columns.stop < width
    share = (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)
    assert share < 0.08
    outside = np.ones(size, bool)
    outside[rows, columns] = False
    assert np.array_equal(plain[outside], marked[outside]), "all else is as without it"


@pytest.mark.parametrize("shade", [8, 60, 128, 200, 255])
def test_it_can_be_read_on_any_ground(shade: int, tiny: Colorizer) -> None:
    source = np.full((400, 400), shade, np.uint8)
    plain, marked = tiny.colorize(source), tiny.colorize(source, mark=True)
    inside = lightness(marked[box(plain, marked)])
    dark, bright = np.percentile(inside, (10, 99))
    assert bright > 90
    assert bright - dark > 35
    luminances = [color.lightness_to_luminance(np.array(each)) for each in (bright, dark)]
    assert (luminances[0] + 0.05) / (luminances[1] + 0.05) > 3, "the contrast of large letters"


def test_it_shows_where_the_picture_is_transparent(tiny: Colorizer) -> None:
    alpha = np.zeros_like(GRAY)
    alpha[:100] = 255
    marked = tiny.colorize(np.dstack([GRAY, alpha]), mark=True)
    assert np.array_equal(marked[:200, :, 3], alpha[:200])
    corner = marked[240:, 250:]
    letters = corner[..., 3] > 240
    assert letters.any()
    assert corner[letters][:, :3].min() > 230


def test_in_files_of_each_format_on_each_page_and_in_parts(tiny: Colorizer) -> None:
    buffer = io.BytesIO()
    pages = [Image.fromarray(np.roll(GRAY, 40 * k, 1)) for k in range(3)]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    result = Image.open(io.BytesIO(tiny.colorize(buffer.getvalue(), mark=True)))
    for number, page in enumerate(pages):
        result.seek(number)
        assert np.array_equal(np.asarray(result), tiny.colorize(np.asarray(page), mark=True))
    for format in ("jpeg", "png", "webp", "avif"):
        png = io.BytesIO()
        pages[0].save(png, "PNG")
        stored = tiny.colorize(png.getvalue(), format=format, mark=True)
        shown = np.asarray(Image.open(io.BytesIO(stored)).convert("RGB"))
        expected = tiny.colorize(GRAY, mark=True)
        assert np.abs(shown[270:, 300:].astype(int) - expected[270:, 300:]).mean() < 6


def test_a_large_picture_that_comes_in_many_strips(tiny: Colorizer) -> None:
    large = np.asarray(Image.fromarray(GRAY).resize((3000, 2000)))
    canvas = tiny.open(large)
    whole = tiny.colorize(large, mark=True)
    assert np.array_equal(write(canvas.picture, canvas.colorize()).result[:1000], whole[:1000])
    rows, columns = box(canvas.colorize().array(), whole)
    assert rows.stop > 1900
    assert columns.stop > 2900


@pytest.mark.parametrize("size", [(16, 16), (1, 1), (10, 400), (400, 40)])
def test_a_picture_that_is_too_small_says_so(size: tuple[int, int], tiny: Colorizer) -> None:
    source = np.full(size, 90, np.uint8)
    with pytest.warns(ColornetWarning, match="is too small for the mark 'colorized'"):
        marked = tiny.colorize(source, mark=True)
    assert np.array_equal(marked, tiny.colorize(source))


def test_by_the_command_line(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, album, out = tmp_path / "in" / "a.png", tmp_path / "in", tmp_path / "out"
    album.mkdir()
    Image.fromarray(GRAY).save(source)
    model = ("--model", str(tiny_model))
    assert main(["colorize", str(source), "-o", str(tmp_path / "a.png"), "--mark", *model]) == 0
    assert main(["colorize", str(album), "-o", str(out), "--mark", *model]) == 0
    expected = Colorizer(tiny_model).colorize(GRAY, mark=True)
    for path in (tmp_path / "a.png", out / "a.png"):
        assert np.array_equal(np.asarray(Image.open(path)), expected)
        made = provenance(path)
        assert made
        assert made.options["mark"] is True
    capsys.readouterr()
    assert main(["colorize", str(album), "-o", str(out), *model]) == 1
    assert "made with other settings" in capsys.readouterr().err
