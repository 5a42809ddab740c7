"""Damage in headers that decoders pass over, though pixels come to mean something else."""

import io
import struct

import numpy as np
import pytest

from colornet.picture import model_lightness, read
from colornet.picture.decoding import jpeg
from colornet.picture.decoding.differences import look_like_differences
from colornet.picture.tiff import directories
from tests.picture.damaging import GRAY, directory_first, encoded, tiff

DQT, DHT = b"\xff\xdb", b"\xff\xc4"
PREDICTOR = 317


def told_of(data):
    """All texts of each code."""
    seen = read(data)
    model_lightness(seen, 64)
    told: dict[str, str] = {}
    for notice in (*seen.notices, *seen.doubts):
        told[notice.code] = f"{told.get(notice.code, '')} {notice.text}"
    return told


@pytest.mark.parametrize("color", [False, True], ids=["gray", "color"])
@pytest.mark.parametrize("quality", [10, 30, 90, 100])
def test_a_sound_header_is_not_told(color, quality):
    array = np.stack([GRAY, GRAY[::-1], GRAY[:, ::-1]], axis=-1) if color else GRAY
    assert told_of(encoded("JPEG", array, quality=quality)) == {}


def test_bytes_between_segments_are_told():
    sound = encoded("JPEG")
    between = sound[: sound.index(DHT)] + b"stray" + sound[sound.index(DHT) :]
    assert "bytes in its header" in told_of(between)["header-damaged"]


def test_markers_may_be_preceded_by_filling():
    sound = encoded("JPEG", quality=70)
    at = sound.index(DHT)
    filled = sound[:at] + b"\xff" * 3 + sound[at:]
    assert told_of(filled) == {}
    np.testing.assert_array_equal(read(filled).lightness, read(sound).lightness)


def test_what_is_between_segments_is_passed_over():
    sound = encoded("JPEG", quality=70)
    at = sound.index(DQT)
    stray = io.BytesIO(sound[:at] + b"\0\xff\0stray" + sound[at:])
    assert jpeg.quality(stray) == 70
    assert jpeg.scan_start(stray) == sound.index(b"\xff\xda") + 8
    with pytest.raises(ValueError, match="no marker"):
        jpeg.scan_start(io.BytesIO(sound[:at] + bytes(9)))


def test_a_table_that_makes_light_things_black_is_told():
    sound = bytearray(encoded("JPEG", quality=75))
    sound[sound.index(DQT) + 5] *= 5
    assert "quantization table" in told_of(bytes(sound))["header-damaged"]


@pytest.mark.parametrize("tile", [False, True], ids=["strips", "tiles"])
@pytest.mark.parametrize("what", ["type", "count"])
def test_a_tag_that_libtiff_passes_over_is_told_if_pixels_depend_on_it(what, tile):
    sound = directory_first(tiff("lzw", tile, predictor="horizontal"))
    assert told_of(sound) == {}
    file = io.BytesIO(sound)
    header = directories.read_header(file)
    at = directories.read_directory(file, header, header.first)[0][PREDICTOR].at - 8
    assert struct.unpack_from("<HHI", sound, at) == (PREDICTOR, directories.SHORT, 1)
    damaged = bytearray(sound)
    struct.pack_into("<HHI", damaged, at, PREDICTOR, *{"type": (30, 1), "count": (3, 4097)}[what])
    assert '"Predictor"' in told_of(bytes(damaged))["header-damaged"]


@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize("compression", ["lzw", "deflate"])
def test_a_predictor_tag_that_became_another_is_told(compression, deep):
    array = GRAY.astype(np.uint16) * 257 if deep else GRAY
    sound = directory_first(tiff(compression, array=array, predictor="horizontal"))
    assert told_of(sound) == {}
    entry = struct.pack("<HHIHH", PREDICTOR, 3, 1, 2, 0)
    assert entry in sound
    for other in (struct.pack("<HHIHH", 318, 3, 1, 2, 0), struct.pack("<HHIHH", 317, 3, 1, 1, 0)):
        assert "header-damaged" in told_of(sound.replace(entry, other))


def test_photographs_do_not_look_like_differences():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 1), np.uint8)
    checks = np.indices((64, 64)).sum(axis=0)[..., np.newaxis].astype(np.uint8) % 2 * 255
    for levels in (noise, checks, noise[:, :1].repeat(64, axis=1), GRAY[..., np.newaxis]):
        assert not look_like_differences(levels)
    differences = GRAY[..., np.newaxis].copy()
    differences[:, 1:] -= GRAY[:, :-1, np.newaxis]
    assert look_like_differences(differences[:64])


def test_channels_that_are_named_but_not_there_are_told():
    color = np.stack([GRAY, GRAY[::-1], GRAY[:, ::-1]], axis=-1)
    sound = directory_first(tiff("lzw", array=color))
    assert told_of(sound) == {}
    named = sound.replace(struct.pack("<HHI", 339, 3, 3), struct.pack("<HHI", 338, 3, 3))
    assert "ExtraSamples" in told_of(named)["header-damaged"]
