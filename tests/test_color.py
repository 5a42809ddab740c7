import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import data
from skimage.color import rgb2lab

from colornet import color

levels = arrays(np.uint8, (8, 3))
lab_floats = arrays(np.float64, (16, 3), elements=st.floats(0, 1)).map(
    lambda unit: unit * [100, 220, 220] - [0, 110, 110]
)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_lab_is_that_of_scikit_image(name):
    rgb01 = getattr(data, name)() / 255
    assert np.abs(color.rgb_to_lab(rgb01) - rgb2lab(rgb01)).max() < 0.05


def test_gray_has_no_color_and_keeps_its_level():
    gray = np.arange(256, dtype=np.uint8)
    lab = color.rgb_to_lab(np.repeat(gray[:, None], 3, axis=1) / 255)
    assert np.abs(lab[:, 1:]).max() < 1e-9
    assert lab[0, 0] == pytest.approx(0, abs=1e-9)
    assert lab[-1, 0] == pytest.approx(100)
    back = color.to_rgb8(color.lab_to_rgb(lab[:, 0], lab[:, 1:]))
    assert (back == gray[:, None]).all()


@given(levels)
def test_lab_and_back_is_exact_to_the_level(rgb8):
    lab = color.rgb_to_lab(rgb8 / 255)
    assert (color.to_rgb8(color.lab_to_rgb(lab[:, 0], lab[:, 1:])) == rgb8).all()


def test_ab_limit_holds_for_the_whole_cube():
    side = np.linspace(0, 1, 17)
    cube = np.stack(np.meshgrid(side, side, side), axis=-1)
    assert np.abs(color.rgb_to_lab(cube)[..., 1:]).max() < color.AB_LIMIT


@given(lab_floats)
def test_out_of_gamut_color_keeps_its_lightness(lab):
    rgb01 = color.lab_to_rgb(lab[:, 0], lab[:, 1:])
    assert rgb01.min() >= 0
    assert rgb01.max() <= 1
    assert np.abs(color.rgb_to_lab(rgb01)[:, 0] - lab[:, 0]).max() < 1e-6


@given(lab_floats)
def test_fitting_the_gamut_keeps_the_direction_of_chroma(lab):
    linear = color.lab_to_linear(lab[:, 0], lab[:, 1:])
    luminance = color.lightness_to_luminance(lab[:, 0])
    before = linear - luminance[:, None]
    after = color.fit_gamut(linear, luminance) - luminance[:, None]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    assert np.allclose((before * after).sum(axis=1), lengths, atol=1e-9)
    assert (np.linalg.norm(after, axis=1) <= np.linalg.norm(before, axis=1) + 1e-9).all()


@given(arrays(np.float64, (16,), elements=st.floats(0, 100)))
def test_lightness_and_luminance_are_inverse(lightness):
    back = color.luminance_to_lightness(color.lightness_to_luminance(lightness))
    assert np.allclose(back, lightness)


def test_colorfulness():
    gray = np.repeat(data.camera()[..., None], 3, axis=-1)
    assert color.colorfulness(gray) == 0
    assert color.colorfulness(data.astronaut()) > 30
    checks = np.zeros((2, 2, 3), np.uint8)
    checks[0] = [255, 0, 0]
    checks[1] = [0, 0, 255]
    # rg = 255, 0; yb = 127.5, -255: spread 229.5, shift 142.5
    assert color.colorfulness(checks) == pytest.approx(
        np.hypot(127.5, 191.25) + 0.3 * 142.5439, 1e-4
    )
