"""Each page of a TIFF keeps what it says about itself."""

import io

import numpy as np
import pytest
import tifffile

from colornet import Colorizer
from colornet.picture import Encoding, read, stack_pages
from colornet.picture.metadata.xmp import SOURCE_TYPE
from tests.picture.making import GRAY, colorized, write

ARTIST = 315
LATIN = "Großmutter, Seite 2".encode("latin-1")


def pages(byteorder="<", bigtiff=False):
    """Three: each with a description, a date and a resolution of its own; the last with none."""
    file = io.BytesIO()
    orientation = '<x xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:ImageWidth="9"/>'
    with tifffile.TiffWriter(file, byteorder=byteorder, bigtiff=bigtiff) as tiff:
        for number, (text, date, dpi) in enumerate(
            [
                (b"Moonrise", "1941:11:01 16:49:20", 600),
                (LATIN, "1950:01:02 03:04:05", 300),
                (None, None, None),
            ]
        ):
            xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!--{number}-->{orientation}</x:xmpmeta>'
            tiff.write(
                np.roll(GRAY, number),
                description=text,
                datetime=date,
                resolution=(dpi, dpi) if dpi else None,
                resolutionunit="inch" if dpi else None,
                metadata=None,
                software=False,
                extratags=[(ARTIST, "s", 0, f"Ansel {number}", False)]
                + ([(700, "B", len(xmp), xmp.encode(), False)] if number < 2 else []),
            )
    return file.getvalue()


def told(data):
    """Of each page: description, date, artist, resolution, XMP."""
    found = []
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        for page in tiff.pages:
            tags = {tag.code: tag.value for tag in page.tags}
            resolution = tags.get(282, (0, 1))
            found.append(
                (
                    page.tags[270].value if 270 in tags else None,
                    tags.get(306),
                    tags.get(ARTIST),
                    round(resolution[0] / resolution[1]),
                    tags.get(700),
                )
            )
    return found


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("byteorder", "<>")
def test_each_page_keeps_its_own(tiny_model, tmp_path, byteorder, bigtiff):
    source = tmp_path / "book.tif"
    source.write_bytes(pages(byteorder, bigtiff))
    target = Colorizer(tiny_model).colorize(source, tmp_path / "out.tif")
    before, after = told(source.read_bytes()), told(target.read_bytes())
    assert [page[:3] for page in after] == [page[:3] for page in before]
    assert [page[3] for page in after[:2]] == [600, 300]
    assert "Seite 2" in str(after[1][0])
    for number, (*_, xmp) in enumerate(after):
        assert xmp.count(SOURCE_TYPE.encode()) == 1
        assert (b'tiff:ImageWidth="200"' in xmp) == (number < 2)
        assert [b"<!--%d-->" % k in xmp for k in range(3)] == [k == number < 2 for k in range(3)]
    seen = read(target)
    assert seen.pages == 3
    for number in range(3):
        wanted = read(np.roll(GRAY, number)).lightness
        assert np.abs(seen.page(number).lightness - wanted).max() < 0.4


def test_pages_without_metadata():
    seen = read(pages())
    pixels = stack_pages([colorized(seen.page(k)) for k in range(3)])
    bare = told(write(seen, pixels, encoding=Encoding(strip_metadata=True)))
    assert [page[:3] for page in bare] == [(None, None, None)] * 3
    assert [page[3] for page in bare[:2]] == [600, 300]
    assert not any(page[4] for page in bare)
