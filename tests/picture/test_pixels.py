"""Colored pixels, as numpy, Pillow and notebooks take them."""

import copy
import io
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colornet import Colorizer, Pixels
from colornet.errors import Stopped
from colornet.picture.pixels import prefetch
from colornet.stopping import stoppable

GRAY = data.camera()[::4, ::4].copy()  # (128, 128)


def pixels_of(model: Path, source: NDArray[np.generic]) -> Pixels:
    return Colorizer(model, threads=1).open(source).colorize()


def test_numpy_takes_pixels(tiny_model: Path) -> None:
    pixels = pixels_of(tiny_model, GRAY)
    array = np.asarray(pixels)
    assert array.dtype == np.uint8
    assert np.array_equal(array, pixels.array())
    assert np.array_equal(np.array(pixels, np.float32), array.astype(np.float32))
    assert np.asarray(pixels_of(tiny_model, GRAY.astype(np.uint16) * 257)).dtype == np.uint16


def test_pillow_takes_pixels(tiny_model: Path) -> None:
    pixels = pixels_of(tiny_model, GRAY)
    assert isinstance(pixels.image, Image.Image)
    assert np.array_equal(np.asarray(pixels.image), np.asarray(pixels))
    deep = pixels_of(tiny_model, GRAY.astype(np.uint16) * 257).image
    assert np.abs(np.asarray(deep).astype(int) - np.asarray(pixels)).max() <= 1
    alpha = np.dstack([GRAY, np.full_like(GRAY, 200)])
    assert pixels_of(tiny_model, alpha).image.mode == "RGBA"


def test_notebooks_show_pixels(tiny_model: Path) -> None:
    shown = Image.open(io.BytesIO(pixels_of(tiny_model, GRAY)._repr_png_()))
    assert (shown.format, shown.size) == ("PNG", (128, 128))
    wide = Image.open(io.BytesIO(pixels_of(tiny_model, np.tile(GRAY, (1, 20)))._repr_png_()))
    assert wide.size == (1024, 51)
    text = repr(pixels_of(tiny_model, GRAY))  # which a notebook stores, too
    assert text == "Pixels(width=128, height=128, bands=3, depth=8, notices=())"


@pytest.mark.parametrize("depth", [8, 16])
def test_a_pickle_holds_the_pixels(depth: int, tiny_model: Path, tmp_path: Path) -> None:
    photograph = tmp_path / "a.png"
    Image.fromarray(GRAY if depth == 8 else GRAY.astype(np.uint16) * 257).save(photograph)
    pixels = Colorizer(tiny_model, threads=1).open(photograph).colorize()
    parts = [pixels, pixels.crop(3, 5, 70, 90), pixels.before_after]
    arrays = [part.array() for part in parts]
    stored = [pickle.dumps(part) for part in parts]
    photograph.unlink()  # as on another machine
    again = [pickle.loads(part) for part in stored]
    assert [repr(part) for part in again] == [repr(part) for part in parts]
    assert all(map(np.array_equal, again, arrays))
    assert np.array_equal(again[0].before_after, arrays[2])
    assert np.array_equal(pickle.loads(pickle.dumps(again[0])).crop(3, 5, 70, 90), arrays[1])
    assert again[0].made == pixels.made


def test_an_open_picture_says_that_it_does_not_pickle(tiny_model: Path) -> None:
    canvas = Colorizer(tiny_model, threads=1).open(GRAY)
    for opened in (canvas, canvas.picture):
        with pytest.raises(TypeError, match="cannot be pickled; send its path, bytes or array"):
            pickle.dumps(opened)


def test_a_deep_copy_of_an_open_picture_is_colored_alike(tiny_model: Path) -> None:
    canvas = Colorizer(tiny_model, threads=1).open(GRAY)
    again = copy.deepcopy(canvas)
    assert copy.deepcopy(canvas.picture) == canvas.picture
    assert np.array_equal(again.colorize(), canvas.colorize())


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_log_of_a_program_is_not_filled_by_pyvips(level: str, tiny_model: Path) -> None:
    code = f"""
import logging
logging.basicConfig(level="{level}")
import numpy, colornet
colornet.colorize(numpy.full((32, 32), 99, numpy.uint8), model={str(tiny_model)!r})
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pyvips" not in told.stderr


def test_strips_in_advance_stop_with_their_work_whoever_asks_for_them() -> None:
    with stoppable(lambda: True):
        strips = prefetch(iter([GRAY]))
    with ThreadPoolExecutor(1) as other, pytest.raises(Stopped):
        other.submit(next, strips).result()
