"""What cannot be read is called by its name, whatever its suffix, and not damaged."""

import io
import struct
import zipfile

import pytest
from PIL import Image

from colornet.errors import UnreadablePicture
from colornet.picture import read
from tests.picture.making import GRAY, pil_bytes, stored, vips


def box(brand):
    return struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, brand) + b"\0\0\0\x08mdat"


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.jpg", b"")
    return file.getvalue()


NAMED = {
    "12-bit JPEG": lambda: with_frame(12),
    "16-bit lossless JPEG": lambda: with_frame(16, 0xC3),
    "hierarchical JPEG": lambda: with_frame(8, 0xC5),
    "JPEG-LS": lambda: with_frame(8, 0xF7),
    "a Photoshop file": lambda: b"8BPS\0\1" + bytes(40),
    "a PDF": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "a PDF ": lambda: b"junk before it\r\n%PDF-1.4\n",
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "PostScript ": lambda: b"\xc5\xd0\xd3\xc6" + bytes(40),
    "an SVG": lambda: (
        b'<?xml version="1.0"?>\n<!-- made -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'
    ),
    "an SVG ": lambda: b"\xef\xbb\xbf<svg/>",
    "a web page": lambda: b"\n<!DOCTYPE html><html><body>404</body></html>",
    "a raw photograph": lambda: b"FUJIFILMCCD-RAW 0201FF393101",
    "a raw photograph ": lambda: box(b"crx "),
    "a raw photograph  ": lambda: b"IIU\0\x18\0\0\0",
    "a video": lambda: box(b"isom"),
    "a video ": lambda: box(b"qt  "),
    "a video  ": lambda: b"RIFF\x10\0\0\0AVI LIST",
    "an archive": zipped,
    "a DICOM": lambda: bytes(128) + b"DICM\2\0\0\0",
    "a FITS": lambda: b"SIMPLE  =                    T",
    "an OpenEXR": lambda: b"v/1\1\2\0\0\0",
    "a JPEG XR": lambda: b"II\xbc\1\x20\0\0\0",
    "an icon": lambda: pil_bytes(Image.fromarray(GRAY), "ICO"),
    "a QOI": lambda: b"qoif" + bytes(10),
    "a DjVu": lambda: b"AT&TFORM\0\0\0\0DJVU",
    "a PAM": lambda: b"P7\nWIDTH 2\n",
    "a PNM of floating point": lambda: b"Pf\n2 2\n-1.0\n" + bytes(16),
    "a pointer of Git LFS": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
    "what macOS keeps beside a file": lambda: b"\0\5\x16\7\0\2\0\0Mac OS X",
}


def with_frame(depth, marker=None):
    """A JPEG whose frame says so."""
    data = bytearray(stored(GRAY, "jpeg"))
    at = data.index(b"\xff\xc0")
    data[at + 1] = marker or 0xC1
    data[at + 4] = depth
    return bytes(data)


@pytest.mark.parametrize("name", NAMED)
def test_named_by_content(tmp_path, name):
    path = tmp_path / "a.jpg"
    path.write_bytes(NAMED[name]())
    with pytest.raises(UnreadablePicture) as caught:
        read(path)
    assert caught.value.reason == f"cannot be read here: {name.strip()}"
    assert caught.value.remedy
    assert ("colornet video" in caught.value.remedy) == name.startswith("a video")
    assert "damaged" not in str(caught.value)


def test_lab_in_a_tiff():
    with pytest.raises(UnreadablePicture, match="cannot be read here: TIFF in Lab; convert it"):
        read(pil_bytes(Image.fromarray(GRAY).convert("LAB"), "TIFF"))


def test_old_style_jpeg_in_a_tiff():
    data = bytearray(vips(GRAY).tiffsave_buffer(compression="jpeg"))
    at = data.index(struct.pack("<HHI", 259, 3, 1))
    struct.pack_into("<H", data, at + 8, 6)
    with pytest.raises(UnreadablePicture, match="cannot be read here: Old-style JPEG-compressed"):
        read(bytes(data))
