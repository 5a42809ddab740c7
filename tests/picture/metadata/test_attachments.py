"""Phones' JPEGs: the picture is colored, and what hangs on it is told and gone."""

import io
import struct
import time
from xml.etree import ElementTree

import numpy as np
import pytest
import pyvips

from colornet import Colorizer, ColornetWarning
from colornet.picture import Encoding, read
from colornet.picture.metadata.attachments import (
    DEPTH_MAP,
    FURTHER,
    GAIN_MAP,
    VIDEO,
    attached,
    without_claims,
)
from tests.picture.making import (
    COLOR,
    FORMATS,
    GRAY,
    opened,
    result_of,
    stored,
    ultra_hdr,
    with_segment,
)

GOOGLE = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:C="http://ns.google.com/photos/1.0/container/"'
    ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
    ' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" hdrgm:Version="1.0" dc:source="a &gt; b">'
    '<C:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><C:Item Item:Semantic="Primary"'
    ' Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource">'
    '<C:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="1234"/></rdf:li>'
    "</rdf:Seq></C:Directory><hdrgm:Gamma><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></hdrgm:Gamma>"
    "<dc:creator><rdf:Seq><rdf:li>Ansel</rdf:li></rdf:Seq></dc:creator>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
MOTION = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
    ' GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1" GCamera:SpecialTypeID="kept"'
    ' xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="0123"'
    ' xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" GDepth:Format="RangeInverse"'
    "/></rdf:RDF></x:xmpmeta>"
)


def multi_picture(first, second, kind):
    """Two JPEGs in one file, as stereo cameras store them."""

    def index(offset):
        entries = struct.pack("<IIIHHIIIHH", 0x20030000, len(first), 0, 0, 0, kind, 0, offset, 0, 0)
        tags = struct.pack("<HHHI4s", 2, 0xB000, 7, 4, b"0100")
        tags += struct.pack("<HHIII", 0xB002, 7, len(entries), 38, 0)
        return b"MPF\0" + struct.pack("<2sHI", b"II", 42, 8) + tags + entries

    size = len(with_segment(first, 0xE2, index(0)))
    return with_segment(first, 0xE2, index(size - 10)) + second


def is_free_of_claims(data):
    claims = (b"hdrgm", b"hdr-gain-map", b"GainMap", b"21496", b"MPF\0", b"container", b"MotionPho")
    return not any(claim in data for claim in claims)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("array", [GRAY, COLOR], ids=["gray", "color"])
def test_a_jpeg_with_a_gain_map_is_colored_without_it(array, format):
    source = ultra_hdr(array)
    assert opened(source).get("vips-loader") == "uhdrload_buffer"
    seen = read(source)
    assert seen.notices == (GAIN_MAP,)
    result = result_of(source, encoding=Encoding(format))
    again = read(result)
    assert (again.format, again.width, again.height) == (format, 200, 150)
    assert again.notices == ()
    assert is_free_of_claims(result)
    assert not [key for key in opened(result).get_fields() if key.startswith("gainmap")]
    plain = pyvips.Image.jpegload_buffer(source).colourspace("lab").numpy()[..., 0]
    assert np.abs(seen.lightness - plain).mean() < 0.5


def test_what_describes_the_gain_map_goes_and_the_rest_of_xmp_stays():
    result = result_of(ultra_hdr(GRAY, GOOGLE.encode()))
    assert is_free_of_claims(result)
    xmp = bytes(opened(result).get("xmp-data"))
    ElementTree.fromstring(xmp)
    assert b"<dc:creator><rdf:Seq><rdf:li>Ansel</rdf:li></rdf:Seq></dc:creator>" in xmp
    assert b'dc:source="a &gt; b"' in xmp


def test_jpegs_of_phones_before_the_standard_have_only_xmp():
    source = with_segment(
        stored(GRAY, "jpeg"), 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + GOOGLE.encode()
    )
    assert read(source).notices == (GAIN_MAP,)
    assert is_free_of_claims(result_of(source))


