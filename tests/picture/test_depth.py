"""Bits a channel: those that are read, those that are named, and those that are told."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from colornet import Colorizer, ColornetWarning
from colornet.errors import UnreadablePicture
from colornet.picture import read
from colornet.picture.reading import NO_SHADES
from colornet.picture.tiff.samples import FLOATS
from tests.picture.making import GRAY, pil_bytes, result_of, stored

LEVEL = 100 / 255


def tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(
        file, array, metadata=None, photometric=("minisblack", "rgb")[array.ndim - 2], **options
    )
    return file.getvalue()


def packed(bits, bands=1):
    """GRAY in a TIFF of so many bits, packed, by a copy of 8 or 16 bits whose tags are changed."""
    values = GRAY.astype(np.uint16) << 8 >> (16 - bits)
    values = np.repeat(values.reshape(len(GRAY), -1), bands, 1)
    digits = (values[..., None] >> np.arange(bits)[::-1]) & 1
    rows = np.packbits(digits.reshape(len(GRAY), -1).astype(np.uint8), axis=1).tobytes()
    shape = (*GRAY.shape, bands)[: 2 + (bands > 1)]
    source = bytearray(tiff(np.zeros(shape, np.uint8)))
    with tifffile.TiffFile(io.BytesIO(bytes(source))) as file:
        tags = file.pages[0].tags
        at, count = (tags[tag].valueoffset for tag in (273, 279))
        for k in range(bands):
            where = tags[258].valueoffset + 2 * k
            source[where : where + 2] = bits.to_bytes(2, "little")
    source[at : at + 4] = len(source).to_bytes(4, "little")
    source[count : count + 4] = len(rows).to_bytes(4, "little")
    return bytes(source) + rows


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_10_to_14_bits_are_named(bits, bands, tmp_path):
    path = tmp_path / "scan.tif"
    path.write_bytes(packed(bits, bands))
    with pytest.raises(UnreadablePicture) as caught:
        read(path)
    assert caught.value.reason == f"cannot be read here: TIFF with {bits} bits a channel"
    assert caught.value.remedy == "convert it to 8 or 16 bits a channel"
    assert caught.value.subject == str(path)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_fewer_bits_are_read(bits):
    levels = (1 << bits) - 1
    wanted = np.rint((GRAY >> (8 - bits)) * (255 / levels)).astype(np.uint8)
    seen = read(packed(bits))
    assert seen.notices == ()
    assert np.abs(seen.lightness - read(wanted).lightness).max() < LEVEL


@pytest.mark.parametrize(
    ("array", "what"),
    [
        (GRAY.astype(np.int16), "signed integers"),
        (GRAY.astype(np.uint32), "32 bits a channel"),
        (GRAY.astype(np.complex64), "complex numbers"),
        (GRAY / 255.0, "64-bit floating point"),
        (GRAY.astype(np.float32), "floating point outside 0..1 (3 to 255)"),
        (np.where(GRAY > 99, np.nan, 0.5).astype(np.float32), "some are not numbers"),
        (GRAY.astype(np.float32) / 255 - 0.5, "floating point outside 0..1 (-0.4"),
    ],
    ids=["signed", "32 bits", "complex", "64-bit float", "0..255", "NaN", "negative"],
)
def test_other_samples_are_named(array, what):
    with pytest.raises(UnreadablePicture) as caught:
        read(tiff(array))
    assert "cannot be read here: " in caught.value.reason
    assert what in caught.value.reason
    assert "8 or 16 bits" in caught.value.remedy


@pytest.mark.parametrize("photometric", ["miniswhite", "cielab"])
def test_floating_point_of_other_colors_is_named(photometric):
    array = (np.stack([GRAY] * 3, -1) / 255).astype(np.float32)
    file = io.BytesIO()
    plain = array if photometric == "cielab" else array[..., 0]
    tifffile.imwrite(file, plain, photometric=photometric, metadata=None)
    with pytest.raises(UnreadablePicture, match="floating point that is neither gray nor RGB"):
        read(file.getvalue())


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_floating_point_of_0_to_1_is_read_as_an_array_is(dtype, bands):
    array = (np.stack([GRAY] * bands, -1).squeeze() / 255).astype(dtype)
    seen = read(tiff(array))
    assert (seen.depth, seen.notices) == (16, (FLOATS,))
    assert np.abs(seen.lightness - read(array.astype(np.float32)).lightness).max() < 0.01
    again = read(result_of(tiff(array)))
    assert (again.format, again.depth, again.notices) == ("tiff", 16, ())
    assert np.abs(again.lightness - seen.lightness).max() < LEVEL


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_bilevel_pictures_have_no_shades_and_say_so(photometric, tmp_path, tiny_model):
    bilevel = GRAY > 99
    file = io.BytesIO()
    tifffile.imwrite(file, bilevel, photometric=photometric, metadata=None)
    fax = pil_bytes(Image.fromarray(bilevel), "TIFF", compression="group4")
    for source in (file.getvalue(), fax, pil_bytes(Image.fromarray(bilevel), "PNG")):
        seen = read(source)
        assert seen.notices == (NO_SHADES,)
        assert sorted(np.unique(seen.lightness.round())) == [0, 100]
        assert read(result_of(source)).notices == ()
        with pytest.warns(ColornetWarning, match="no shades"):
            Colorizer(tiny_model).colorize(source)
    assert read(Image.fromarray(bilevel)).notices == (NO_SHADES,)
    assert read(Image.fromarray(GRAY)).notices == ()


@pytest.mark.parametrize("format", ["tiff", "png"])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_what_is_dark_stays_dark_with_a_notice(bits, format, tiny_model):
    array = GRAY.astype(np.uint16) << (bits - 8)
    source = stored(array, format)
    with pytest.warns(ColornetWarning, match=f"end at {array.max()} of 65535, .* {bits} bits"):
        Colorizer(tiny_model).open(source)
    with pytest.warns(ColornetWarning, match="stays as dark"):
        Colorizer(tiny_model).open(array)
    again = read(result_of(source))
    assert np.abs(again.lightness - read(source).lightness).max() < LEVEL
    assert again.lightness.max() < 30


def test_pictures_of_16_bits_that_are_used_have_no_notice(tiny_model, recwarn):
    for source in (GRAY.astype(np.uint16) * 257, GRAY, GRAY / 2000, np.zeros((40, 40), np.uint16)):
        Colorizer(tiny_model).open(source)
    assert not [one for one in recwarn if "65535" in str(one.message)]


def test_a_pil_picture_of_16_bits_tells_that_its_result_has_8():
    deep = Image.fromarray(np.linspace(0, 65535, 64 * 80).reshape(64, 80).astype(np.uint16))
    assert [notice.code for notice in read(deep).notices] == ["depth-reduced"]
    assert read(deep.convert("L")).notices == ()
