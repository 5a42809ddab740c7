import io
import os
import stat
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import pyvips
from PIL import Image
from skimage import data

from colornet import ColornetWarning, color, picture
from colornet.errors import OptionError, PictureTooLarge, UnreadablePicture, UnwritablePicture
from colornet.picture import (
    Encoding,
    Limits,
    is_picture_name,
    model_ab,
    model_lightness,
    model_opacity,
    read,
)
from colornet.upsample import recombine
from tests.full_disk import full_disk
from tests.picture.making import (
    COLOR,
    FORMATS,
    GRAY,
    P3,
    SRGB,
    colorized,
    layered,
    pages_of,
    pil_bytes,
    png_chunk,
    stored,
    vips,
    write,
)


def lightness_of(array):
    return color.rgb_to_lab(array / np.iinfo(array.dtype).max)[..., 0]


# What comes out is what came in


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_format_depth_size_and_alpha_are_kept(tmp_path, format, depth, bands):
    source = tmp_path / f"scan{picture.SUFFIXES[format][0]}"
    source.write_bytes(stored(layered(bands, depth), format))
    seen = read(source)
    target = write(seen, colorized(seen), tmp_path / f"out{source.suffix}")

    deep = depth == 16 and format in ("png", "tiff", "avif")
    alpha = bands in (2, 4) and format != "jpeg"
    result = read(target)
    for one in (seen, result):
        assert (one.format, one.depth) == (format, 16 if deep else 8)
        assert (one.width, one.height) == (200, 150)
        assert (one.alpha is not None) == alpha
    lossless = format in ("png", "tiff")
    off = np.abs(result.lightness - seen.lightness)
    assert off.max() < (0.5 if lossless else 15)
    assert off.mean() < (0.2 if lossless else 1.2)
    if alpha:
        off = np.abs(result.alpha.astype(int) - seen.alpha)
        assert off.max() <= (0 if lossless else 8 * (257 if deep else 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 1), (40, 50, 2), (40, 50, 3), (40, 50, 4)])
def test_arrays(dtype, shape):
    array = np.random.default_rng(0).random(shape)
    if np.issubdtype(dtype, np.integer):
        array = array * np.iinfo(dtype).max
    array = array.astype(dtype)
    before = array.copy()
    seen = read(array)
    assert (seen.kind, seen.format, seen.depth) == ("array", None, 8 if dtype == np.uint8 else 16)
    result = write(seen, colorized(seen))
    alpha = len(shape) == 3 and shape[2] in (2, 4)
    assert result.shape == (40, 50, 4 if alpha else 3)
    assert result.dtype == dtype
    if alpha:
        assert np.allclose(result[..., 3], array[..., -1], atol=1e-4)
    assert (array == before).all()


def test_views_of_arrays():
    whole = np.random.default_rng(0).integers(0, 65536, (80, 120), dtype=np.uint16)
    for view in (whole[::2, ::-3], whole.T, whole.astype(">u2")):
        lightness = lightness_of(np.repeat(view[..., None], 3, -1).astype(np.uint16))
        assert np.abs(read(view).lightness - lightness).max() < 0.05


@pytest.mark.parametrize(
    ("mode", "result"),
    [("1", "RGB"), ("L", "RGB"), ("LA", "RGBA"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA")],
)
def test_pil_pictures(mode, result):
    source = Image.fromarray(COLOR).convert(mode)
    seen = read(source)
    out = write(seen, colorized(seen))
    assert isinstance(out, Image.Image)
    assert (out.mode, out.size) == (result, source.size)


def test_pil_picture_of_16_bits_is_read_as_such():
    dark = GRAY.astype(np.uint16)  # no level above 255
    seen = read(Image.fromarray(dark))
    assert seen.depth == 16
    assert seen.lightness.max() < 5
    assert write(seen, colorized(seen)).mode == "RGB"


@pytest.mark.parametrize(
    ("key", "value"), [("exif", b"no EXIF"), ("transparency", b"no level")], ids=["exif", "tRNS"]
)
def test_pil_picture_with_damaged_metadata_is_an_error(key, value):
    source = Image.fromarray(GRAY)
    source.info[key] = value
    with pytest.raises(UnreadablePicture, match=r"the picture: cannot be read \(.+\); get"):
        read(source)


def test_pil_picture_with_a_profile_that_is_none():
    source = Image.fromarray(GRAY)
    source.info["icc_profile"] = "sRGB"
    assert read(source).lightness.shape == GRAY.shape


def test_pil_picture_is_turned_upright():
    source = Image.open(io.BytesIO(stored(GRAY, "jpeg", orientation=6)))
    assert (read(source).width, read(source).height) == (150, 200)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, io.BytesIO])
