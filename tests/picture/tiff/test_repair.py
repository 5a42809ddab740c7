"""What a TIFF says beside its pixels never makes it unreadable."""

import io
import struct
from typing import Any

import numpy as np
import pytest
import tifffile

from colornet.picture import Encoding, read
from colornet.picture.metadata import exif
from colornet.picture.tiff.repair import REPAIRED
from tests.picture.making import GRAY, gray_profile, result_of, stored
from tests.picture.test_round_trip import RECORDS, XMP, tagged

ORIENTATION, UNIT = 274, 296
SMALL = GRAY[:40, :50]


def entries(data):
    """Tag and offset of each entry of the first directory of a little-endian TIFF."""
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    return [
        (struct.unpack_from("<H", data, at)[0], at)
        for at in range(first + 2, first + 2 + 12 * count, 12)
    ]


@pytest.mark.parametrize("value", [0, 9, 60_000])
@pytest.mark.parametrize("tag", [ORIENTATION, UNIT])
@pytest.mark.parametrize("kind", ["<", ">", "big"])
def test_senseless_values_are_passed_over(tmp_path, tag, value, kind):
    file = io.BytesIO()
    order = ">" if kind == ">" else "<"
    extra = [(ORIENTATION, "H", 1, 1, True)]
    stored_as: dict[str, Any] = {"byteorder": order, "bigtiff": kind == "big", "metadata": None}
    resolution: dict[str, Any] = {"resolution": (300, 300), "resolutionunit": "inch"}
    tifffile.imwrite(file, GRAY, extratags=extra, **stored_as, **resolution)
    data = bytearray(file.getvalue())
    entry = struct.pack(order + ("HHQ" if kind == "big" else "HHI"), tag, 3, 1)
    at = data.index(entry) + len(entry)
    struct.pack_into(order + "H", data, at, value)
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    for source in (path, bytes(data)):
        seen = read(source)
        assert seen.notices[-1] == REPAIRED
        assert np.abs(seen.lightness - read(GRAY).lightness).max() < 0.05
    assert not read(result_of(path)).notices
    assert path.read_bytes() == data


def test_no_entry_of_metadata_stops_a_picture():
    file = io.BytesIO(
        stored(SMALL, "tiff", xmp_data=XMP.encode(), icc_profile_data=gray_profile(2.2))
    )
    exif.add_to_tiff(file, tagged().tobytes(), RECORDS)
    data = file.getvalue()
    tried = 0
    for tag, at in entries(data):
        if tag not in (
            ORIENTATION,
            UNIT,
            282,
            283,
            700,
            34675,
            *exif.TEXTS,
            *exif.DIRECTORIES,
            33723,
        ):
            continue
        _, kind, count, value = struct.unpack_from("<HHII", data, at)
        for changed in (
            (0, count, value),
            (11, count, value),
            (kind, 0, value),
            (kind, 0x7FFFFFFF, value),
            (kind, count + 1000, value),
            (kind, max(count, 9), 0xFFFFFFF0),
            (kind, count, at),
        ):
            broken = bytearray(data)
            struct.pack_into("<HHII", broken, at, tag, *changed)
            seen = read(bytes(broken))
            assert (seen.width, seen.height) in ((50, 40), (40, 50)), (tag, changed)
            tried += 1
        assert result_of(bytes(broken), encoding=Encoding("jpeg"))
    assert tried > 60
