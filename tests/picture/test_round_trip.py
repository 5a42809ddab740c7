"""What goes in comes out: format, size, depth, alpha, profile, lightness, metadata."""

import io
import itertools
import struct
from xml.etree import ElementTree

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from colornet import picture
from colornet.colorizer import Colorizer
from colornet.errors import PictureTooLarge, UnreadablePicture, UnwritablePicture
from colornet.picture import Encoding, Limits, read, stack_pages
from colornet.picture.metadata import exif
from colornet.picture.metadata.exif import PHOTOSHOP
from colornet.picture.metadata.xmp import SOURCE_TYPE, with_note
from colornet.picture.result_metadata import IPTC_RESOURCE
from tests.picture.making import (
    CMYK,
    COLOR,
    FORMATS,
    GRAY,
    INT,
    P3,
    SRGB,
    colorized,
    dot_gain,
    gray_profile,
    layered,
    opened,
    pages_of,
    pil_bytes,
    result_of,
    stored,
    vips,
    write,
)

LEVEL = 100 / 255  # of lightness
LOSSLESS = ("png", "tiff")
PROFILES = {
    "none": None,
    "srgb": SRGB,
    "p3": P3,
    "gamma 2.2": gray_profile(2.2),
    "gamma 1.8": gray_profile(1.8),
    "dot gain 20": dot_gain(20),
}
COMBINATIONS = [
    combination
    for combination in itertools.product(
        FORMATS, (8, 16), (False, True), ("gray", "rgb"), PROFILES, (1, 6)
    )
    if (combination[3] == "gray") == (combination[4] not in ("srgb", "p3"))
    or combination[4] == "none"
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("depth", [8, 16])
def test_every_combination_comes_out_as_it_went_in(format, depth):
    tried = [each[2:] for each in COMBINATIONS if each[:2] == (format, depth)]
    assert len(tried) == 28
    for alpha, kind, profile, orientation in tried:
        if orientation == 6 and format == "avif":
            continue  # AVIF stores pictures upright
        fields = {"icc_profile_data": PROFILES[profile]} if PROFILES[profile] else {}
        bands = (1 if kind == "gray" else 3) + alpha
        source = stored(layered(bands, depth), format, orientation=orientation, **fields)
        seen = read(source)
        result = result_of(source)
        again, raw = read(result), opened(result)
        assert (again.format, again.depth) == (seen.format, seen.depth)
        assert (again.width, again.height) == ((200, 150) if orientation == 1 else (150, 200))
        assert again.has_alpha == seen.has_alpha == (alpha and format != "jpeg")
        if seen.has_alpha and format in LOSSLESS:
            assert (again.alpha == seen.alpha).all()
        if kind == "rgb" and profile != "none":
            assert raw.get("icc-profile-data") == PROFILES[profile]
        else:
            kept = opened(source).get_typeof("icc-profile-data")  # WebP and AVIF are never gray
            assert bool(raw.get_typeof("icc-profile-data")) == bool(kept)
        off = np.abs(again.lightness - seen.lightness)
        if format in LOSSLESS:
            assert off.max() < LEVEL, (alpha, kind, profile, orientation)
        assert off.mean() < (LEVEL / 2 if format in LOSSLESS else 1.5)


# Profiles


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
@pytest.mark.parametrize("depth", [8, 16])
def test_gray_gamma_is_heeded(gamma, depth):
    levels = np.arange(256).reshape(16, 16).repeat(2, 0)
    array = levels.astype(np.uint8) if depth == 8 else (levels * 257).astype(np.uint16)
    seen = read(stored(array, "tiff", icc_profile_data=gray_profile(gamma)))
    luminance = (levels / 255) ** gamma
    wanted = np.where(
        luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27
    )
    bright = levels > 16  # the curve of a profile has few steps in the dark
    assert np.abs(seen.lightness - wanted)[bright].max() < LEVEL


def test_dot_gain_darkens_the_middle_and_keeps_the_ends():
    plain = read(stored(GRAY, "tiff")).lightness
    gained = read(stored(GRAY, "tiff", icc_profile_data=dot_gain(20))).lightness
    linear = read(stored(GRAY, "tiff", icc_profile_data=dot_gain(0))).lightness
    assert (gained <= linear + 0.01).all()
    assert linear.mean() - gained.mean() > 5
    assert plain.shape == gained.shape
    ends = np.array([[0, 255] * 8] * 16, np.uint8)
    assert np.ptp(read(stored(ends, icc_profile_data=dot_gain(20))).lightness) > 99.9


def test_p3_keeps_its_colors_and_not_only_its_name():
    rgb = np.stack([GRAY] * 3, -1)
    plain = opened(result_of(stored(rgb, "png")))
    wide = opened(result_of(stored(rgb, "png", icc_profile_data=P3)))
    assert np.abs(plain.numpy().astype(int) - wide.numpy()).max() > 5
    back = wide.icc_transform("srgb", embedded=True, intent="relative")
    assert np.abs(plain.numpy().astype(int) - back.numpy()).max() <= 2


# CMYK and pages


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
@pytest.mark.parametrize("profile", [None, CMYK])
def test_cmyk_is_read_and_becomes_rgb(format, profile):
    source = pil_bytes(Image.fromarray(COLOR).convert("CMYK"), format, icc_profile=profile)
    seen, result = read(source), opened(result_of(source))
    assert (seen.depth, seen.had_color) == (8, True)
    assert result.get_typeof("icc-profile-data") == 0 or result.get("icc-profile-data") == SRGB
    assert (result.interpretation, result.bands) == ("srgb", 3)
    gray = np.asarray(Image.fromarray(COLOR).convert("L"))
    assert np.corrcoef(seen.lightness.ravel(), gray.ravel())[0, 1] > 0.98
    assert np.abs(read(result_of(source)).lightness - seen.lightness).mean() < 1.5


def test_each_page_is_colored(tiny_model, tmp_path):
    source = tmp_path / "book.tif"
    source.write_bytes(pages_of(3))
    seen = read(source)
    assert seen.pages == 3
    assert seen.page(1).name.endswith("book.tif, page 2")
    target = Colorizer(tiny_model).colorize(source, tmp_path / "out.tif")
    result = read(target)
    assert (result.pages, result.width, result.height) == (3, 200, 150)
    for number in range(3):
        shifted = np.roll(seen.page(0).lightness, 20 * number, axis=1)
        assert np.abs(result.page(number).lightness - shifted).max() < LEVEL
    alone = Colorizer(tiny_model).colorize(np.roll(GRAY, 20, axis=1))
    with Image.open(target) as pages:
        pages.seek(1)
        assert (np.asarray(pages) == alone).all()


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_pages_keep_their_depth_and_alpha(depth, bands):
    page = vips(layered(bands, depth))
    pages = pyvips.Image.arrayjoin([page, page.fliphor()], across=1)
    pages.set_type(INT, "page-height", page.height)
    seen = read(pages.tiffsave_buffer())
    result = read(write(seen, stack_pages([colorized(seen.page(k)) for k in range(2)])))
    assert (result.pages, result.depth, result.has_alpha) == (2, depth, bands in (2, 4))
    for number in range(2):
        before, after = seen.page(number), result.page(number)
        assert np.abs(after.lightness - before.lightness).max() < LEVEL
        assert bands in (1, 3) or (after.alpha == before.alpha).all()


def test_pages_need_a_tiff(tiny_model, tmp_path):
    colorizer = Colorizer(tiny_model)
    with pytest.raises(UnwritablePicture, match="PNG holds one page"):
        colorizer.colorize(pages_of(3), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
    with pytest.raises(UnreadablePicture, match="holds 3 pages"):
        colorizer.open(pages_of(3))


def test_pages_of_different_sizes_are_refused():
    first, second = Image.fromarray(GRAY), Image.fromarray(GRAY[:100])
    source = pil_bytes(first, "TIFF", save_all=True, append_images=[second])
    with pytest.raises(UnreadablePicture, match="2 pages of different sizes"):
        read(source)


def test_pages_are_limited_before_any_is_decoded():
    with pytest.raises(PictureTooLarge, match="3 pages, more than 2"):
        read(pages_of(3), Limits(pages=2))
    with pytest.raises(PictureTooLarge, match="200 x 150 pixels on 3 pages"):
        read(pages_of(3), Limits(pixels=50_000))


# How it is stored


@pytest.mark.parametrize("quality", [60, 75, 85, 92, 97])
def test_jpeg_quality_is_the_sources(quality):
    source = pil_bytes(Image.fromarray(GRAY), "JPEG", quality=quality)
    assert read(source).saving == {"Q": quality}
    with Image.open(io.BytesIO(source)) as before, Image.open(io.BytesIO(result_of(source))) as now:
        assert isinstance(before, JpegImageFile)
        assert isinstance(now, JpegImageFile)
        assert before.quantization[0] == now.quantization[0]
    worse = read(result_of(source, encoding=Encoding(quality=30)))
    assert worse.saving == {"Q": 30}


def test_very_bad_jpegs_are_not_stored_so_badly_again():
    source = pil_bytes(Image.fromarray(GRAY), "JPEG", quality=10)
    assert read(result_of(source)).saving == {"Q": 60}


@pytest.mark.parametrize(("subsampling", "name"), [(0, "4:4:4"), (2, "4:2:0")])
@pytest.mark.parametrize("quality", [70, 95])
def test_chroma_subsampling_is_the_sources(subsampling, name, quality):
    gray = Image.fromarray(GRAY).convert("RGB")
    source = pil_bytes(gray, "JPEG", quality=quality, subsampling=subsampling)
    assert opened(result_of(source)).get("jpeg-chroma-subsample") == name


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_tiff_compression_is_the_sources(compression):
    source = pil_bytes(Image.fromarray(GRAY), "TIFF", compression=compression)
    with Image.open(io.BytesIO(result_of(source))) as result:
        assert result.info["compression"] == compression


def test_lossless_webp_stays_so():
    source = vips(np.stack([GRAY] * 3, -1)).webpsave_buffer(lossless=True)
    assert np.abs(read(result_of(source)).lightness - read(source).lightness).max() < LEVEL
    small = result_of(source, encoding=Encoding(quality=50))
    assert len(small) < len(result_of(source)) / 2


def test_progressive_jpeg():
    source = pil_bytes(Image.fromarray(GRAY), "JPEG", progressive=True, quality=90)
    assert np.abs(read(result_of(source)).lightness - read(source).lightness).mean() < 0.5


# Metadata

XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"{more}>'
    "<dc:creator><rdf:Seq><rdf:li>Ansel</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
OTHER = "http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm"
NAMED = ' xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'


@pytest.mark.parametrize("format", FORMATS)
def test_own_xmp_is_kept_and_the_note_added(format):
    xmp = XMP.format(more="").encode()
    note = bytes(opened(result_of(stored(GRAY, format, xmp_data=xmp))).get("xmp-data"))
    assert b"<rdf:li>Ansel</rdf:li>" in note
    assert note.count(SOURCE_TYPE.encode()) == 1


@pytest.mark.parametrize(
    "xmp",
    [
        XMP.format(more=f'{NAMED} e:DigitalSourceType="{OTHER}"'),
        XMP.format(more=NAMED).replace(
            "<dc:creator>", f"<e:DigitalSourceType>{OTHER}</e:DigitalSourceType><dc:creator>"
        ),
        XMP.format(more=NAMED).replace(
            "<dc:creator>", f'<e:DigitalSourceType rdf:resource="{OTHER}"/><dc:creator>'
        ),
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>',
        '<R:RDF xmlns:R="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        "no XML at all",
        "",
    ],
)
def test_note_says_one_thing_and_is_sound_xml(xmp):
    note = with_note(xmp.encode()).decode()
    assert note.count("DigitalSourceType=") == 1
    assert OTHER not in note
    assert ("Ansel" in note) == ("Ansel" in xmp)
    root = ElementTree.fromstring(note)
    rdf = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
    (packet,) = [root] if root.tag == f"{rdf}RDF" else root.findall(f"{rdf}RDF")
    said = [
        value
        for one in packet.findall(f"{rdf}Description")
        for key, value in one.attrib.items()
        if key.endswith("DigitalSourceType")
    ]
    assert said == [SOURCE_TYPE]
    assert with_note(with_note(xmp.encode())) == note.encode()


def test_xmp_in_another_encoding_is_replaced():
    assert SOURCE_TYPE.encode() in with_note("<x/>".encode("utf-16"))


RECORDS = b"\x1c\x02\x78\x00\x05Moon!" + b"\x1c\x02\x50\x00\x05Ansel"
"""IPTC: a caption and a by-line."""


def photoshop(*resources):
    body = b"".join(
        struct.pack(">4sHHI", b"8BIM", number, 0, len(data)) + data + b"\0" * (len(data) % 2)
        for number, data in resources
    )
    return PHOTOSHOP + body


@pytest.mark.parametrize("target", ["jpeg", "tiff"])
@pytest.mark.parametrize("source", ["jpeg", "tiff"])
def test_iptc_is_kept_and_moves_between_formats(source, target):
    wrapped = photoshop((1036, b"a gray thumbnail"), (IPTC_RESOURCE, RECORDS))
    data = stored(GRAY, source, iptc_data=wrapped)
    if source == "tiff":
        file = io.BytesIO(stored(GRAY, "tiff"))
        exif.add_to_tiff(file, iptc=RECORDS)
        data = file.getvalue()
    result = result_of(data, encoding=Encoding(target))
    if target == "jpeg":
        assert opened(result).get("iptc-data") == photoshop((IPTC_RESOURCE, RECORDS))
    else:
        assert read(result).iptc == RECORDS
        with TiffImageFile(io.BytesIO(result)) as image:
            assert image.tag_v2[33723] == RECORDS
    assert b"thumbnail" not in result


def tagged():
    tags = Image.Exif()
    tags[0x010E], tags[0x013B], tags[0x8298] = "Moonrise", "Ansel", "nobody"
    tags.get_ifd(0x8769)[0x9003] = "1941:11:01 16:49:20"
    tags.get_ifd(0x8769)[0x829A] = 1 / 60
    tags.get_ifd(0x8825)[1], tags.get_ifd(0x8825)[2] = "N", (36.0, 55.0, 12.5)
    return tags


def told(data):
    """Of EXIF: what says something about the picture."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        tags = image.getexif()
        inner, place = tags.get_ifd(0x8769), tags.get_ifd(0x8825)
        main = [tags.get(tag) for tag in (0x010E, 0x013B, 0x8298)]
        return main, inner.get(0x9003), inner.get(0x829A), place.get(1), place.get(2)


def every_tag(data):
    """EXIF by directory and tag, but for what says how and when the file itself was stored."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        tags = image.getexif()
        known = {0: dict(tags), **{one: dict(tags.get_ifd(one)) for one in (0x8769, 0x8825)}}
    own = {0x8769, 0x8825, *range(0x0100, 0x0107), *range(0x0111, 0x0119), 0x011C, 0x013D, 0x0152}
    own |= {0x0153, 0x0140, 0x02BC, 0x83BB, 0x8773, 0xA001, 0xA002, 0xA003, 0x0213}
    return {
        (directory, tag): str(value).strip("\0 ")
        for directory, found in known.items()
        for tag, value in found.items()
        if tag not in own
    }


@pytest.mark.parametrize("format", FORMATS)
def test_no_tag_is_lost_or_changed(format):
    source = result_of(
        pil_bytes(Image.fromarray(GRAY), "JPEG", exif=all_kinds_of_tags(), dpi=(600, 600)),
        encoding=Encoding(format),
    )
    before, after = every_tag(source), every_tag(result_of(source))
    assert len(before) > 15
    assert {key: after.get(key) for key in before} == before


def all_kinds_of_tags():
    tags = tagged()
    tags[0x010F], tags[0x0110], tags[0x0131] = "Graflex", "Speed Graphic", "a scanner"
    tags[0x0132], tags[0x0112] = "2001:02:03 04:05:06", 1
    inner, place = tags.get_ifd(0x8769), tags.get_ifd(0x8825)
    inner[0x829D], inner[0x8827], inner[0x9204] = 5.6, 100, -0.5
    inner[0x920A], inner[0x9209], inner[0xA434] = 127.0, 0, "Ektar f/4.7"
    inner[0x9286] = b"ASCII\0\0\0by moonlight"
    place[3], place[4], place[5], place[6] = "W", (106.0, 3.0, 0.0), b"\0", 1950.0
    return tags


@pytest.mark.parametrize("second", FORMATS)
@pytest.mark.parametrize("first", FORMATS)
def test_resolution_is_kept(first, second):
    source = vips(GRAY).copy(xres=600 / 25.4, yres=300 / 25.4)
    result = result_of(
        source.write_to_buffer(picture.SUFFIXES[first][0]), encoding=Encoding(second)
    )
    image = opened(result)
    found = 25.4 * image.xres, 25.4 * image.yres
    if second in ("webp", "avif"):  # which say it by EXIF alone
        with Image.open(io.BytesIO(result)) as tagged:
            exif = tagged.getexif()
            found = float(exif[282]), float(exif[283])
    assert found == pytest.approx((600, 300), 1e-3)


@pytest.mark.parametrize("first", FORMATS)
@pytest.mark.parametrize("second", FORMATS)
def test_exif_goes_from_every_format_to_every_other(first, second):
    source = pil_bytes(Image.fromarray(GRAY), "JPEG", exif=tagged())
    wanted = told(source)
    assert wanted[0] == ["Moonrise", "Ansel", "nobody"]
    once = result_of(source, encoding=Encoding(first))
    twice = result_of(once, encoding=Encoding(second))
    assert told(once) == wanted
    assert told(twice) == wanted


@pytest.mark.parametrize("big", [False, True])
def test_tags_of_tiffs_are_kept_with_all_pages(big):
    pages = pyvips.Image.new_from_buffer(pages_of(2), "", n=2)
    source = pages.tiffsave_buffer(bigtiff=big)
    file = io.BytesIO(source)
    exif.add_to_tiff(file, tagged().tobytes())
    seen = read(file.getvalue())
    joined = colorized(seen)
    result = write(seen, stack_pages([joined, joined]))
    assert told(result)[0] == ["Moonrise", "Ansel", "nobody"]
    assert read(result).pages == 2


def test_tags_of_another_byte_order_are_read():
    file = io.BytesIO()
    tifffile.imwrite(
        file, GRAY, byteorder=">", description="Moonrise", datetime="1941:11:01 16:49:20"
    )
    assert file.getvalue().startswith(b"MM")
    with TiffImageFile(io.BytesIO(result_of(file.getvalue()))) as result:
        assert result.tag_v2[270] == "Moonrise"
        assert result.tag_v2[306] == "1941:11:01 16:49:20"


def test_damaged_tags_do_not_hinder():
    whole = io.BytesIO(stored(GRAY, "tiff"))
    exif.add_to_tiff(whole, tagged().tobytes())
    data = bytearray(whole.getvalue())
    at = data.rindex(b"\x69\x87\x04\x00")  # the pointer to the directory of EXIF
    data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"
    assert read(bytes(data)).exif is None
    assert told(result_of(bytes(data)))[0][1:] == [None] * 2


@pytest.mark.parametrize("format", FORMATS)
def test_all_of_it_can_be_left_out(format):
    written = {"iptc_data": photoshop((IPTC_RESOURCE, RECORDS))}
    source = stored(GRAY, "jpeg", xmp_data=XMP.format(more="").encode(), **written)
    source = pil_bytes(
        Image.open(io.BytesIO(source)), "JPEG", exif=tagged(), comment="Ansel", xmp=XMP.encode()
    )
    once = result_of(source, encoding=Encoding(format))
    assert b"Ansel" in once
    bare = result_of(once, encoding=Encoding(strip_metadata=True))
    assert told(bare)[0] == [None] * 3
    assert not [key for key in opened(bare).get_fields() if key.startswith(("exif-", "xmp-"))]
    assert b"Ansel" not in bare
    assert b"DigitalSourceType" not in bare
