"""The gray original and the colors as one picture: what is in it, and each way to ask for it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

import colornet
from colornet import Colorizer, Encoding, OptionError, Pixels
from colornet.cli.app import main
from colornet.picture import provenance, read

GRAY = np.ascontiguousarray(data.camera()[:300, :400])


def check(both: np.ndarray, gray: np.ndarray, colored: np.ndarray) -> None:
    """Hold the left half to the original, and the right one to the usual result."""
    width = gray.shape[1]
    assert both.shape == (gray.shape[0], 2 * width, colored.shape[2])
    assert np.array_equal(both[:, width:], colored)
    assert np.abs(both[:, :width, :3].astype(int) - gray[..., np.newaxis].astype(int)).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_array_has_the_original_on_the_left(dtype: Any, tiny: Colorizer) -> None:
    gray = GRAY.astype(dtype) * (np.iinfo(dtype).max // 255)
    check(tiny.colorize(gray, before_after=True), gray, tiny.colorize(gray))


def test_each_kind_comes_back_as_it_went_in(tiny: Colorizer) -> None:
    image, file = Image.fromarray(GRAY), io.BytesIO()
    image.save(file, "png")
    colored = tiny.colorize(GRAY)
    check(np.asarray(tiny.colorize(image, before_after=True)), GRAY, colored)
    both = tiny.colorize(file.getvalue(), encoding=Encoding(before_after=True))
    check(np.asarray(Image.open(io.BytesIO(both))), GRAY, colored)


def test_transparency_is_on_both_sides(tiny: Colorizer) -> None:
    alpha = np.tile(np.arange(200, dtype=np.uint8), (300, 2))
    both = tiny.colorize(np.dstack([GRAY, GRAY, GRAY, alpha]), before_after=True)
    assert np.array_equal(both[..., 3], np.hstack([alpha, alpha]))


def test_the_original_is_shown_without_levels(tiny: Colorizer) -> None:
    faded = (60 + GRAY * 0.4).astype(np.uint8)
    both = tiny.colorize(faded, before_after=True, levels="auto")
    check(both, faded, tiny.colorize(faded, levels="auto"))


def test_each_page_of_a_tiff_has_both(tiny: Colorizer, tmp_path: Path) -> None:
    pages = [Image.fromarray(GRAY), Image.fromarray(GRAY[::-1])]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    path = tiny.colorize(tmp_path / "a.tif", before_after=True, mark=True)
    assert path == tmp_path / "a-before-after.tif"
    with Image.open(path) as both:
        assert getattr(both, "n_frames", 1) == 2
        for number, gray in enumerate((GRAY, GRAY[::-1])):
            both.seek(number)
            assert both.size == (800, 300)
            assert np.abs(np.asarray(both)[:, :400, 0].astype(int) - gray).max() <= 1


def test_of_pixels_and_of_a_part_of_them(tiny: Colorizer) -> None:
    pixels = tiny.open(GRAY).colorize()
    check(pixels.before_after.array(), GRAY, pixels.array())
    part = pixels.crop(20, 30, 50, 40)
    check(part.before_after.array(), GRAY[30:70, 20:70], part.array())
    with pytest.raises(OptionError, match="before_after: needs the original"):
        _ = Pixels(4, 4, 3, 8, pixels.compute).before_after


def test_a_stored_one_says_how_it_was_made(tiny: Colorizer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(GRAY).save(path)
    both = tiny.open(path).save(encoding=Encoding(before_after=True))
    made = provenance(both)
    assert made
    assert made.options["before_after"] is True
    assert read(both).width == 800
    assert tiny.open(path).save() == tmp_path / "a-color.jpg"


def test_variants_have_one_each(guided_model: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    Image.fromarray(GRAY).save(source)
    canvas = Colorizer(guided_model, threads=1).open(source)
    paths = canvas.save_variants(2, encoding=Encoding(before_after=True))
    assert [path.name for path in paths] == ["a-before-after-1.png", "a-before-after-2.png"]
    assert {(each.width, each.height) for each in map(read, paths)} == {(800, 300)}


def test_by_the_command_line(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album, out = tmp_path / "in", tmp_path / "out"
    album.mkdir()
    Image.fromarray(GRAY).save(album / "a.png")
    options = ("--before-after", "--model", str(tiny_model))
    assert main(["colorize", str(album / "a.png"), *options]) == 0
    alone = (album / "a-before-after.png").rename(tmp_path / "alone.png")
    assert main(["colorize", str(album), "-o", str(out), *options]) == 0
    colored = colornet.colorize(GRAY, model=tiny_model)
    for path in (alone, out / "a.png"):
        check(np.asarray(Image.open(path)), GRAY, colored)
    capsys.readouterr()
    assert main(["colorize", str(album), "--in-place", *options]) == 2
    assert "--before-after: does not go with --in-place" in capsys.readouterr().err
    assert [path.name for path in album.iterdir()] == ["a.png"]


def test_an_original_is_not_replaced_by_it(tiny: Colorizer, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(GRAY).save(path)
    with pytest.raises(OptionError, match="before_after: does not go with in_place"):
        tiny.colorize(path, before_after=True, in_place=True)
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]