def test_bytes_and_streams(wrap):
    seen = read(wrap(stored(GRAY, "webp")))
    assert seen.kind == ("stream" if wrap is io.BytesIO else "bytes")
    result = write(seen, colorized(seen))
    assert isinstance(result, bytes)
    assert read(result).format == "webp"
    assert read(write(seen, colorized(seen), encoding=Encoding("tiff"))).format == "tiff"


def test_a_name_may_lie_about_the_format(tmp_path):
    path = tmp_path / "scan.jpg"
    path.write_bytes(stored(GRAY, "png"))
    assert read(path).format == "png"
    assert read(str(path)).name == str(path)


@pytest.mark.parametrize(
    ("mode", "format", "options"),
    [
        ("1", "PNG", {}),
        ("1", "TIFF", {}),
        ("1", "TIFF", {"compression": "group4"}),
        ("L", "TIFF", {"compression": "tiff_lzw"}),
        ("P", "PNG", {}),
    ],
)
def test_small_kinds_of_storage(mode, format, options):
    source = Image.fromarray(COLOR if mode == "P" else GRAY).convert(mode)
    seen = read(pil_bytes(source, format, **options))
    assert seen.depth == 8
    rgb = read(write(seen, colorized(seen)))
    wanted = lightness_of(np.asarray(source.convert("RGB")))
    assert np.abs(rgb.lightness - wanted).mean() < 0.3
    if format == "PNG":  # not put into a palette again
        assert len(np.unique(colorized(seen).array().reshape(-1, 3), axis=0)) > 1
        assert Image.open(io.BytesIO(write(seen, colorized(seen)))).mode == "RGB"


def test_interlaced_png():
    seen = read(vips(GRAY).pngsave_buffer(interlace=True))
    assert np.abs(seen.lightness - lightness_of(np.stack([GRAY] * 3, -1))).max() < 0.05


def test_gray_with_a_transparent_level():
    seen = read(pil_bytes(Image.fromarray(GRAY), "PNG", transparency=int(GRAY[0, 0])))
    assert seen.alpha is not None
    assert seen.alpha[0, 0] == 0
    assert seen.alpha.max() == 255


def test_jpeg_shows_white_where_it_was_transparent(tmp_path):
    array = layered(2, 16)
    array[..., 1] = 0
    seen = read(stored(array, "png"))
    with pytest.warns(ColornetWarning, match=r"stored as 8|is white") as told:
        target = write(seen, colorized(seen), tmp_path / "out.jpg")
    assert len(told) == 2
    assert read(target).lightness.min() > 99


# Lightness and color


@pytest.mark.parametrize("array", [COLOR, COLOR.astype(np.uint16) * 257 + 3, GRAY])
def test_lightness_is_that_of_color(array):
    wanted = lightness_of(array if array.ndim == 3 else np.stack([array] * 3, -1))
    for source in (array, stored(array, "png"), stored(array, "tiff")):
        assert np.abs(read(source).lightness - wanted).max() < 0.05


@pytest.mark.parametrize("size", [64, 256])
def test_model_lightness_is_the_whole_picture_squashed(size):
    photograph = data.coffee()  # (400, 600)
    small = Image.fromarray(photograph).resize((size, size), Image.Resampling.BILINEAR)
    lightness = model_lightness(read(photograph), size)
    assert lightness.shape == (size, size)
    assert lightness.dtype == np.float32
    assert np.abs(lightness - lightness_of(np.asarray(small))).mean() < 1.0


