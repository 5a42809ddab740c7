"""Formats that are read and not written: HEIC, GIF, BMP, PNM, JPEG 2000."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet import Colorizer, ColornetWarning
from colornet.cli.app import main
from colornet.errors import PictureTooLarge, UnreadablePicture
from colornet.picture import Encoding, Limits, formats, is_picture_name, model_lightness, read
from colornet.picture.decoding.pnm import read_header, read_pixels
from colornet.picture.reading import NO_SHADES
from tests.picture.making import COLOR, GRAY, opened, pages_of, pil_bytes, result_of

HEIC = Path(__file__).parent / "camera.heic"
"""GRAY, to be turned by EXIF's orientation 6, with an artist in EXIF and XMP's orientation 6."""


def raw(kind, pixels, white=255):
    height, width = pixels.shape[:2]
    data = pixels.astype(">u2" if white > 255 else "u1").tobytes()
    return f"P{kind}\n# a comment\n{width} {height}\n{white}\n".encode() + data


def plain(kind, pixels, white=255):
    height, width = pixels.shape[:2]
    rows = "\n".join(" ".join(map(str, row)) for row in pixels.reshape(height, -1))
    return f"P{kind} {width}\n{height}\n{white}\n{rows}\n".encode()


def bitmap(pixels, kind):
    height, width = pixels.shape
    ink = (pixels < 128).astype(np.uint8)
    if kind == 4:
        return f"P4\n{width} {height}\n".encode() + np.packbits(ink, axis=1).tobytes()
    rows = "\n".join("".join(map(str, row)) for row in ink)
    return f"P1\n# ink is 1\n{width} {height}\n{rows}\n".encode()


BLACK_WHITE = np.where(GRAY < 128, 0, 255).astype(np.uint8)
SHORT = GRAY[:40, :50]
EXACT = {
    "gray.bmp": (lambda: pil_bytes(Image.fromarray(GRAY), "BMP"), GRAY),
    "rgb.bmp": (lambda: pil_bytes(Image.fromarray(COLOR), "BMP"), COLOR),
    "bits.bmp": (lambda: pil_bytes(Image.fromarray(GRAY > 127), "BMP"), BLACK_WHITE),
    "raw.pgm": (lambda: raw(5, GRAY), GRAY),
    "raw.ppm": (lambda: raw(6, COLOR), COLOR),
    "raw16.pgm": (lambda: raw(5, GRAY.astype(int) * 257 + 3, 65535), GRAY * np.uint16(257) + 3),
    "raw16.ppm": (lambda: raw(6, COLOR.astype(int) * 257, 65535), COLOR * np.uint16(257)),
    "few.pgm": (lambda: raw(5, GRAY // 17, 15), GRAY // 17 * 17),
    "plain.pgm": (lambda: plain(2, SHORT), SHORT),
    "plain.ppm": (lambda: plain(3, COLOR[:40, :50]), COLOR[:40, :50]),
    "raw.pbm": (lambda: bitmap(BLACK_WHITE[:, :197], 4), BLACK_WHITE[:, :197]),
    "plain.pbm": (lambda: bitmap(BLACK_WHITE[:40, :50], 1), BLACK_WHITE[:40, :50]),
    "gray.jp2": (lambda: pil_bytes(Image.fromarray(GRAY), "JPEG2000"), GRAY),
    "rgb.jp2": (lambda: pil_bytes(Image.fromarray(COLOR), "JPEG2000"), COLOR),
    "gray.j2k": (lambda: pil_bytes(Image.fromarray(GRAY), "JPEG2000", no_jp2=True), GRAY),
    "deep.jp2": (
        lambda: pil_bytes(Image.fromarray(GRAY * np.uint16(257) + 3), "JPEG2000"),
        GRAY * np.uint16(257) + 3,
    ),
    "still.gif": (lambda: pil_bytes(Image.fromarray(GRAY), "GIF"), GRAY),
}


@pytest.mark.parametrize("name", EXACT)
def test_pixels_and_format(tmp_path, name):
    make, pixels = EXACT[name]
    path = tmp_path / name
    path.write_bytes(make())
    for source in (path, path.read_bytes()):
        seen = read(source)
        assert (seen.format, seen.depth) == ("png", 8 * pixels.itemsize)
        assert np.abs(seen.lightness - read(pixels).lightness).max() < 0.05
        assert not seen.has_alpha
        assert seen.notices == ((NO_SHADES,) if pixels is BLACK_WHITE or ".pbm" in name else ())
    result = opened(result_of(path))
    assert (result.get("vips-loader"), result.width) == ("pngload_buffer", pixels.shape[1])
    assert result.format == ("uchar" if pixels.itemsize == 1 else "ushort")


@pytest.mark.parametrize("name", [name for name in EXACT if not name.startswith("still")])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.95])
def test_cut_off(name, share):
    data = EXACT[name][0]()
    with pytest.raises(UnreadablePicture) as caught:
        model_lightness(read(data[: int(len(data) * share)]), 64)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_alpha_of_gif():
    picture = Image.fromarray(np.dstack([GRAY] * 3 + [np.where(GRAY > 99, 255, 0)]).astype("u1"))
    assert read(pil_bytes(picture, "GIF")).alpha.min() == 0


def test_first_frame_of_a_gif(tiny_model):
    with pytest.warns(ColornetWarning, match="it holds 3 frames, of which the first is colored"):
        result = Colorizer(tiny_model).colorize(pages_of(3, "GIF"))
    assert np.abs(read(result).lightness - read(GRAY).lightness).mean() < 1


def test_shallow_jp2_is_told(tiny_model, monkeypatch):
    data = bytearray(pil_bytes(Image.fromarray(COLOR), "JPEG2000", no_jp2=True))
    assert data[42:45] != b"\x0f\x01\x01"
    head = bytes(data)
    assert not read(head).notices
    deep = head[:40] + b"\0\3" + b"\x0f\1\1" * 3 + head[51:]
    assert formats.NAMES["jp2"] == "JPEG 2000"
    from colornet.picture.decoding.read_only_formats import _depth_of_jp2

    assert (_depth_of_jp2(head), _depth_of_jp2(deep), _depth_of_jp2(b"")) == (8, 16, 8)


def test_pnm_by_the_book():
    assert read_header(b"P5 #c\n 3#d\n\t2 #e\r255\n").size == 21
    header = read_header(b"P2 2 1 9 ")
    assert read_pixels(header, b" 9 #x 5\n 3").tolist() == [[[255], [85]]]
    assert read_pixels(read_header(b"P1 3 1\n"), b"0 1#\n0").tolist() == [[[255], [0], [255]]]
    for broken in (b"P5 3", b"P5 3 2 0 ", b"P5 3 2 70000 ", b"P5 a b c "):
        with pytest.raises(ValueError, match="its"):
            read_header(broken)
    with pytest.raises(ValueError, match="more than numbers"):
        read_pixels(header, b"1 x")


def test_limits_come_first():
    bmp = bytearray(pil_bytes(Image.fromarray(GRAY), "BMP"))
    struct.pack_into("<ii", bmp, 18, 60_000, 60_000)
    for data in (bytes(bmp), b"P5 60000 60000 255 ", EXACT["gray.jp2"][0]()):
        with pytest.raises(PictureTooLarge, match="pixels"):
            read(data, Limits(pixels=20_000))


def test_text_is_no_picture():
    for text in (b"P1 is the first point", b"BMW sold more cars", b"P5\nP6\n"):
        with pytest.raises(UnreadablePicture, match="is not a picture in JPEG"):
            read(text)


# HEIC


def test_heic_becomes_a_jpeg(tiny_model, tmp_path):
    pytest.importorskip("pi_heif")
    seen = read(HEIC)
    assert (seen.format, seen.width, seen.height) == ("jpeg", 150, 200)
    assert np.abs(seen.lightness - read(np.rot90(GRAY, -1)).lightness).mean() < 2
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(HEIC.read_bytes())
    target = Colorizer(tiny_model).colorize(path)
    assert target == tmp_path / "IMG_1-color.jpg"
    with Image.open(target) as result:
        assert (result.format, result.size) == ("JPEG", (150, 200))
        assert result.getexif()[0x013B] == "Ansel"
        assert result.getexif().get(0x0112, 1) == 1
    assert b'tiff:Orientation="1"' in bytes(opened(target.read_bytes()).get("xmp-data"))
    assert read(result_of(HEIC, encoding=Encoding("tiff"))).format == "tiff"


def test_heic_in_a_folder(tiny_model, tmp_path, capsys):
    pytest.importorskip("pi_heif")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.heic").write_bytes(HEIC.read_bytes())
    (tmp_path / "in" / "a.pgm").write_bytes(EXACT["raw.pgm"][0]())
    command = ["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    assert main([*command, "--model", str(tiny_model)]) == 0, capsys.readouterr().err
    assert read(tmp_path / "out" / "a.heic.jpg").format == "jpeg"
    assert read(tmp_path / "out" / "a.pgm.png").format == "png"


def test_heic_cut_off():
    pytest.importorskip("pi_heif")
    data = HEIC.read_bytes()
    for share in (0.2, 0.6, 0.99):
        with pytest.raises(UnreadablePicture, match="damaged or cut off"):
            read(data[: int(len(data) * share)])


def test_without_the_extra_it_says_how_to_get_it(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.heic").write_bytes(HEIC.read_bytes())
    (folder / "b.bmp").write_bytes(EXACT["gray.bmp"][0]())
    code = f"""
