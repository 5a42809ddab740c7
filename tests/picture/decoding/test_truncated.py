"""What there is of a picture that ends too early is colored; the rest stays, and is told."""

import io
import struct

import numpy as np
import pytest
import pyvips

from colornet.color import rgb_to_lab
from colornet.errors import UnreadablePicture
from colornet.picture import model_lightness, read, shrunk
from colornet.picture.decoding.truncated import Area
from colornet.picture.tiff.directories import SIZES, read_directory, read_header
from colornet.upsample import recombine
from tests.picture.damaging import GRAY, blocks, directory_first, encoded, tiff
from tests.picture.making import pages_of

HEIGHT, WIDTH = GRAY.shape
COLOR = np.full((2, 16, 16), 30, np.float32)


def orientation(number):
    tag = struct.pack("<2sHIHHHIHxxI", b"II", 42, 8, 1, 274, 3, 1, number, 0)
    return b"Exif\0\0" + tag


def tiffs():
    for compression in ("none", "deflate", "lzw", "packbits", "jpeg"):
        for tile in (False, True):
            yield f"{compression} {'tiles' if tile else 'strips'}", tiff(compression, tile)


SOUND = {
    "JPEG": encoded("JPEG"),
    "PNG": encoded("PNG"),
    "PNG 16": encoded("PNG", GRAY.astype(np.uint16) * 257),
} | {name: directory_first(data) for name, data in tiffs()}


def colored(seen):
    lightness = model_lightness(seen, 64)
    return recombine(seen, COLOR, lightness).array()


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("share", [0.45, 0.8])
def test_what_there_is_is_colored_and_the_rest_is_not(name, share):
    sound = SOUND[name]
    cut = sound[: int(share * len(sound))]
    with pytest.raises(UnreadablePicture, match="--partial"):
        model_lightness(read(cut), 64)
    seen, whole = read(cut, partial=True), read(sound)
    rows = round(seen.area.bottom * HEIGHT)
    assert seen.area == Area(bottom=rows / HEIGHT)
    assert 0.2 * HEIGHT < rows < HEIGHT
    assert f"{100 * (1 - rows / HEIGHT):.0f} % of it is missing" in str(seen.notices[0])
    np.testing.assert_array_equal(seen.lightness[:rows], whole.lightness[:rows])
    result = colored(seen)
    assert result.shape == (HEIGHT, WIDTH, 3)
    assert not np.ptp(result[rows:], axis=-1).any()
    lab = rgb_to_lab(result[:rows] / np.iinfo(result.dtype).max)
    np.testing.assert_allclose(lab[..., 0], whole.lightness[:rows], atol=0.6)
    assert np.median(lab[..., 1]) > 10


@pytest.mark.parametrize("name", SOUND)
def test_whole_pictures_are_read_as_always(name):
    seen = read(SOUND[name], partial=True)
    assert (seen.areas, seen.notices) == ((), ())


