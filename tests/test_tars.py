"""Tar files whose end is lost or damaged: whoever reads them says so."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from colornet.archive import inside
from colornet.errors import ColornetError
from colornet.train.data.samples import iter_samples
from colornet.train.data.shards import read_shard

Reader = Callable[[Path], Iterator[Any]]
READERS: dict[str, Reader] = {
    "archive": lambda path: inside.find(str(path)),
    "train": iter_samples,
    "stream": lambda path: read_shard(str(path)),
    "survey": lambda path: read_shard(str(path), content=False),
}


def packed() -> bytes:
    """Six pictures."""
    picture, packed = io.BytesIO(), io.BytesIO()
    Image.effect_noise((32, 32), 50).save(picture, "PNG")
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for number in range(6):
            member = tarfile.TarInfo(f"cat/{number}.png")
            member.size = len(picture.getvalue())
            tar.addfile(member, io.BytesIO(picture.getvalue()))
    return packed.getvalue()


@pytest.mark.parametrize("reader", READERS)
def test_a_header_that_is_damaged_or_cut_off_is_not_the_end(reader: str, tmp_path: Path) -> None:
    whole, path = packed(), tmp_path / "a.tar"
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        at = tar.getmembers()[3].offset
    path.write_bytes(whole)
    assert len(list(READERS[reader](path))) == 6
    damaged = bytearray(whole)
    damaged[at + 10] ^= 1
    for broken in (damaged, whole[: at + 100]):
        path.write_bytes(broken)
        with pytest.raises(ColornetError, match=r"a\.tar: .*(damaged|to its end)"):
            list(READERS[reader](path))


@pytest.mark.parametrize("reader", ["train", "stream"])
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_ones(compress: Callable[[bytes], bytes], reader: str, tmp_path: Path) -> None:
    whole, path = compress(packed()), tmp_path / "a.tar"
    for broken in (whole[: len(whole) // 2], whole[:1000] + bytes(8) + whole[1008:]):
        path.write_bytes(broken)
        with pytest.raises(ColornetError, match=r"a\.tar: .*(damaged|to its end)"):
            list(READERS[reader](path))
