"""Of a TIFF the photograph is taken, wherever it is among its images."""

import io
import struct
import time

import numpy as np
import pytest
import pyvips
import tifffile
from PIL.TiffImagePlugin import TiffImageFile
from skimage.transform import resize

from colornet import Colorizer, ColornetWarning
from colornet.errors import PictureTooLarge, UnreadablePicture
from colornet.picture import Limits, read, stack_pages
from colornet.picture.tiff.images import COPIES, FURTHER, MASKS
from tests.picture.making import GRAY, colorized, opened, result_of, stored, write

HALF = (resize(GRAY, (75, 100)) * 255).astype(np.uint8)
THUMB = (resize(GRAY, (24, 32)) * 255).astype(np.uint8)
CFA, LINEAR_RAW = 32803, 34892
LEVEL = 100 / 255


def tiff(*images, **kind):
    """Each an array, or one with options of tifffile, of which `below` are its SubIFDs."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, **kind) as writer:
        for image in images:
            array, options = image if isinstance(image, tuple) else (image, {})
            below = options.pop("below", [])
            writer.write(array, metadata=None, subifds=len(below), **options)
            for inner, more in below:
                writer.write(inner, metadata=None, **more)
    return file.getvalue()


def small(array=THUMB, **options):
    return array, {"subfiletype": 1, **options}


def is_gray(seen):
    return np.abs(seen.lightness - read(GRAY).lightness).max() < LEVEL


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "images",
    [
        [small(), GRAY],
        [GRAY, small()],
        [GRAY, small(HALF), small(), small(THUMB[::2, ::2])],
        [(GRAY, {"below": [small(HALF), small()]})],
        [(THUMB, {"subfiletype": 1, "below": [(GRAY, {"subfiletype": 0})]})],
        [(THUMB, {"subfiletype": 1, "below": [small(HALF), (GRAY, {})]})],
        [(THUMB, {"below": [(GRAY, {})]})],
        [GRAY, HALF, THUMB],
        [THUMB, GRAY],
        [GRAY, (THUMB, {"extratags": [(255, 3, 1, 2, True)]})],
    ],
    ids=[
        *("thumbnail first", "thumbnail last", "pyramid of pages", "pyramid of SubIFDs"),
        *("SubIFD of a thumbnail", "second SubIFD", "larger SubIFD, unmarked"),
        *("pyramid, unmarked", "thumbnail, unmarked", "the older mark"),
    ],
)
def test_the_image_in_full_resolution_is_taken(images, order, big):
    source = tiff(
        *[(i[0], dict(i[1])) if isinstance(i, tuple) else i for i in images],
        byteorder=order,
        bigtiff=big,
    )
    seen = read(source)
    assert (seen.pages, seen.width, seen.height) == (1, 200, 150)
    assert is_gray(seen)
    assert seen.notices == (COPIES,)
    again = read(result_of(source))
    assert (again.pages, again.notices) == (1, ())
    assert is_gray(again)


def test_pyramids_as_libvips_makes_them():
    image = pyvips.Image.new_from_array(np.tile(GRAY, (4, 4)))
    for options in ({}, {"subifd": True}):
        source = image.tiffsave_buffer(pyramid=True, tile=True, **options)
        seen = read(source)
        assert (seen.pages, seen.width, seen.height) == (1, 800, 600)
        assert seen.notices == (COPIES,)


def test_real_pages_stay_and_their_thumbnails_go(tiny_model, tmp_path):
    pages = [np.roll(GRAY, 20 * k, axis=1) for k in range(3)]
    source = tmp_path / "book.tif"
    source.write_bytes(tiff(*(each for page in pages for each in (page, small(page[::8, ::8])))))
    with pytest.warns(ColornetWarning, match="lower resolution") as told:
        result = read(Colorizer(tiny_model).colorize(source, tmp_path / "out.tif"))
    assert len(told) == 1
    assert (result.pages, result.notices) == (3, ())
    for number, page in enumerate(pages):
        assert np.abs(result.page(number).lightness - read(page).lightness).max() < LEVEL


def test_thumbnails_without_a_mark_are_known_by_what_they_show():
    pages = [np.roll(GRAY, 20 * k, axis=1) for k in range(3)]
    seen = read(tiff(*(each for page in pages for each in (page, page[::5, ::5]))))
    assert (seen.pages, seen.notices) == (3, (COPIES,))
    with pytest.raises(UnreadablePicture, match="2 pages of different sizes"):
        read(tiff(GRAY, HALF[:, ::-1].copy()))  # as large as a copy, but another picture


def test_flat_pages_are_compared_by_their_tone():
    white, black = np.full((40, 60), 255, np.uint8), np.zeros((20, 30), np.uint8)
    assert read(tiff(white, white[::2, ::2].copy())).pages == 1
    with pytest.raises(UnreadablePicture, match="2 pages of different sizes"):
        read(tiff(white, black))


def test_masks_and_depth_maps_are_left_out_and_told():
    for kind in (4, 5, 8):
        seen = read(tiff(GRAY, (GRAY > 99, {"subfiletype": kind, "photometric": "minisblack"})))
        assert (seen.pages, seen.notices) == (1, (MASKS,))
        assert is_gray(seen)


def test_further_images_below_a_page_are_told():
    seen = read(tiff((GRAY, {"below": [(GRAY[:60, ::-1].copy(), {})]})))
    assert seen.notices == (FURTHER,)
    assert is_gray(seen)


def test_what_is_marked_as_reduced_alone_is_the_picture():
    seen = read(tiff(small(GRAY)))
    assert seen.notices == ()
    assert is_gray(seen)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("photometric", [CFA, LINEAR_RAW])
def test_camera_raw_is_refused_by_name(nested, photometric):
    raw = np.repeat(GRAY[..., None], 1 if photometric == CFA else 3, 2).astype(np.uint16).squeeze()
    sensor = (raw, {"photometric": photometric, "subfiletype": 0})
    thumbnail = (np.stack([THUMB] * 3, -1), {"subfiletype": 1, "photometric": "rgb"})
    if nested:
        source = tiff((thumbnail[0], {**thumbnail[1], "below": [sensor, small(HALF)]}))
    else:
        source = tiff(thumbnail, sensor)
    with pytest.raises(UnreadablePicture, match="cannot be read here: camera raw") as caught:
        read(source)
    assert "raw converter" in caught.value.remedy


def test_canons_raw_is_known_by_its_mark():
    source = bytearray(stored(GRAY, "tiff"))
    assert int.from_bytes(source[4:8], "little") > 16  # the directory is behind the pixels
    source[8:12] = b"CR\x02\0"
    with pytest.raises(UnreadablePicture, match="camera raw"):
        read(bytes(source))


def test_what_is_written_tells_of_the_image_that_was_taken():
    note = [(270, 2, 0, "the photograph", True), (315, 2, 0, "Ansel", True)]
    thumbnail = [(270, 2, 0, "the thumbnail", True), (271, 2, 0, "Graflex", True)]
    for source in (
        tiff(small(extratags=thumbnail), (GRAY, {"extratags": note})),
        tiff(
            (
                THUMB,
                {"subfiletype": 1, "extratags": thumbnail, "below": [(GRAY, {"extratags": note})]},
            )
        ),
    ):
        with TiffImageFile(io.BytesIO(result_of(source))) as result:
            assert (result.tag_v2[270], result.tag_v2[315]) == ("the photograph", "Ansel")
            nested = result.tag_v2.get(271)
    assert nested == "Graflex"  # what the directory above says holds for what is below it


def test_a_photograph_below_is_turned_as_the_directory_above_says():
    turned = [(274, 3, 1, 6, True)]
    source = tiff((THUMB, {"subfiletype": 1, "extratags": turned, "below": [(GRAY, {})]}))
    seen = read(source)
    assert (seen.width, seen.height) == (150, 200)
    assert np.abs(seen.lightness - np.rot90(read(GRAY).lightness, -1)).max() < LEVEL
    assert read(result_of(source)).width == 150


def test_profile_compression_and_depth_are_those_of_the_image_taken():
    deep = GRAY.astype(np.uint16) * 257
    seen = read(tiff(small(compression="zlib"), (deep, {"compression": "none"})))
    assert (seen.depth, seen.saving) == (16, {"compression": "none"})


def test_directories_that_are_damaged_are_told():
    source = bytearray(tiff((THUMB, {"subfiletype": 1, "below": [(GRAY, {})]})))
    header = opened(bytes(source))
    assert header.get("n-subifds") == 1
    with tifffile.TiffFile(io.BytesIO(bytes(source))) as file:
        at = file.pages[0].tags[330].valueoffset
    source[at : at + 4] = (len(source) - 3).to_bytes(4, "little")
    with pytest.raises(UnreadablePicture, match="images of page 1 cannot be found"):
        read(bytes(source))
    pages = tiff(GRAY, GRAY)
    with tifffile.TiffFile(io.BytesIO(pages)) as file:
        second = file.pages[1].offset
    with pytest.raises(UnreadablePicture, match=r"damaged or cut off|cannot be found"):
        read(pages[: second + 20] if second > len(pages) // 2 else pages[:second])


def test_a_chain_that_bites_its_tail_ends():
    source = bytearray(tiff(GRAY))
    with tifffile.TiffFile(io.BytesIO(bytes(source))) as file:
        first, count = file.pages[0].offset, len(file.pages[0].tags)
    source[first + 2 + 12 * count :][:4] = b""
    at = first + 2 + 12 * count
    source[at : at + 4] = first.to_bytes(4, "little")
    assert read(bytes(source)).pages == 1


def test_directories_without_end_take_no_long_time():
    """Thousands of SubIFDs with thousands of tags each, which share their bytes."""
    count, at = 9990, 1000
    tags = [(256, 3, 1, 100), (257, 3, 1, 100), (330, 4, count, at)]
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    head += b"".join(struct.pack("<HHII", *tag) for tag in tags)
    offsets = struct.pack(f"<{count}I", *(at + 4 * count + 2 * k for k in range(count)))
    source = head.ljust(at, b"\0") + offsets + struct.pack("<H", 4096) * (count + 7 * 4096)
    start = time.process_time()
    with pytest.raises((UnreadablePicture, PictureTooLarge)):
        read(source)
    assert time.process_time() - start < 10


def test_limits_hold_for_the_image_taken_and_the_pages_left():
    with pytest.raises(PictureTooLarge):
        read(tiff(small(), GRAY), Limits(pixels=10_000))
    seen = read(tiff(*[GRAY, small()] * 3), Limits(pages=3, pixels=3 * GRAY.size))
    result = write(seen, stack_pages([colorized(seen.page(k)) for k in range(3)]))
    assert read(result).pages == 3


def test_plain_tiffs_have_no_notice():
    assert read(stored(GRAY, "tiff")).notices == ()
    assert read(tiff(GRAY, np.roll(GRAY, 5, 1))).notices == ()