def test_one_strip_for_all_rows_is_read_as_far_as_it_goes():
    sound = directory_first(tiff("deflate", tile_height=HEIGHT))
    assert len(blocks(sound)) == 1
    seen = read(sound[: len(sound) // 2], partial=True)
    assert 0.3 < seen.area.share < 0.7


def test_a_progressive_jpeg_lacks_detail_alone():
    sound = encoded("JPEG", progressive=True)
    seen = read(sound[: len(sound) * 3 // 4], partial=True)
    assert seen.area is None
    assert [*map(str, seen.notices)] == ["is cut off: its finer detail is missing"]
    assert np.abs(seen.lightness - read(sound).lightness).mean() < 3


@pytest.mark.parametrize("number", range(1, 9))
def test_turned_pictures(number):
    sound = encoded("JPEG", exif=orientation(number), quality=95)
    whole, seen = read(sound), read(sound[: len(sound) // 2], partial=True)
    rows, columns = seen.area.slices(seen.width, seen.height)
    np.testing.assert_array_equal(seen.lightness[rows, columns], whole.lightness[rows, columns])
    result = colored(seen)
    outside = np.ones(result.shape[:2], bool)
    outside[rows, columns] = False
    assert 0.3 < outside.mean() < 0.7
    assert not np.ptp(result[outside], axis=-1).any()


def test_each_page_has_a_part_of_its_own():
    sound = pages_of(3, compression="tiff_lzw")
    last = blocks(sound, page=2)[0]
    # The directories lie between the data; all but the last page's data are there.
    assert max(sum(block) for page in (0, 1) for block in blocks(sound, page)) < last[0]
    moved = _data_of_the_last_page_at_the_end(sound)
    seen = read(moved[: -last[1] // 2], partial=True)
    assert [area.share for area in seen.areas[:2]] == [1, 1]
    assert 0 < seen.page(2).area.share < 1
    assert seen.page(0).area is None
    assert "of it is missing" in str(seen.notices[0])


def _data_of_the_last_page_at_the_end(sound):
    ((offset, size),) = blocks(sound, page=2)
    entry = struct.pack("<HHII", 273, 4, 1, offset)
    assert sound.count(entry) == 1
    moved = sound.replace(entry, struct.pack("<HHII", 273, 4, 1, len(sound)))
    return moved + sound[offset : offset + size]


def test_the_model_sees_no_edge():
    cut = SOUND["PNG"][: len(SOUND["PNG"]) * 6 // 10]
    seen = read(cut, partial=True)
    lightness = model_lightness(seen, 64)
    rows, _ = seen.area.slices(64, 64)
    assert lightness[rows.stop :].min() > 0
    below = min(5, 64 - rows.stop)
    mirrored = lightness[rows.stop - below : rows.stop][::-1]
    np.testing.assert_array_equal(lightness[rows.stop : rows.stop + below], mirrored)


def test_a_small_copy_knows_it_too():
    seen = shrunk(read(SOUND["PNG"][: len(SOUND["PNG"]) // 2], partial=True), 100)
    rows, _ = seen.area.slices(seen.width, seen.height)
    result = colored(seen)
    assert not np.ptp(result[rows.stop :], axis=-1).any()
    assert np.ptp(result[: rows.stop], axis=-1).any()


@pytest.mark.parametrize(
    "cut",
    [
        SOUND["JPEG"][: SOUND["JPEG"].index(b"\xff\xda") + 40],
        SOUND["PNG"][:60],
        SOUND["deflate tiles"][:600],
        encoded("WEBP")[:3000],
        encoded("AVIF")[:3000],
        tiff("deflate")[:3000],
    ],
    ids=["jpeg", "png", "tiff", "webp", "avif", "directory"],
)
def test_what_leaves_nothing_is_an_error_all_the_same(cut):
    with pytest.raises(UnreadablePicture, match="cut off"):
        model_lightness(read(cut, partial=True), 64)


def test_other_damage_is_an_error_all_the_same():
    sound = encoded("JPEG")
    damaged = sound[:4000] + bytes(200) + sound[4200:]
    with pytest.raises(UnreadablePicture, match="Corrupt JPEG data") as caught:
        model_lightness(read(damaged, partial=True), 64)
    assert "--partial" not in str(caught.value)


@pytest.mark.parametrize("name", ["WebP", "interlaced PNG"])
def test_what_cannot_be_read_in_part_is_an_error_that_says_so(name):
    interlaced = pyvips.Image.new_from_array(GRAY).pngsave_buffer(interlace=True)
    sound = interlaced if name == "interlaced PNG" else encoded("WEBP")
    cut = sound[: len(sound) // 2]
    with pytest.raises(UnreadablePicture, match=r"--partial \(partial=True\) is for JPEG"):
        model_lightness(read(cut, partial=True), 64)
    with pytest.raises(UnreadablePicture) as caught:
        model_lightness(read(cut), 64)
    assert "--partial" not in str(caught.value), "it is not promised"


def test_a_strip_beyond_any_file_is_as_one_that_is_cut_off():
    image = pyvips.Image.new_from_array(GRAY)
    data = bytearray(image.tiffsave_buffer(bigtiff=True, compression="deflate"))
    file = io.BytesIO(data)
    header = read_header(file)
    value = read_directory(file, header, header.first)[0][273]
    size = SIZES[value.type]
    data[value.at + size : value.at + 2 * size] = b"\xff" * size  # of the second strip
    seen = read(bytes(data), partial=True)
    assert 0 < seen.area.bottom < 1
    assert seen.notices[0].code == "part-missing"


def test_a_tiff_that_ends_before_a_later_directory_is_an_error_that_says_so():
    pages = pages_of(3)
    with pytest.raises(
        UnreadablePicture, match=r"page 3 cannot be found.*--partial \(partial=True\), too, needs"
    ):
        read(pages[: len(pages) // 2], partial=True)
