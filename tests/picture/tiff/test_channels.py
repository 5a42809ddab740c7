"""Of the channels behind a TIFF's colors only alpha is alpha."""

import io
from typing import Any

import numpy as np
import pytest
import tifffile

from colornet import Colorizer, ColornetWarning
from colornet.errors import UnreadablePicture
from colornet.picture import read
from colornet.picture.tiff.channels import LEFT_OUT
from tests.picture.making import GRAY, result_of, vips

RAMP = np.tile(np.arange(GRAY.shape[1], dtype=np.uint8), (len(GRAY), 1))
INFRARED = 255 - GRAY


def stacked(channels, kinds, depth=8, planar=False):
    colors = len(channels) - len(kinds)
    array = np.stack(channels, axis=0 if planar else -1)
    array = array if depth == 8 else array.astype(np.uint16) * 257
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        array,
        photometric="rgb" if colors == 3 else "minisblack",
        extrasamples=kinds,
        planarconfig="separate" if planar else "contig",
    )
    return file.getvalue()


CASES = {
    "infrared": ([INFRARED], [0], None),
    "alpha": ([RAMP], [2], RAMP),
    "two selections": ([INFRARED, RAMP], [0, 0], None),
    "alpha and infrared": ([RAMP, INFRARED], [2, 0], RAMP),
    "infrared and alpha": ([INFRARED, RAMP], [0, 2], RAMP),
    "two of alpha": ([RAMP, INFRARED], [2, 2], RAMP),
}


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(("colors", "planar"), [(1, False), (3, False), (3, True)])
@pytest.mark.parametrize("name", CASES)
def test_only_alpha_is_alpha(name, planar, colors, depth):
    channels, kinds, alpha = CASES[name]
    source = stacked([GRAY] * colors + channels, kinds, depth, planar)
    seen = read(source)
    assert (LEFT_OUT in seen.notices) == (len(channels) > (alpha is not None))
    assert np.abs(seen.lightness - read(GRAY).lightness).max() < 0.05
    result = read(result_of(source))
    assert (result.format, result.depth, result.notices) == ("tiff", depth, ())
    for one in (seen, result):
        assert one.has_alpha == (alpha is not None)
        if alpha is not None:
            assert (one.alpha == alpha.astype(int) * (1 if depth == 8 else 257)).all()


@pytest.mark.parametrize("colors", [1, 3])
@pytest.mark.parametrize("more", [False, True])
def test_colors_multiplied_by_alpha_are_divided_by_it(colors, more):
    alpha = np.maximum(RAMP, 100)
    multiplied = np.rint(GRAY * (alpha / 255)).astype(np.uint8)
    extra = [INFRARED, alpha] if more else [alpha]
    seen = read(stacked([multiplied] * colors + extra, [0, 1] if more else [1]))
    assert (seen.alpha == alpha).all()
    assert np.abs(seen.lightness - read(GRAY).lightness).mean() < 1


def test_a_fourth_channel_without_a_kind_is_no_alpha():
    whole = vips(np.dstack([GRAY, GRAY, GRAY, RAMP])).tiffsave_buffer()
    at = whole.index(b"\x52\x01\x03\x00")  # ExtraSamples, becomes a tag that nobody knows
    assert read(whole).has_alpha
    seen = read(whole[:at] + b"\x51" + whole[at + 1 :])
    assert not seen.has_alpha
    assert LEFT_OUT in seen.notices


def test_infrared_is_told_and_not_transparency(tiny_model, tmp_path):
    source = tmp_path / "scan.tif"
    source.write_bytes(stacked([GRAY] * 3 + [np.zeros_like(GRAY)], [0]))
    with pytest.warns(ColornetWarning, match="neither color nor alpha"):
        target = Colorizer(tiny_model).colorize(source, tmp_path / "a.jpg")
    assert np.abs(read(target).lightness - read(GRAY).lightness).mean() < 2


@pytest.mark.parametrize("tile", [None, (64, 64)])
def test_gray_beside_channels_stored_apart_is_refused(tile):
    file = io.BytesIO()
    kinds: dict[str, Any] = {"photometric": "minisblack", "planarconfig": "separate"}
    tifffile.imwrite(file, np.stack([GRAY, RAMP]), tile=tile, extrasamples=[2], **kinds)
    with pytest.raises(UnreadablePicture, match="cannot be read here: a TIFF that stores"):
        read(file.getvalue())
