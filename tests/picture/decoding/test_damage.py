"""Damaged pictures: an error, never a black area that looks like a result."""

import io
import logging
import struct

import numpy as np
import pytest
import pyvips

from colornet.errors import UnreadablePicture
from colornet.picture import model_lightness, read
from colornet.upsample import recombine
from tests.picture.damaging import (
    GRAY,
    blocks,
    directory_first,
    encoded,
    tiff,
    zeroed,
)
from tests.picture.making import colorized, pages_of, write

ANY_COLOR, ANY_LIGHTNESS = np.zeros((2, 16, 16), np.float32), np.zeros((64, 64), np.float32)
COMPRESSIONS = ("none", "deflate", "lzw", "packbits", "jpeg")
LAYOUTS = pytest.mark.parametrize("tile", [False, True], ids=["strips", "tiles"])


def result_of(source):
    """As `Colorizer.colorize` does it."""
    seen = read(source)
    return write(seen, colorized(seen))


def lightness_of(data):
    return read(data).lightness


@LAYOUTS
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_tiff_that_is_cut_off_is_an_error(compression, tile, tmp_path):
    sound = directory_first(tiff(compression, tile))
    assert result_of(sound)
    offset, size = blocks(sound)[-2]
    for end in (offset + size // 2, offset, blocks(sound)[1][0] + 3):
        cut = sound[:end]
        path = tmp_path / "cut.tif"
        path.write_bytes(cut)
        for source in (cut, path, io.BytesIO(cut)):
            with pytest.raises(UnreadablePicture, match=r"damaged or cut off .*--partial"):
                result_of(source)


@LAYOUTS
@pytest.mark.parametrize("compression", COMPRESSIONS[1:])
def test_a_tiff_with_a_damaged_strip_or_tile_is_an_error(compression, tile):
    sound = tiff(compression, tile)
    for block in (0, 2, len(blocks(sound)) - 1):
        for damaged in (zeroed(sound, block), zeroed(sound, block, part=0.4)):
            with pytest.raises(UnreadablePicture, match="damaged"):
                result_of(damaged)


@LAYOUTS
def test_a_flipped_bit_of_a_deflated_tiff_is_an_error_wherever_it_is(tile):
    sound = tiff("deflate", tile, predictor="horizontal")
    offset, size = blocks(sound)[1]
    for at in range(offset + 2, offset + size, size // 25):
        damaged = bytearray(sound)
        damaged[at] ^= 4
        with pytest.raises(UnreadablePicture, match="damaged"):
            result_of(bytes(damaged))


@LAYOUTS
def test_a_strip_or_tile_left_out_is_an_error(tile):
    sound = tiff("deflate", tile)
    offsets = struct.pack(f"<{len(blocks(sound))}I", *(offset for offset, _ in blocks(sound)))
    assert offsets in sound
    sparse = sound.replace(offsets[4:12], bytes(8))
    with pytest.raises(UnreadablePicture, match="damaged"):
        result_of(sparse)


@pytest.mark.parametrize("order", ["little", "big"])
def test_the_last_of_several_pages_counts_too(order):
    pages = pages_of(3, compression="tiff_deflate", big_tiff=order == "big")
    seen = read(pages)
    assert [len(model_lightness(seen.page(k), 64)) for k in range(3)] == [64] * 3
    seen = read(zeroed(pages, 0, page=2))
    assert len(model_lightness(seen.page(0), 64)) == 64
    with pytest.raises(UnreadablePicture, match="page 3: is damaged"):
        model_lightness(seen.page(2), 64)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_planes_one_after_the_other_are_looked_at(planar):
    sound = _of_planes() if planar == "separate" else directory_first(tiff(array=_color()))
    assert result_of(sound)
    with pytest.raises(UnreadablePicture, match=r"damaged or cut off .*--partial"):
        result_of(sound[:-200])


def _color():
    return np.stack([GRAY, GRAY[::-1], GRAY[:, ::-1]], axis=-1)


def _of_planes():
    """A big-endian TIFF with three planes of one strip each."""
    height, width = GRAY.shape
    tags = {256: width, 257: height, 259: 1, 262: 2, 277: 3, 278: height, 284: 2}
    tags |= {258: (8, 8, 8), 273: None, 279: (GRAY.size,) * 3}
    tail = 8 + 2 + 12 * len(tags) + 4
    at = tail + 36
    tags[273] = (at, at + GRAY.size, at + 2 * GRAY.size)
    entries, more = b"", b""
    for tag, value in sorted(tags.items()):
        many = value if isinstance(value, tuple) else (value,)
        entries += struct.pack(">HHI", tag, 4, len(many))
        if len(many) == 1:
            entries += struct.pack(">I", value)
        else:
            entries += struct.pack(">I", tail + len(more))
            more += struct.pack(f">{len(many)}I", *many)
    directory = struct.pack(">H", len(tags)) + entries + bytes(4) + more
    return b"MM\0*" + struct.pack(">I", 8) + directory + _color().transpose(2, 0, 1).tobytes()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        *((34887, "LERC"), (34925, "LZMA"), (50000, "ZSTD"), (50002, "JPEG XL")),
        *((34712, "JPEG 2000"), (6, "Old-style JPEG"), (54321, "scheme-54321")),
    ],
)
@LAYOUTS
def test_a_compression_that_cannot_be_undone_here_is_named(number, name, tile):
    sound = tiff("none", tile)
    entry = struct.pack("<HHIHH", 259, 3, 1, 1, 0)
    assert entry in sound
    other = sound.replace(entry, struct.pack("<HHIHH", 259, 3, 1, number, 0))
    with pytest.raises(UnreadablePicture, match=f"cannot be read here: {name}-compressed TIFF"):
        result_of(other)


