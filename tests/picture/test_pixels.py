"""Colored pixels, as numpy, Pillow and notebooks take them."""

import io
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
