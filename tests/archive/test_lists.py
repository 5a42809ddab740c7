from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from colornet.archive.lists import read_list
from colornet.errors import UnreadablePicture

NAMES = ["a.jpg", "b c.jpg", "ünï.jpg", " d.jpg "]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_however_a_list_was_saved_it_names_the_same(
    encoding: str, end: str, tmp_path: Path
) -> None:
    path = tmp_path / "names.txt"
    for text in (end.join(NAMES), end.join(["", *NAMES, "  ", "\t", "", ""])):
        path.write_bytes(text.encode(encoding))
        assert list(read_list(str(path))) == NAMES


def test_utf_16_of_either_order_is_read(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(codecs.BOM_UTF16_BE + "\n".join(NAMES).encode("utf-16-be"))
    assert list(read_list(str(path))) == NAMES


def test_bytes_that_are_no_utf_8_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(b"\xff.jpg\n")
    assert [os.fsencode(name) for name in read_list(str(path))] == [b"\xff.jpg"]


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.jpg\n".encode("utf-16-le"), b"\xff\xfea"]
)
def test_what_is_no_list_is_said(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadablePicture, match=r"names\.txt: is not a list of names; save it as"):
        list(read_list(str(path)))