@LAYOUTS
def test_tags_that_nobody_knows_do_no_harm(tile):
    """libtiff warns of them whenever it looks at the directory."""
    sound = tiff("deflate", tile)
    entry = struct.pack("<HHI", 296, 3, 1)  # the unit of the resolution
    assert entry in sound
    unknown = sound.replace(entry, struct.pack("<HHI", 297 + 100, 3, 1))
    np.testing.assert_array_equal(lightness_of(unknown), lightness_of(sound))


# Other formats


def damaged_jpegs():
    sound, progressive = encoded("JPEG", quality=90), encoded("JPEG", progressive=True)
    middle = len(sound) // 2
    at = len(sound) // 5
    piece = bytes(byte ^ 0xA5 for byte in sound[at : at + 40])
    yield "garbage", sound[:at] + piece + sound[at + 40 :]
    yield "zeros", sound[:middle] + bytes(300) + sound[middle + 300 :]
    yield "lost", sound[:middle] + sound[middle + 300 :]
    yield "progressive", progressive[: len(progressive) // 2]
    restarts = encoded("JPEG", restart_marker_rows=2)
    at = restarts.index(b"\xff\xd3")
    yield "restart", restarts[:at] + restarts[at + 2 :]


@pytest.mark.parametrize("damaged", list(damaged_jpegs()), ids=lambda each: each[0])
def test_a_damaged_jpeg_is_an_error(damaged):
    with pytest.raises(UnreadablePicture, match=r"damaged|cut off"):
        result_of(damaged[1])


def sound_jpegs():
    sound, progressive = encoded("JPEG"), encoded("JPEG", progressive=True)
    yield "behind the end", sound + b"more" * 100
    yield "zeros before the end", sound[:-2] + bytes(20) + sound[-2:]
    yield "zeros before the end, progressive", progressive[:-2] + bytes(20) + progressive[-2:]
    yield "bytes between the segments", sound[:20] + bytes(3) + sound[20:]
    yield "another picture behind", sound + sound[:1000]
    yield "another's scan between the segments", sound[:20] + b"some data\xff\xd0" + sound[20:]


@pytest.mark.parametrize("whole", list(sound_jpegs()), ids=lambda each: each[0])
def test_what_lies_around_the_pixels_of_a_jpeg_does_no_harm(whole):
    progressive = "progressive" in whole[0]
    expected = lightness_of(encoded("JPEG", progressive=progressive))
    seen = read(whole[1])
    assert model_lightness(seen, 64).shape == (64, 64)
    assert not seen.doubts
    np.testing.assert_array_equal(seen.lightness, expected)


def test_data_left_over_make_a_jpeg_doubtful():
    sound = encoded("JPEG", quality=90)
    unheard = sound[:3436] + bytes(b ^ 0xA5 for b in sound[3436:3476]) + sound[3476:]
    seen = read(unheard)
    assert np.abs(seen.lightness - lightness_of(sound)).mean() > 2  # and libjpeg finds no fault
    assert not seen.doubts
    model_lightness(seen, 64)
    assert "may be damaged: " in str(seen.doubts)
    seen = read(sound[:-2] + b"something else" * 9 + sound[-2:])
    np.testing.assert_array_equal(seen.lightness, lightness_of(sound))
    model_lightness(seen, 64)
    assert "bytes of its data are left over" in str(seen.doubts)


@pytest.mark.parametrize("array", [GRAY, GRAY.astype(np.uint16) * 257], ids=["8", "16"])
def test_a_png_is_held_to_its_checksums(array):
    sound = encoded("PNG", array)
    at = sound.index(b"IDAT")
    assert result_of(sound)
    for place in range(at + 50, len(sound) - 20, len(sound) // 20):
        damaged = bytearray(sound)
        damaged[place] ^= 1
        with pytest.raises(UnreadablePicture, match="damaged"):
            result_of(bytes(damaged))


def test_a_wrong_checksum_of_a_text_does_no_harm_to_a_png():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "hello")
    sound = encoded("PNG", pnginfo=info)
    at = sound.index(b"hello") + 5
    damaged = sound[:at] + bytes(4) + sound[at + 4 :]
    np.testing.assert_array_equal(lightness_of(damaged), lightness_of(sound))


# Who hears it


def test_warnings_are_heard_when_pythons_log_is_off():
    damaged = zeroed(tiff("packbits"), 1)
    logging.disable()
    try:
        with pytest.raises(UnreadablePicture, match="damaged"):
            result_of(damaged)
    finally:
        logging.disable(logging.NOTSET)


def test_what_was_said_of_one_picture_is_not_said_of_the_next():
    pyvips.Image.new_from_buffer(dict(damaged_jpegs())["garbage"], "").avg()
    with pytest.raises(UnreadablePicture) as caught:
        result_of(encoded("PNG")[:3000])
    assert "JPEG" not in caught.value.reason


def test_threads_are_told_apart():
    from concurrent.futures import ThreadPoolExecutor

    sound, damaged = tiff("packbits"), zeroed(tiff("packbits"), 1)
    jpeg, garbage = encoded("JPEG"), dict(damaged_jpegs())["garbage"]

    def is_sound(data):
        try:
            return bool(result_of(data))
        except UnreadablePicture:
            return False

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(is_sound, [sound, damaged, jpeg, garbage] * 20))
    assert found == [True, False, True, False] * 20


def test_nothing_is_left_behind(tmp_path):
    seen = read(zeroed(tiff("lzw"), 2))
    with pytest.raises(UnreadablePicture, match="damaged"):
        write(seen, recombine(seen, ANY_COLOR, ANY_LIGHTNESS), tmp_path / "result.tif")
    assert not list(tmp_path.iterdir())
