import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage import data

from colornet import color, picture
from colornet.upsample import lab_to_rgb, recombine

PHOTOGRAPHS = ["astronaut", "coffee", "chelsea", "rocket"]
GRAYS = ["camera", "moon", "page"]
SIZE = 256

fields = arrays(np.float32, (2, 8, 8), elements=st.floats(-120, 120, width=32), fill=st.nothing())


def resize(array, width, height):
    image = pyvips.Image.new_from_array(np.ascontiguousarray(array, dtype=np.float32))
    return image.resize(width / image.width, vscale=height / image.height, kernel="linear").numpy()


def coarse(ab, side):
    """(H, W, 2) -> (2, side, side), as a model's colors are: means over areas."""
    planes = [Image.fromarray(plane.astype(np.float32)) for plane in np.moveaxis(ab, -1, 0)]
    return np.stack([np.asarray(p.resize((side, side), Image.Resampling.BOX)) for p in planes])


def colorize(source, ab):
    seen = picture.read(source)
    lightness = picture.model_lightness(seen, SIZE)
    return picture.write(seen, recombine(seen, ab.astype(np.float32), lightness)).result


def gray_again(rgb, levels):
    """The gray of the same lightness as each pixel."""
    lightness = color.rgb_to_lab(rgb / levels)[..., 0]
    return color.linear_to_srgb(color.lightness_to_luminance(lightness)) * levels


def psnr(ab, truth):
    return 10 * np.log10((2 * color.AB_LIMIT) ** 2 / np.mean((ab - truth) ** 2))


@pytest.mark.parametrize("name", GRAYS)
@pytest.mark.parametrize(("dtype", "scale"), [(np.uint8, 1), (np.uint16, 257)])
def test_lightness_of_photographs_is_kept(name, dtype, scale):
    gray = getattr(data, name)().astype(dtype) * dtype(scale)
    ab = np.random.default_rng(0).normal(0, 60, (2, 64, 64))  # many colors out of gamut
    rgb = colorize(gray, ab)
    assert rgb.dtype == dtype
    assert rgb.shape == (*gray.shape, 3)
    assert np.abs(gray_again(rgb, 255.0 * scale) - gray).max() <= (1 if scale == 1 else 8)


@given(arrays(np.uint8, (24, 24)), fields)
@settings(max_examples=30)
def test_lightness_is_kept_whatever_the_color(gray, ab):
    assert np.abs(gray_again(colorize(gray, ab), 255.0) - gray).max() <= 1


@given(arrays(np.uint16, (24, 24)), fields)
@settings(max_examples=30)
def test_lightness_of_16_bits_is_kept_far_better(gray, ab):
    assert np.abs(gray_again(colorize(gray, ab), 65535.0) - gray).max() <= 16


def test_no_color_leaves_every_level_as_it_was():
    gray = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.abs(colorize(gray, np.zeros((2, 64, 64))).astype(int) - gray[..., None]).max() <= 1
    gray8 = (gray // 256).astype(np.uint8)
    assert (colorize(gray8, np.zeros((2, 64, 64))) == gray8[..., None]).all()


@pytest.mark.parametrize(("depth", "levels", "tolerance"), [(8, 255, 1), (16, 65535, 16)])
def test_gamut_is_resolved_as_color_does(depth, levels, tolerance):
    random = np.random.default_rng(0)
    lab = random.uniform([0, -110, -110], [100, 110, 110], (300, 300, 3)).astype(np.float32)
    rgb = np.empty(lab.shape, np.uint8 if depth == 8 else np.uint16)
    lightness, a, b = np.moveaxis(lab, -1, 0)
    lab_to_rgb(lightness, a, b, rgb)
    wanted = color.lab_to_rgb(lab[..., 0], lab[..., 1:]) * levels
    assert np.abs(rgb - np.rint(wanted)).max() <= tolerance


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("ab_size", [SIZE // 4, SIZE // 2])
def test_color_edges_follow_lightness_better_than_by_plain_enlarging(name, ab_size):
    rgb = getattr(data, name)()
    truth = color.rgb_to_lab(rgb / 255)
    small = coarse(truth[..., 1:], ab_size)
    enlarged = resize(np.moveaxis(small, 0, -1), rgb.shape[1], rgb.shape[0])
    plain = color.lab_to_rgb(truth[..., 0], enlarged)
    guided = color.rgb_to_lab(colorize(rgb, small) / 255)
    plain = color.rgb_to_lab(color.to_rgb8(plain) / 255)
    assert psnr(guided[..., 1:], truth[..., 1:]) > psnr(plain[..., 1:], truth[..., 1:]) + 0.4


def test_color_stops_at_an_edge_that_ab_has_only_roughly():
    """No halo: a red square on gray of another lightness, its color blurred by a coarse ab."""
    gray = np.full((512, 512), 200, np.uint8)
    gray[131:389, 131:389] = 90
    red = np.zeros((512, 512, 2))
    red[131:389, 131:389] = [60, 40]
    rgb = colorize(gray, coarse(red, 64))
    chroma = np.linalg.norm(color.rgb_to_lab(rgb / 255)[..., 1:], axis=-1)
    assert chroma[256, :130].max() < 5
    assert chroma[256, 131:389].min() > 65


@pytest.mark.parametrize("shape", [(16, 16), (17, 1000), (999, 31), (333, 257)])
@pytest.mark.parametrize("ab_size", [64, 128])
def test_any_size(shape, ab_size):
    gray = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert colorize(gray, np.full((2, ab_size, ab_size), 20.0)).shape == (*shape, 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_is_kept(dtype):
    source = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (40, 50, 2), dtype=dtype)
    rgba = colorize(source, np.full((2, 64, 64), 20.0))
    assert rgba.shape == (40, 50, 4)
    assert (rgba[..., 3] == source[..., 1]).all()


def test_a_result_can_be_used_more_than_once():
    source = pyvips.Image.new_from_array(data.camera()).pngsave_buffer()
    seen = picture.read(source)
    rgb = recombine(
        seen, np.full((2, 64, 64), 9.0, np.float32), picture.model_lightness(seen, SIZE)
    )
    assert picture.write(seen, rgb).result == picture.write(seen, rgb).result
