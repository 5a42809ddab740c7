"""A PNG's text comes out byte for byte, whatever is in it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from colornet import Colorizer, ColornetWarning
from colornet.picture import Encoding, read
from tests.picture.making import (
    FORMATS,
    GRAY,
    colorized,
    opened,
    png_chunk,
    result_of,
    stored,
    write,
)

LATIN = "Großmutter".encode("latin-1")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Exempi"></x:xmpmeta>'


def chunks(data):
    """Type and body of each."""
    at, found = 8, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 8 + size])
        at += 12 + size
    return found


def with_text(*texts, late=False, **fields):
    """A PNG with such chunks behind its header, or before its end."""
    data = stored(GRAY, **fields)
    at = len(data) - 12 if late else 33
    return data[:at] + b"".join(texts) + data[at:]


TEXTS = {
    "Latin-1": (b"tEXt", b"Description\0" + LATIN),
    "keyword in Latin-1": (b"tEXt", "Titré\0abc".encode("latin-1")),
    "UTF-8": (b"iTXt", "Title\0\0\0\0\0Łódź 1931 🎞".encode()),
    "UTF-8, compressed": (b"iTXt", b"Title\0\1\0pl\0\0" + zlib.compress("Łódź".encode())),
    "translated": (b"iTXt", "Title\0\0\0de\0Überschrift\0Größe".encode()),
    "compressed": (b"zTXt", b"Comment\0\0" + zlib.compress(b"M\xfcller")),
    "long": (b"tEXt", b"Comment\0" + b"word " * 100_000),
    "empty": (b"tEXt", b"Comment\0"),
    "lines": (b"tEXt", b"Comment\0one\r\ntwo\n\tthree"),
    "spaces in the keyword": (b"tEXt", b" Odd  keyword \0abc"),
    "keyword of 79 bytes": (b"tEXt", b"k" * 79 + b"\0abc"),
    "UTF-8 where it should be Latin-1": (b"tEXt", "Comment\0Łódź".encode()),
    "not a character": (b"tEXt", b"Comment\0\x01\x02\x9f\xff"),
}
DAMAGED = {
    "no keyword": (b"tEXt", b"\0abc"),
    "no end of the keyword": (b"tEXt", b"abc"),
    "keyword too long": (b"tEXt", b"k" * 80 + b"\0abc"),
    "not compressed": (b"zTXt", b"Comment\0\0abc"),
    "compressed in another way": (b"zTXt", b"Comment\0\7" + zlib.compress(b"abc")),
    "cut off": (b"zTXt", b"Comment\0\0" + zlib.compress(b"abc" * 99)[:9]),
    "not UTF-8": (b"iTXt", b"Title\0\0\0\0\0" + LATIN),
    "UTF-8 cut off": (b"iTXt", b"Title\0\0"),
    "a bomb": (b"zTXt", b"Comment\0\0" + zlib.compress(bytes((1 << 24) + 1))),
}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("name", TEXTS)
def test_text_comes_out_as_it_went_in(name, late):
    kind, body = TEXTS[name]
    result = result_of(with_text(png_chunk(kind, body), late=late))
    assert chunks(result).count(kind + body) == 1
    with Image.open(io.BytesIO(result)) as image:
        image.load()
        assert image.mode == "RGB"
    assert chunks(result_of(result)).count(kind + body) == 1


def test_all_of_it_at_once(tmp_path):
    texts = [png_chunk(*text) for text in TEXTS.values()]
    seen = read(with_text(*texts))
    assert not seen.notices
    result = write(seen, colorized(seen), tmp_path / "a.png").read_bytes()
    kept = [each for each in chunks(result) if each[:4] in (b"tEXt", b"zTXt", b"iTXt")]
    assert kept[1:] == [kind + body for kind, body in TEXTS.values()]
    assert kept[0].startswith(b"iTXtXML:com.adobe.xmp\0")


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "png"])
def test_text_hinders_no_other_format_and_is_told(format):
    texts = [png_chunk(*text) for text in (TEXTS | DAMAGED).values()]
    with pytest.warns(ColornetWarning, match=r"its text \(Description, Titr.*\) has no place in"):
        result = result_of(with_text(*texts), encoding=Encoding(format))
    assert read(result).format == format


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_text_is_left_out_and_told(tiny_model, name):
    sound = png_chunk(*TEXTS["Latin-1"])
    with pytest.warns(ColornetWarning, match="some of its text is damaged, and is left out"):
        result = Colorizer(tiny_model).colorize(with_text(sound, png_chunk(*DAMAGED[name])))
    kinds = [each[:4] for each in chunks(result)]
    assert (kinds.count(b"tEXt"), kinds.count(b"zTXt")) == (1, 0)


def test_another_checksum():
    text = bytearray(png_chunk(*TEXTS["Latin-1"]))
    text[-1] ^= 1
    seen = read(with_text(bytes(text)))
    assert seen.notices
    assert np.abs(seen.lightness - read(GRAY).lightness).max() < 0.05


@pytest.mark.parametrize("late", [False, True])
def test_xmp_is_kept_from_any_place(late):
    body = b"XML:com.adobe.xmp" + bytes(5) + XMP
    result = result_of(with_text(png_chunk(b"iTXt", body), late=late))
    assert b'xmptk="Exempi"' in bytes(opened(result).get("xmp-data"))
    assert result.count(b"XML:com.adobe.xmp") == 1
    with Image.open(io.BytesIO(result)) as image:
        assert b"DigitalSourceType" in image.info["xmp"]


def test_exif_as_text_goes_when_the_picture_was_turned():
    raw = png_chunk(
        b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 6\n457869660000\n")
    )
    assert b"Raw profile" in result_of(with_text(raw))
    assert b"Raw profile" not in result_of(with_text(raw, orientation=6))


def test_text_is_left_out_when_asked_for():
    texts = [png_chunk(*text) for text in TEXTS.values()]
    bare = result_of(with_text(*texts), encoding=Encoding(strip_metadata=True))
    assert {each[:4] for each in chunks(bare)} <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
