"""A profile is kept if it keeps lightness there and back; else sRGB takes its place."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from colornet import Colorizer, ColornetWarning, color
from colornet.picture import Encoding, profiles, read
from tests.picture.making import (
    CMYK,
    COLOR,
    D50,
    GRAY,
    P3,
    SRGB,
    colorized,
    dot_gain,
    gray_profile,
    icc,
    opened,
    pil_bytes,
    result_of,
    stored,
    vips,
    write,
    xyz,
)

LEVEL = 100 / 255
SRGB_TO_XYZ = np.array(
    [[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7142]]
)
APPLE_TO_XYZ = np.array(
    [[0.4756, 0.3397, 0.1489], [0.2552, 0.6726, 0.0722], [0.0184, 0.1134, 0.6931]]
)
"""Linear RGB to XYZ of D50; the second has a smaller gamut than sRGB's."""


def table(lab_of, inputs=3, points=17):
    """A table of 16 bits (mft2) from (.., 3) in 0..1 to (.., 3) of 0..65535."""
    axis = np.linspace(0, 1, points)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    straight = np.linspace(0, 65535, 256).round().astype(">u2").tobytes() * inputs
    one = 65536
    head = b"mft2" + bytes(4) + bytes([3, 3, points, 0])
    head += struct.pack(">9iHH", one, 0, 0, 0, one, 0, 0, 0, one, 256, 256)
    return head + straight + lab_of(grid).round().clip(0, 65535).astype(">u2").tobytes() + straight


def to_lab(rgb):
    """Encoded as version 2 of ICC does."""
    ratio = rgb**1.8 @ SRGB_TO_XYZ.T / D50
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), ratio * 24389 / 27 / 116 + 16 / 116)
    lightness = 116 * f[..., 1] - 16
    a, b = 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])
    return np.stack([lightness * 652.8, (a + 128) * 256, (b + 128) * 256], -1)


def matrix(to_xyz, gamma, kind=b"mntr"):
    tags = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, to_xyz.T), strict=True))
    curve = struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256))
    return icc(tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve), kind, b"XYZ ")


SCANNER = icc({b"A2B0": table(to_lab)}, b"scnr", b"Lab ")
BLACK_BACK = icc({b"A2B0": table(to_lab), b"B2A0": table(np.zeros_like)}, b"scnr", b"Lab ")
OTHER_BACK = icc(
    {b"A2B0": table(to_lab), b"B2A0": table(lambda grid: 65535 * grid**3)}, b"mntr", b"Lab "
)
CAMERA_MATRIX = matrix(SRGB_TO_XYZ, 1.0, b"scnr")
APPLE = matrix(APPLE_TO_XYZ, 1.8)
LAB = SCANNER[:16] + b"Lab " + SCANNER[20:]
INPUT_ONLY = {"scanner": SCANNER, "black back": BLACK_BACK, "another back": OTHER_BACK}


def seen_lightness(data):
    """As a viewer with color management shows it."""
    image = opened(data)
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True, intent="relative", depth=16)
    array = image.numpy()
    return color.rgb_to_lab(array / np.iinfo(array.dtype).max)[..., 0]


def gray_in(profile, format="PNG", bands=3):
    """GRAY in a file with a profile, whether or not that fits."""
    array = GRAY if bands == 1 else np.stack([GRAY] * bands, -1)
    return pil_bytes(Image.fromarray(array), format, icc_profile=profile)


@pytest.mark.parametrize("format", ["png", "tiff", "jpeg", "webp"])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", INPUT_ONLY)
def test_profiles_without_a_way_back_give_srgb(name, depth, format):
    rgb = np.stack([GRAY] * 3, -1)
    array = rgb if depth == 8 else rgb.astype(np.uint16) * 257
    source = stored(array, format, icc_profile_data=INPUT_ONLY[name])
    seen = read(source)
    assert len(seen.notices) == 1
    assert "no exact inverse" in seen.notices[0].text
    result = result_of(source)
    assert opened(result).get("icc-profile-data") == SRGB
    lossless = format in ("png", "tiff")
    off = np.abs(seen_lightness(result) - seen.lightness)
    assert off.max() < LEVEL if lossless else off.mean() < 1
    if lossless:
        wanted = to_lab(np.repeat(GRAY[..., None], 3, 2) / 255)[..., 0] / 652.8
        assert np.abs(seen.lightness - wanted)[GRAY > 16].max() < 1
    assert read(result).notices == ()


