from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colornet.errors import DataError
from colornet.train.data.cache import PictureCache, open_cache
from colornet.train.data.sampler import Batches, epoch_counts

MakePictures = Callable[..., Path]


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
    batches = Batches(cache, batch=4, crop=32, source_caps={"many": 0.2})
    for _ in range(2):
        labels = torch.cat([labels for _, labels in batches])
        assert labels.tolist().count(0) == 16
        assert labels.tolist().count(1) == 4
    assert len(Batches(cache, batch=4, crop=32, source_caps={"many": 0.9})) == 14


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
    shown = torch.cat(epoch(Batches(cache, batch=32, crop=32, min_crop_scale=0.5))).float()
    assert shown.shape == (64, 3, 32, 32)
    extents = shown[:, :2].amax((2, 3)) - shown[:, :2].amin((2, 3))
    assert extents.min() >= 110
    assert extents.max() > 240
    assert (extents[:, 0] - extents[:, 1]).abs().max() < 16


def test_too_few_pictures_for_a_batch_are_refused(cache: PictureCache) -> None:
    with pytest.raises(DataError):
        Batches(cache, batch=32, crop=32)


def test_no_source_has_more_than_its_share(make_pictures: MakePictures, tmp_path: Path) -> None:
    sources = [make_pictures(name, ["cat"], n) for name, n in (("many", 20), ("few", 5), ("p", 5))]
    cache = open_cache(sources, 32, tmp_path, 1)
    counts = epoch_counts(cache, {"*": 0.5})
    assert sum(counts.values()) == 20
    assert max(counts.values()) == 10
    with pytest.raises(DataError, match=r"too few sources \(3\).*leave source_caps out"):
        epoch_counts(cache, {"*": 0.3})
    with pytest.raises(DataError, match="no source cat, which source_caps names; its sources are "):
        epoch_counts(cache, {"cat": 0.3})