def test_model_lightness_shrinks_a_jpeg_while_loading_without_changing_it():
    large = vips(data.camera()).resize(4).cast("uchar")
    from_jpeg = model_lightness(read(large.jpegsave_buffer(Q=95)), 64)
    from_png = model_lightness(read(large.pngsave_buffer(compression=1)), 64)
    assert np.abs(from_jpeg - from_png).max() < 4  # one pixel beside a hard edge
    assert np.abs(from_jpeg - from_png).mean() < 0.1


def test_model_ab_is_that_of_the_pixels():
    halves = np.full((40, 80, 3), [200, 40, 40], np.uint8)
    halves[:, 40:] = [40, 80, 200]
    ab = model_ab(read(halves), 32)
    expected = color.rgb_to_lab(halves[20, [10, 70]] / 255.0)[:, 1:]
    assert ab[:, 16, 5] == pytest.approx(expected[0], abs=0.05)
    assert ab[:, 16, 27] == pytest.approx(expected[1], abs=0.05)
    assert np.abs(model_ab(read(halves[..., 0]), 32)).max() < 0.01


def test_model_opacity_is_zero_where_nothing_is_seen():
    pixels = np.full((64, 128, 2), 200, np.uint8)
    pixels[:, :64, 1] = 0
    opacity = model_opacity(read(pixels), 32)
    assert opacity is not None
    assert not opacity[:, :15].any()
    assert opacity[:, 17:].all()
    assert model_opacity(read(pixels[..., 0]), 32) is None


def test_model_lightness_of_a_picture_smaller_than_the_model():
    lightness = model_lightness(read(GRAY[:16, :20]), 256)
    assert lightness.shape == (256, 256)
    assert lightness.min() >= 0
    assert lightness.max() <= 100


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_color_photographs_have_color(name):
    assert read(getattr(data, name)()).had_color


def sepia(gray):
    weights = np.array([1.2, 1.05, 0.82])  # the usual recipe, applied to gray
    return np.clip(gray[..., None] * weights, 0, 255).astype(np.uint8)


def cyanotype(gray):
    lightness = lightness_of(np.stack([gray] * 3, -1))
    return color.to_rgb8(color.lab_to_rgb(lightness, np.full((*gray.shape, 2), [-8.0, -20.0])))


def unevenly_yellowed(gray):
    rows, columns = np.mgrid[: gray.shape[0], : gray.shape[1]] / 100
    ab = np.stack([3 * np.sin(columns), 15 + 5 * np.sin(rows)], axis=-1)
    return color.to_rgb8(color.lab_to_rgb(lightness_of(np.stack([gray] * 3, -1)), ab))


@pytest.mark.parametrize("tone", [lambda gray: np.stack([gray] * 3, -1), sepia, cyanotype])
@pytest.mark.parametrize("name", ["camera", "moon", "coins"])
def test_gray_stored_as_rgb_and_toned_prints_have_no_color(name, tone):
    toned = tone(getattr(data, name)())
    assert not read(toned).had_color
    assert not read(pil_bytes(Image.fromarray(toned), "JPEG", quality=40)).had_color


def test_uneven_yellowing_is_not_color():
    assert not read(unevenly_yellowed(data.camera())).had_color


def test_a_small_colored_thing_on_gray_is_color():
    array = np.stack([data.camera()] * 3, -1)
    array[100:180, 200:280] = [180, 30, 40]
    assert read(array).had_color


def test_profile_is_converted_to_srgb():
    source = stored(COLOR, "png", icc_profile_data=P3)
    wanted = vips(COLOR, icc_profile_data=P3).icc_transform("srgb", embedded=True, depth=16)
    seen = read(source)
    assert np.abs(seen.lightness - wanted.colourspace("lab")[0].numpy()).max() < 0.05
    assert np.abs(seen.lightness - read(COLOR).lightness).max() > 1


def test_profile_of_a_pil_picture_is_converted():
    source = Image.open(io.BytesIO(stored(COLOR, "png", icc_profile_data=P3)))
    from_bytes = read(stored(COLOR, "png", icc_profile_data=P3))
    assert np.abs(read(source).lightness - from_bytes.lightness).max() < 0.01