def test_video_and_depth_map_are_told_and_gone():
    source = stored(GRAY, "jpeg", xmp_data=MOTION.encode()) + b"\0\0\0\x18ftypmp42"
    assert set(read(source).notices) == {VIDEO, DEPTH_MAP}
    result = result_of(source)
    assert read(result).notices == ()
    assert is_free_of_claims(result)
    assert b'GCamera:SpecialTypeID="kept"' in result
    assert b"HasExtendedXMP" not in result


def test_further_views_are_told_and_previews_are_not():
    one, other = stored(GRAY, "jpeg"), stored(GRAY[:, ::-1], "jpeg")
    stereo = multi_picture(one, other, 0x020002)
    assert read(stereo).notices == (FURTHER,)
    assert read(result_of(stereo)).notices == ()
    assert read(multi_picture(one, other, 0x010001)).notices == ()
    apple = b"http://ns.adobe.com/xap/1.0/\0 http://ns.apple.com/HDRGainMap/1.0/"
    assert read(multi_picture(one, with_segment(other, 0xE1, apple), 0)).notices == (GAIN_MAP,)


def test_damage_among_the_marks_does_not_hinder():
    source = stored(GRAY, "jpeg")
    far = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 2**64 - 1)  # where no file goes on
    value = struct.pack("<2sHHHQQHHQQQ", b"II", 43, 8, 0, 16, 1, 0xB002, 7, 16, 2**63, 0)
    for body in (
        b"MPF\0",
        b"MPF\0II*\0\xff\xff\xff\x7f",
        b"MPF\0" + b"\xff" * 99,
        b"MPF\0II*\0\x08\0\0\0" + bytes(6),  # a directory without entries
        b"MPF\0" + far,
        b"MPF\0" + value,
        b"urn:iso",
    ):
        seen = read(with_segment(source, 0xE2, body))
        assert seen.notices == ()
        assert seen.lightness.shape == GRAY.shape


def test_an_avif_with_a_gain_map():
    source = bytearray(stored(GRAY, "avif"))
    at = source.index(b"mif1")
    source[at : at + 4] = b"tmap"
    assert read(bytes(source)).notices == (GAIN_MAP,)


def test_a_heic_with_a_gain_map():
    plain = struct.pack(">I4s4sI4s", 20, b"ftyp", b"heic", 0, b"mif1") + bytes(99)
    auxiliary = plain + b"urn:com:apple:photo:2020:aux:hdrgainmap\0"
    for data, wanted in [(plain, ()), (auxiliary, (GAIN_MAP,))]:
        assert attached(io.BytesIO(data), "heic") == wanted
    assert attached(io.BytesIO(plain.replace(b"mif1", b"tmap")), "heic") == (GAIN_MAP,)


def test_it_is_told_once_by_the_colorizer(tiny_model, tmp_path):
    path = tmp_path / "phone.jpg"
    path.write_bytes(ultra_hdr(GRAY))
    with pytest.warns(ColornetWarning) as told:
        Colorizer(tiny_model).colorize(path, tmp_path / "out.jpg")
    assert [str(one.message) for one in told] == [f"{path}: {GAIN_MAP}"]
    with pytest.warns(ColornetWarning, match="gain map"):
        Colorizer(tiny_model).open(path.read_bytes())


@pytest.mark.parametrize(
    "xmp",
    [
        "",
        "no XML",
        "<a",
        '<a xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/"><h:b>',
        '<a xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/"><h:b><h:b></h:b>',
    ],
)
def test_what_is_not_well_formed_stays_as_it_is(xmp):
    assert without_claims(xmp) == xmp


def test_elements_within_others_of_their_name_go_with_them():
    named = '<a xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/">{}<c/></a>'
    inner = "<h:b x='1'><h:b/><h:b></h:b><d/></h:b>"
    assert without_claims(named.format(inner)) == "<a><c/></a>"


def test_no_xmp_takes_long():
    start = time.process_time()
    name = ' xmlns:h{}="http://ns.adobe.com/hdr-gain-map/1.0/"'
    without_claims("<a" + "".join(name.format(k) for k in range(20_000)) + ">" + "<h1:b>" * 50_000)
    without_claims(f"<a{name.format(1)}>" + "<h1:b " + " x='1'" * 100_000)
    assert time.process_time() - start < 5
