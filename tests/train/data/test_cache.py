from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from colornet.errors import DataError
from colornet.train.data.cache import Split, is_held_out, open_cache
from tests.full_disk import full_disk

MakePictures = Callable[..., Path]


def test_colorless_and_unreadable_pictures_are_left_out_and_counted(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    folder = make_pictures("set", ["cat"], 3)
    Image.new("L", (32, 32), 90).save(folder / "cat" / "gray.png")
    Image.new("RGB", (32, 32), (100, 98, 97)).save(folder / "cat" / "toned.png")
    (folder / "cat" / "broken.jpg").write_bytes(b"not a picture")
    summary = open_cache([folder], 32, tmp_path / "cache", workers=2).summary
    assert (summary.pictures, summary.colorless, summary.unreadable) == (3, 2, 1)
    assert summary.classes == ["cat"]


def test_the_cache_is_made_once_and_anew_when_the_pictures_change(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    folder = make_pictures("set", ["cat"], 3)
    root = tmp_path / "cache"
    for _ in range(2):
        assert len(open_cache([folder], 32, root, workers=1)) == 3
    assert len(list(root.iterdir())) == 1
    (folder / "cat" / "00.png").unlink()
    assert len(open_cache([folder], 32, root, workers=1)) == 2
    (folder / "cat").rename(folder / "dog")
    assert open_cache([folder], 32, root, workers=1).summary.classes == ["dog"]
    folder = folder.rename(tmp_path / "other")
    assert open_cache([folder], 32, root, workers=1).summary.sources == ["other"]


def test_a_full_disk_is_told_as_such(make_pictures: MakePictures, tmp_path: Path) -> None:
    folder, root = make_pictures("set", ["cat"], 3), tmp_path / "cache"
    with full_disk(3000), pytest.raises(DataError, match=r"cannot be written \(.*; make room"):
        open_cache([folder], 32, root, workers=1)
    assert not list(root.iterdir())
    assert open_cache([folder], 32, root, workers=1).rgb8.shape == (3, 32, 32, 3)


@pytest.mark.parametrize("name", ["missing", "empty", "text.tar"])
def test_sources_without_pictures_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tar").write_text("no tar file")
    with pytest.raises(DataError, match=name):
        open_cache([tmp_path / name], 32, tmp_path / "cache", workers=1)
    assert not list(tmp_path.glob("cache/*.part"))


def test_one_picture_in_so_many_is_held_out_always_the_same(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    """By the SHA-1 of its key, as anyone can compute it."""
    assert is_held_out("kind/flickr8k-0.avif", 30) == (
        int(hashlib.sha1(b"kind/flickr8k-0.avif").hexdigest(), 16) % 30 == 0
    )
    data = make_pictures("set", ["cat", "dog"], 12)
    parts = [Split(3), Split(3, held_out=True)]
    train, held_out = (len(open_cache([data], 32, tmp_path, 1, part)) for part in parts)
    assert train + held_out == 24
    assert 0 < held_out < train


def test_too_few_pictures_to_hold_one_out_are_told_as_such(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="too few pictures to hold out one in 1000"):
        open_cache([make_pictures("set", ["cat"], 3)], 32, tmp_path, 1, Split(1000, held_out=True))


def test_names_of_any_bytes(make_pictures: MakePictures, tmp_path: Path) -> None:
    folder = make_pictures("set", ["cat"], 3)
    (folder / "cat" / "00.png").rename(folder / "cat" / os.fsdecode(b"\xff\n.png"))
    split = Split(2), Split(2, held_out=True)
    assert sum(len(open_cache([folder], 32, tmp_path, 1, part)) for part in split) == 3