@pytest.mark.parametrize("array", [GRAY, COLOR])
def test_profile_that_cannot_be_used_is_passed_over(array):
    for profile in (SRGB, b"not a profile" * 20):
        seen = read(vips(array, icc_profile_data=profile).jpegsave_buffer(Q=100))
        wanted = read(vips(array).jpegsave_buffer(Q=100))
        assert np.abs(seen.lightness - wanted.lightness).max() < 0.05
        assert read(write(seen, colorized(seen))).width == 200


# Metadata


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp"])
def test_orientation_is_applied_and_reset(orientation, format):
    source = stored(GRAY, format, orientation=orientation)
    upright = pyvips.Image.new_from_buffer(source, "").autorot()
    seen = read(source)
    assert (seen.width, seen.height) == (upright.width, upright.height)
    for target in FORMATS if orientation == 6 else [format]:
        stored_result = write(seen, colorized(seen), encoding=Encoding(target))
        result = pyvips.Image.new_from_buffer(stored_result, "")
        assert (result.width, result.height) == (upright.width, upright.height)
        assert not result.get_typeof("orientation") or result.get("orientation") == 1
        off = read(stored_result).lightness - upright.colourspace("lab")[0].numpy()
        assert np.abs(off).mean() < 2


EXIF = {
    "exif_ifd0_Artist": "Ansel (Ansel, ASCII, 6 components, 6 bytes)",
    "exif_ifd2_DateTimeOriginal": "1941:11:01 16:49:20 (x, ASCII, 20 components, 20 bytes)",
}


@pytest.mark.parametrize("format", FORMATS)
def test_says_that_the_colors_are_computed(format):
    seen = read(stored(GRAY, format))
    result = write(seen, colorized(seen))
    note = pyvips.Image.new_from_buffer(result, "").get("xmp-data")
    assert b"DigitalSourceType" in note
    assert b"compositeWithTrainedAlgorithmicMedia" in note


@pytest.mark.parametrize("format", FORMATS)
def test_the_note_can_be_all_that_is_kept(format):
    seen = read(stored(GRAY, "jpeg", **EXIF))
    encoding = Encoding(format, strip_metadata=True, keep_note=True)
    result = pyvips.Image.new_from_buffer(write(seen, colorized(seen), encoding=encoding), "")
    assert b"compositeWithTrainedAlgorithmicMedia" in result.get("xmp-data")
    kept = [key for key in result.get_fields() if key.startswith(("exif-", "xmp-", "iptc-"))]
    assert kept == ["xmp-data"]
    assert b"Ansel" not in result.get("xmp-data")


def test_gray_thumbnail_is_left_out():
    thumbnail = pil_bytes(Image.fromarray(GRAY).resize((40, 30)), "JPEG")
    seen = read(vips(GRAY, jpeg_thumbnail_data=thumbnail, **EXIF).write_to_buffer(".jpg"))
    result = write(seen, colorized(seen))
    assert not pyvips.Image.new_from_buffer(result, "").get_typeof("jpeg-thumbnail-data")
    assert thumbnail not in result


# What cannot be read


def png_of_size(width, height):
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