@pytest.mark.parametrize("ab", [(15, 25), (60, -90), (-70, 60), (70, 50), (20, -100)])
@pytest.mark.parametrize(
    "profile", [SRGB, P3, CAMERA_MATRIX, APPLE], ids=["srgb", "p3", "camera", "smaller gamut"]
)
def test_profiles_that_are_kept_keep_the_lightness_of_all_colors(profile, ab):
    array = np.stack([GRAY] * 3, -1).astype(np.uint16) * 257
    source = stored(array, "tiff", icc_profile_data=profile)
    seen = read(source)
    assert seen.notices == ()
    result = write(seen, colorized(seen, ab))
    assert opened(result).get("icc-profile-data") == profile
    off = np.abs(seen_lightness(result) - seen.lightness)
    assert off.mean() < 0.2
    assert off.max() < 1.5 * LEVEL  # where a viewer's sRGB ends
    chroma = opened(result).icc_import(embedded=True, pcs="lab", intent="relative").numpy()[..., 1:]
    assert np.hypot(*np.moveaxis(chroma, -1, 0)).max() > 25


@pytest.mark.parametrize("profile", [APPLE, CAMERA_MATRIX], ids=["smaller gamut", "camera"])
def test_colors_that_a_profile_holds_are_not_faded(profile):
    gray = COLOR.mean(axis=-1, keepdims=True)
    pale = ((COLOR + 2 * gray) / 3 * 257).astype(np.uint16)
    before = vips(pale).icc_import(input_profile="srgb", pcs="lab", intent="relative")
    after = profiles.from_srgb(vips(pale), profile)
    after = after.icc_import(embedded=True, pcs="lab", intent="relative")
    seen = before.numpy()[..., 0] > 10
    assert np.abs(after.numpy() - before.numpy())[seen].max() < 1


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG"])
@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("profile", [P3[: len(P3) // 2], P3[:128], b"no profile", bytes(600)])
def test_damaged_profiles_are_passed_over_and_told(profile, bands, format):
    source = gray_in(profile, format, bands)
    seen = read(source)
    (notice,) = seen.notices
    assert notice.text.startswith("its color profile is damaged")
    wanted = read(gray_in(None, format, bands)).lightness
    assert np.abs(seen.lightness - wanted).max() < 0.1
    off = np.abs(seen_lightness(result_of(source)) - wanted)
    assert off.mean() < 0.5 if format == "JPEG" else off.max() < LEVEL


@pytest.mark.parametrize("profile", [CMYK, gray_profile(2.2), LAB], ids=["CMYK", "gray", "Lab"])
def test_profiles_of_other_channels_are_passed_over_and_told(profile):
    source = gray_in(profile, "TIFF")
    assert "not one of RGB" in read(source).notices[0].text
    result = result_of(source)
    assert opened(result).get("icc-profile-data") == SRGB
    assert np.abs(seen_lightness(result) - read(GRAY).lightness).max() < LEVEL


def test_a_profile_that_makes_everything_black_is_damaged():
    black = table(lambda grid: np.full(grid.shape, 32768) * (0, 1, 1))
    seen = read(gray_in(icc({b"A2B0": black}, b"mntr", b"Lab ")))
    assert "is damaged" in seen.notices[0].text
    assert np.abs(seen.lightness - read(GRAY).lightness).max() < LEVEL


@pytest.mark.parametrize("profile", [gray_profile(2.2), dot_gain(20)])
def test_gray_profiles_are_heeded_without_a_word(profile):
    assert read(stored(GRAY, "tiff", icc_profile_data=profile)).notices == ()


@pytest.mark.parametrize("profile", [P3, CAMERA_MATRIX, SCANNER], ids=["p3", "camera", "scanner"])
def test_gray_with_a_profile_of_rgb_looks_as_if_it_were_rgb(profile):
    gray, rgb = (read(gray_in(profile, "TIFF", bands)) for bands in (1, 3))
    assert np.abs(gray.lightness - rgb.lightness).max() < 0.1
    assert gray.notices == rgb.notices
    result = result_of(gray_in(profile, "TIFF", 1))
    off = np.abs(seen_lightness(result) - gray.lightness)
    assert off[GRAY > 32].max() < LEVEL  # 8 linear bits have few steps in the dark


def test_cmyk_is_told():
    source = pil_bytes(Image.fromarray(COLOR).convert("CMYK"), "JPEG", icc_profile=CMYK)
    (notice,) = read(source).notices
    assert notice.text == "it is stored in CMYK, and its result in sRGB"


def test_pil_pictures_with_such_profiles_are_read_by_them(tiny_model):
    data = gray_in(SCANNER)
    with (
        Image.open(io.BytesIO(data)) as image,
        pytest.warns(ColornetWarning, match="no exact inverse"),
    ):
        result = Colorizer(tiny_model).colorize(image)
    assert np.abs(read(result).lightness - read(data).lightness).max() < LEVEL


@pytest.mark.parametrize("format", ["jpeg", "tiff", "webp", "avif"])
def test_other_formats_get_srgb_too(format):
    source = gray_in(SCANNER)
    result = result_of(source, encoding=Encoding(format))
    assert opened(result).get("icc-profile-data") == SRGB
    assert np.abs(seen_lightness(result) - read(source).lightness).mean() < 1.5
