from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colornet.errors import DataError
from colornet.train.data import (
    PictureCache,
    Split,
    decode_rgb8,
    is_held_out,
    iter_samples,
    open_cache,
)
from colornet.train.sampler import Batches, epoch_counts

MakePictures = Callable[..., Path]


def pack(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w") as tar:
        for file in sorted(folder.rglob("*.png"), reverse=True):
            tar.add(file, str(file.relative_to(folder)))
    return path


def test_a_folder_and_its_tar_file_hold_the_same(make_pictures: MakePictures) -> None:
    folder = make_pictures("set", ["cat", "dog"], 3)
    tar = pack(folder, folder.with_suffix(".tar"))
    assert list(iter_samples(folder)) == list(iter_samples(tar))
    assert [s.key for s in iter_samples(folder)][:2] == ["cat/00.png", "cat/01.png"]


def test_pictures_in_no_folder_are_faces(make_pictures: MakePictures) -> None:
    folder = make_pictures("set", ["."], 2)
    assert {s.class_name for s in iter_samples(folder)} == {"faces"}


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


@pytest.mark.parametrize("name", ["missing", "empty", "text.tar"])
def test_sources_without_pictures_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tar").write_text("no tar file")
    with pytest.raises(DataError, match=name):
        open_cache([tmp_path / name], 32, tmp_path / "cache", workers=1)
    assert not list(tmp_path.glob("cache/*.part"))


def test_decoding_turns_the_picture_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    Image.new("RGB", (20, 10), "red").save(tmp_path / "a.jpg", exif=exif)
    (sample,) = iter_samples(tmp_path)
    assert decode_rgb8(sample).shape == (20, 10, 3)


@pytest.fixture
def cache(make_pictures: MakePictures, tmp_path: Path) -> PictureCache:
    return open_cache([make_pictures("set", ["cat", "dog"], 10)], 32, tmp_path / "c", workers=2)


def epoch(batches: Batches) -> list[torch.Tensor]:
    return [pixels for pixels, _ in batches]


def test_an_epoch_shows_each_picture_once_in_an_order_of_its_own(cache: PictureCache) -> None:
    batches = Batches(cache, batch=4, crop=32)
    first, second = epoch(batches), epoch(batches)
    assert len(first) == len(second) == len(batches) == 5
    assert not torch.equal(torch.cat(first), torch.cat(second))
    shown = {int(p.sum()) for batch in first for p in batch}
    assert len(shown) == 20


def test_an_interrupted_epoch_goes_on_with_the_very_same_batches(cache: PictureCache) -> None:
    whole = Batches(cache, batch=4, crop=24, seed=3)
    expected = epoch(whole) + epoch(whole)
    broken = Batches(cache, batch=4, crop=24, seed=3)
    found = []
    for pixels, _ in broken:  # as a trainer does: it asks for no batch after the last
        found.append(pixels)
        if len(found) == len(broken):
            break
    stream = iter(broken)
    found += [next(stream)[0], next(stream)[0]]
    resumed = Batches(cache, batch=4, crop=24, seed=3)
    resumed.load_state_dict(broken.state_dict())
    found += epoch(resumed)
    assert len(found) == len(expected)
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_no_source_has_more_than_its_share_of_an_epoch(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    few, many = make_pictures("few", ["cat"], 16), make_pictures("many", ["dog"], 40)
    cache = open_cache([few, many], 32, tmp_path / "c", workers=2)
    assert cache.summary.sources == ["few", "many"]
    batches = Batches(cache, batch=4, crop=32, at_most={"many": 0.2})
    for _ in range(2):
        labels = torch.cat([labels for _, labels in batches])
        assert labels.tolist().count(0) == 16
        assert labels.tolist().count(1) == 4
    assert len(Batches(cache, batch=4, crop=32, at_most={"many": 0.9})) == 14


def test_processes_share_an_epoch_without_overlap(cache: PictureCache) -> None:
    parts = [epoch(Batches(cache, batch=4, crop=32, rank=r, world=2)) for r in (0, 1)]
    assert [len(p) for p in parts] == [2, 2]
    shown = [int(p.sum()) for part in parts for b in part for p in b]
    assert len(set(shown)) == 16


def test_validation_is_in_fixed_order_and_whole(cache: PictureCache) -> None:
    batches = Batches(cache, batch=8, crop=24, shuffle=False)
    pixels = torch.cat(epoch(batches))
    assert pixels.shape == (20, 3, 24, 24)
    assert torch.equal(pixels, torch.cat(epoch(batches)))


def test_zoomed_crops_show_from_a_part_to_all_of_a_picture(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    ramps = np.stack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64))], axis=-1)
    rgb8 = np.dstack([ramps, np.zeros((64, 64), np.uint8)])  # red tells the column, green the row
    (tmp_path / "set").mkdir()
    for i in range(64):
        Image.fromarray(rgb8).save(tmp_path / "set" / f"{i}.png")
    cache = open_cache([tmp_path / "set"], 64, tmp_path / "c", workers=2)
    shown = torch.cat(epoch(Batches(cache, batch=32, crop=32, zoom=0.5))).float()
    assert shown.shape == (64, 3, 32, 32)
    extents = shown[:, :2].amax((2, 3)) - shown[:, :2].amin((2, 3))
    assert extents.min() >= 110
    assert extents.max() > 240
    assert (extents[:, 0] - extents[:, 1]).abs().max() < 16


def test_too_few_pictures_for_a_batch_are_refused(cache: PictureCache) -> None:
    with pytest.raises(DataError):
        Batches(cache, batch=32, crop=32)


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


def test_no_source_has_more_than_its_share(make_pictures: MakePictures, tmp_path: Path) -> None:
    sources = [make_pictures(name, ["cat"], n) for name, n in (("many", 20), ("few", 5), ("p", 5))]
    cache = open_cache(sources, 32, tmp_path, 1)
    counts = epoch_counts(cache, {"*": 0.5})
    assert sum(counts.values()) == 20
    assert max(counts.values()) == 10
    with pytest.raises(DataError, match="too few sources"):
        epoch_counts(cache, {"*": 0.3})