UNREADABLE = {
    "empty.jpg": (lambda: b"", "is empty"),
    "text.jpg": (lambda: b"Dear diary, today I scanned", "not a picture"),
    "numbers.png": (lambda: b"2 2\n1 2\n3 4\n", "not a picture"),
    "moving.webp": (lambda: pages_of(3, "WEBP"), "3 pages or frames"),
    "moving.avif": (lambda: pages_of(3, "AVIF"), "animated AVIF"),
    "nan.tif": (
        lambda: pil_bytes(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF"),
        "float",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_files(tmp_path, name):
    make, reason = UNREADABLE[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(UnreadablePicture) as caught:
        read(path)
    assert caught.value.subject == str(path)
    assert reason in caught.value.reason
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("array", [GRAY, COLOR])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_truncated_files_are_never_returned_half_gray(array, format, share):
    whole = stored(array, format)
    with pytest.raises(UnreadablePicture, match="damaged or cut off") as caught:
        model_lightness(read(whole[: int(len(whole) * share)]), 64)
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(UnreadablePicture, match="there is no such file"):
        read(tmp_path / "none.jpg")
    with pytest.raises(UnreadablePicture, match="is a folder"):
        read(tmp_path)
    with pytest.raises(UnreadablePicture):
        read("null\0byte.jpg")
    with pytest.raises(UnreadablePicture):
        read("long" * 100 + ".jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(stored(GRAY))
    path.chmod(0)
    with pytest.raises(UnreadablePicture, match="permission denied"):
        read(path)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (np.zeros((40, 40), np.int32), "the type int32"),
        (np.zeros((40, 40), bool), "the type bool"),
        (np.zeros((40, 40, 5), np.uint8), "the shape"),
        (np.zeros(40, np.uint8), "the shape"),
        (np.zeros((0, 40), np.uint8), "too few to colorize"),
        (np.full((40, 40), np.nan), "not numbers"),
        (np.full((40, 40), 255.0), "outside 0..1"),
        (Image.new("F", (40, 40)), "mode F"),
        (Image.new("CMYK", (40, 40)), "mode CMYK"),
        (io.StringIO("text"), "stream of text"),
        (None, "not a kind of picture"),
    ],
)
def test_unreadable_objects(source, reason):
    with pytest.raises(UnreadablePicture) as caught:
        read(source)
    assert reason in caught.value.reason
    assert caught.value.remedy


def test_limits_are_checked_before_decoding(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_size(60_000, 60_000))  # 10 GB of pixels
    with pytest.raises(PictureTooLarge, match="60000 x 60000 pixels") as raised:
        read(path)
    how = "make it smaller, or raise the limit (in Python, Colorizer(limits=Limits(pixels=..)))"
    assert raised.value.remedy == how
    with pytest.raises(PictureTooLarge, match="bytes"):
        read(path, Limits(bytes=10))
    with pytest.raises(PictureTooLarge, match="bytes"):
        read(io.BytesIO(stored(GRAY)), Limits(bytes=100))
    for source in (GRAY, Image.fromarray(GRAY)):
        with pytest.raises(PictureTooLarge, match="pixels"):
            read(source, Limits(pixels=1000))
    assert read(GRAY[:8], Limits(min_side=8)).height == 8


# What cannot be written


def test_suffix_decides_the_format(tmp_path):
    seen = read(stored(GRAY, "jpeg"))
    assert read(write(seen, colorized(seen), tmp_path / "a.PNG")).format == "png"
    assert read(write(seen, colorized(seen), tmp_path / "bare", Encoding("webp"))).format == "webp"
    with pytest.raises(UnwritablePicture, match=r"unknown format \.xyz"):
        write(seen, colorized(seen), tmp_path / "a.xyz")
    with pytest.raises(UnwritablePicture, match="no suffix"):
        write(seen, colorized(seen), tmp_path / "bare2")
    with pytest.raises(UnwritablePicture, match="its suffix says jpeg"):
        write(seen, colorized(seen), tmp_path / "a.jpg", Encoding("png"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PNG", "bare"]


def test_nothing_is_overwritten_unless_asked(tmp_path):
    path = tmp_path / "scan.png"
    original = stored(GRAY)
    path.write_bytes(original)
    seen = read(path)
    result = write(seen, colorized(seen), tmp_path / "result.png")
    with pytest.raises(UnwritablePicture, match="already there"):
        write(seen, colorized(seen), result)
    write(seen, colorized(seen), result, overwrite=True)
    assert pyvips.Image.new_from_buffer(result.read_bytes(), "").bands == 3
    with pytest.raises(UnwritablePicture, match="is the original itself"):
        write(seen, colorized(seen), path, overwrite=True)
    assert path.read_bytes() == original
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(UnwritablePicture, match="already there"):
        write(seen, colorized(seen), link)
    link.unlink()
    assert sorted(tmp_path.iterdir()) == [result, path]


def test_where_nothing_can_be_written(tmp_path):
    seen = read(GRAY)
    with pytest.raises(UnwritablePicture, match="folder does not exist"):
        write(seen, colorized(seen), tmp_path / "none" / "a.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UnwritablePicture, match="is a folder"):
        write(seen, colorized(seen), tmp_path / "folder.png", overwrite=True)
    with pytest.raises(UnwritablePicture, match="name too long"):
        write(seen, colorized(seen), tmp_path / f"{'long' * 100}.png")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_where_one_may_not_write(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    seen = read(GRAY)
    with pytest.raises(UnwritablePicture, match="permission denied"):
        write(seen, colorized(seen), tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".avif"])
def test_no_half_file_stays_when_the_disk_is_full(tmp_path, suffix):
    target = tmp_path / f"a{suffix}"
    seen = read(np.random.default_rng(0).integers(0, 256, (500, 500), dtype=np.uint8))
    with (
        full_disk(10_000),
        pytest.raises(UnwritablePicture, match="cannot be written") as caught,
    ):
        write(seen, colorized(seen), target)
    assert caught.value.subject == str(target)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_reading_that_fails_while_writing_blames_the_source(tmp_path):
    whole = stored(GRAY, "jpeg")
    path = tmp_path / "scan.jpg"
    path.write_bytes(whole)
    seen = read(path)
    rgb = colorized(seen)
    path.write_bytes(whole[:2000])
    rgb = recombine(seen, np.zeros((2, 16, 16), np.float32), np.zeros((64, 64), np.float32))
    with pytest.raises(UnreadablePicture) as caught:
        write(seen, rgb, tmp_path / "out.png")
    assert caught.value.subject == str(path)
    assert list(tmp_path.iterdir()) == [path]


def test_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    seen = read(GRAY)
    target = write(seen, colorized(seen), tmp_path / "a.png")
    assert target.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_quality(tmp_path):
    seen = read(data.camera())
    for suffix in (".jpg", ".webp", ".avif"):
        sizes = [
            write(seen, colorized(seen), tmp_path / f"{quality}{suffix}", Encoding(quality=quality))
            .stat()
            .st_size
            for quality in (30, 95)
        ]
        assert sizes[0] < sizes[1] / 2
    for wrong in (0, 101):
        with pytest.raises(OptionError):
            Encoding(quality=wrong)
    with pytest.raises(OptionError, match="jpeg, png"):
        Encoding(format="gif")  # type: ignore[arg-type]


def test_picture_names():
    assert is_picture_name("a/b.JPG")
    assert is_picture_name("b.tiff")
    for name in ("notes.txt", "b.psd", "jpg", ".hidden.jpg", "._b.jpg", ".b.jpg.1f2e3d4c.part"):
        assert not is_picture_name(name)


def test_pil_is_imported_only_for_its_pictures():
    code = (
        "import sys, numpy as np; from colornet.picture import read; "
        "read(np.zeros((40, 40), np.uint8)); assert 'PIL' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_twelve_megapixels():
    large = vips(data.camera()).resize(4000 / 512, vscale=3000 / 512).cast("uchar")
    seen = read(large.jpegsave_buffer(Q=80))
    result = pyvips.Image.new_from_buffer(write(seen, colorized(seen)), "")
    assert (result.width, result.height, result.bands) == (4000, 3000, 3)


@pytest.mark.parametrize("format", FORMATS)
def test_shrunk_is_the_same_picture_in_small(format):
    seen = read(stored(GRAY, format))
    small = picture.shrunk(seen, 100)
    assert max(small.width, small.height) == 100
    assert small.width / small.height == pytest.approx(seen.width / seen.height, rel=0.02)
    assert small.lightness.mean() == pytest.approx(seen.lightness.mean(), abs=1)
    assert picture.shrunk(small, 100) is small


def test_shrunk_keeps_alpha_and_is_upright():
    small = picture.shrunk(read(stored(layered(2, 16), orientation=6)), 100)
    assert (small.width, small.height, small.depth) == (75, 100, 8)
    assert small.alpha.max() == 199


def test_shrunk_heeds_the_profile():
    seen = read(stored(COLOR, "png", icc_profile_data=P3))
    small = picture.shrunk(seen, 100)
    assert small.lightness.mean() == pytest.approx(seen.lightness.mean(), abs=0.3)
