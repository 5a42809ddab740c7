"""XMP says of a result what is true: it is upright and of its own size."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from PIL import Image

from colornet import Colorizer, ColornetWarning
from colornet.picture import Encoding, read, stack_pages
from colornet.picture.metadata.xmp import SOURCE_TYPE, upright
from tests.picture.making import (
    FORMATS,
    GRAY,
    colorized,
    opened,
    pil_bytes,
    result_of,
    stored,
    write,
)

PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" {declared}{attributes}>{elements}</rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
)
TIFF, EXIF = "{http://ns.adobe.com/tiff/1.0/}", "{http://ns.adobe.com/exif/1.0/}"
NAMES = {
    f"{TIFF}Orientation": "1",
    f"{TIFF}ImageWidth": "150",
    f"{TIFF}ImageLength": "200",
    f"{EXIF}PixelXDimension": "150",
    f"{EXIF}PixelYDimension": "200",
}


def packet(attributes="", elements="", tiff="tiff", exif="exif"):
    declared = f"xmlns:{tiff}=\"{TIFF[1:-1]}\" xmlns:{exif}='{EXIF[1:-1]}' "
    return PACKET.format(declared=declared, attributes=attributes, elements=elements)


FORMS = {
    "attributes": packet(
        'tiff:Orientation="6" tiff:ImageWidth="200" tiff:ImageLength="150"'
        ' exif:PixelXDimension="200" exif:PixelYDimension="150"'
    ),
    "single quotes": packet("tiff:Orientation = '8' tiff:ImageWidth='200'"),
    "elements": packet(
        elements="<tiff:Orientation>6</tiff:Orientation><tiff:ImageWidth> 200 </tiff:ImageWidth>"
        "<exif:PixelXDimension>200</exif:PixelXDimension>"
    ),
    "other prefixes": packet(
        't:Orientation="6"', "<e:PixelYDimension>150</e:PixelYDimension>", tiff="t", exif="e"
    ),
    "values within": packet(
        elements='<tiff:Orientation rdf:parseType="Resource"><rdf:value>6</rdf:value>'
        "</tiff:Orientation >"
    ),
    "default namespace": packet(
        elements=f'<Orientation xmlns="{TIFF[1:-1]}">6</Orientation>', attributes='tiff:Make="x"'
    ),
    "declared within": PACKET.format(
        declared="",
        attributes="",
        elements=f'<q:Orientation xmlns:q="{TIFF[1:-1]}">6</q:Orientation>',
    ),
}


def told(xmp):
    """Every value of NAMES, wherever it is."""
    found = []
    for one in ElementTree.fromstring(xmp).iter():
        found += [(key, value) for key, value in one.attrib.items() if key in NAMES]
        if one.tag in NAMES:
            found.append((one.tag, "".join(one.itertext()).strip()))
    return found


@pytest.mark.parametrize("form", FORMS)
def test_orientation_and_size_are_those_of_the_result(form):
    source = FORMS[form]
    result = upright(source.encode(), 150, 200).decode()
    assert [key for key, _ in told(result)] == [key for key, _ in told(source)]
    assert told(source)
    assert all(value == NAMES[key] for key, value in told(result))


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp"])
@pytest.mark.parametrize("form", ["attributes", "elements"])
def test_a_turned_picture_is_not_turned_again(format, form):
    source = stored(GRAY, format, orientation=6, xmp_data=FORMS[form].encode())
    result = opened(result_of(source))
    assert (result.width, result.height) == (150, 200)
    xmp = bytes(result.get("xmp-data"))
    assert (f"{TIFF}Orientation", "1") in told(xmp)
    assert all(value == NAMES[key] for key, value in told(xmp))


def test_what_only_looks_alike_stays():
    other = packet('tiff:OrientationNote="6"').replace(
        "<rdf:Description", '<rdf:Description xmlns:o="urn:o" o:Orientation="6"', 1
    )
    assert upright(other.encode(), 1, 1) == other.encode()
    for none in (b"", b"no XML", "<x/>".encode("utf-16"), b"\xff\xfe"):
        assert upright(none, 1, 1) == none


def test_gray_thumbnails_are_left_out():
    basic = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"'
    inner = "<rdf:Alt><rdf:li><xmpGImg:image>/9j/4AAQ</xmpGImg:image></rdf:li></rdf:Alt>"
    whole = f'<x {basic} xmlns:xmpGImg="u"><xmp:Thumbnails>{inner}</xmp:Thumbnails><y/></x>'
    assert upright(whole.encode(), 1, 1).decode() == f'<x {basic} xmlns:xmpGImg="u"><y/></x>'


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_its_own_size(format):
    source = stored(GRAY, format, xmp_data=FORMS["attributes"].encode())
    xmp = bytes(opened(result_of(source)).get("xmp-data"))
    assert (f"{TIFF}ImageWidth", "200") in told(xmp)


@pytest.mark.parametrize("piece", ["<tiff:Orientation>", " tiff:Orientation=", "<xmp:Thumbnails>"])
def test_it_takes_no_long_time(piece):
    bomb = packet() + ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"' + piece * 60_000
    assert upright(bomb.encode(), 1, 1)


def test_xmp_that_cannot_be_read_is_told(tiny_model):
    for broken in (b"no XML at all", "<x/>".encode("utf-16")):
        source = stored(GRAY, "jpeg", xmp_data=broken)
        with pytest.warns(ColornetWarning, match="its XMP cannot be read, and is left out"):
            result = Colorizer(tiny_model).colorize(source)
        assert SOURCE_TYPE.encode() in bytes(opened(result).get("xmp-data"))


@pytest.mark.parametrize("format", FORMATS)
def test_xmp_too_long_for_a_jpeg_leaves_the_note(format):
    long = packet(elements=f"<!-- {'x' * 100_000} -->").encode()
    source = stored(GRAY, "png", xmp_data=long)
    if format == "jpeg":
        with pytest.warns(ColornetWarning, match="its XMP is longer than a JPEG can hold"):
            xmp = bytes(opened(result_of(source, encoding=Encoding(format))).get("xmp-data"))
    else:
        xmp = bytes(opened(result_of(source, encoding=Encoding(format))).get("xmp-data"))
    assert SOURCE_TYPE.encode() in xmp
    assert (b"xxxxx" in xmp) == (format != "jpeg")


@pytest.mark.parametrize("format", FORMATS)
def test_exif_and_resolution_of_a_turned_picture(format):
    tags = Image.Exif()
    tags[0x0112], tags[0x0100], tags[0x0101] = 6, 200, 150
    tags.get_ifd(0x8769)[0xA002], tags.get_ifd(0x8769)[0xA003] = 200, 150
    source = pil_bytes(Image.fromarray(GRAY), "JPEG", exif=tags.tobytes(), dpi=(600, 300))
    result = result_of(source, encoding=Encoding(format))
    with Image.open(io.BytesIO(result)) as image:
        told = image.getexif()
        inner = told.get_ifd(0x8769)
        assert told.get(0x0112, 1) == 1
        assert (told.get(0x0100, 150), told.get(0x0101, 200)) == (150, 200)
        assert (inner.get(0xA002, 150), inner.get(0xA003, 200)) == (150, 200)
        assert (float(told[282]), float(told[283])) == pytest.approx((300, 600), 1e-3)


def test_resolution_of_turned_pages():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as tiff:
        for dpi in ((600, 300), (400, 200)):
            turned = [(274, "H", 1, 6, True)]
            tiff.write(GRAY, resolution=dpi, resolutionunit="inch", extratags=turned, metadata=None)
    seen = read(file.getvalue())
    result = write(seen, stack_pages([colorized(seen.page(k)) for k in range(2)]))
    with tifffile.TiffFile(io.BytesIO(result)) as tiff:
        found = [page.get_resolution("inch") for page in tiff.pages]
    assert np.round(found).tolist() == [[300, 600], [200, 400]]