import sys
sys.modules["pi_heif"] = None
from colornet.errors import UnreadablePicture
from colornet.picture import is_picture_name, read
assert not is_picture_name("a.heic") and is_picture_name("a.bmp")
try:
    read({str(HEIC)!r})
except UnreadablePicture as error:
    print(error)
from colornet.cli.app import main
assert main(["colorize", {str(folder)!r}, "-o", {str(folder / "out")!r}]) == 0
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot be read here: HEIC; add it: " in done.stdout
    assert "[heif]" in done.stdout
    assert "1 file of another kind left out (HEIC 1)" in done.stderr
    assert "[heif]" in done.stderr


# Names


def test_names_of_what_is_read():
    for name in ("a.bmp", "b.GIF", "c.pgm", "d.ppm", "e.jp2", "f.j2k", "g.pbm"):
        assert is_picture_name(name)


@pytest.mark.parametrize("suffix", [".bmp", ".gif", ".heic", ".pgm", ".jp2"])
def test_what_is_only_read_is_not_written(tiny_model, tmp_path, suffix, capsys):
    target = tmp_path / f"out{suffix}"
    (tmp_path / "a.bmp").write_bytes(EXACT["gray.bmp"][0]())
    command = ["colorize", str(tmp_path / "a.bmp"), "-o", str(target), "--model", str(tiny_model)]
    assert main(command) == 1
    assert "is read, but not written; end the name in .jpg" in capsys.readouterr().err


def test_memory_is_counted(tiny_model):
    colorizer = Colorizer(tiny_model)
    in_memory = colorizer.open(EXACT["gray.bmp"][0]()).nbytes
    assert in_memory == colorizer.open(pil_bytes(Image.fromarray(GRAY), "PNG")).nbytes + GRAY.size
