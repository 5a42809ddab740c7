from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from colornet.errors import DataError
from colornet.train.data import stream
from colornet.train.data.cache import Split
from colornet.train.data.shards import Shard, expand, read_shard, survey
from colornet.train.data.stream import Picked, StreamedBatches, ahead
from tests.train.conftest import patches

CLASSES = ["cat", "dog"]
COUNTS = (3, 40, 0, 17, 9, 30, 1, 28)
"""Pictures in each tar file: 128."""


def pack(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w") as tar:
        tar.add(folder, ".")
    return path


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Tar files of very different sizes."""
    folder = tmp_path_factory.mktemp("shards")
    rng = np.random.default_rng(0)
    made = []
    for number, count in enumerate(COUNTS):
        for i in range(count):
            path = folder / str(number) / CLASSES[i % 2] / f"{number}-{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            patches(rng, 32).save(path)
        (folder / str(number)).mkdir(exist_ok=True)
        made.append(str(pack(folder / str(number), folder / f"photos-{number}.tar")))
    return made


@pytest.fixture
def shards(names: list[str], tmp_path: Path) -> list[Shard]:
    return survey(names, None, tmp_path, 2)


Make = Callable[..., StreamedBatches]


@pytest.fixture
def make(shards: list[Shard], monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr(stream, "BLOCK", 10)

    def build(rank: int = 0, world: int = 1, **given: Any) -> StreamedBatches:
        values: dict[str, Any] = {"batch": 4, "readers": 2, **given}
        picked = Picked(CLASSES, None, size=32, crop=32)
        return StreamedBatches(shards, picked, seed=1, rank=rank, world=world, **values)

    return build


def sums(batches: Iterator[tuple[torch.Tensor, torch.Tensor]]) -> list[int]:
    return [int(picture.long().sum()) for pixels, _ in batches for picture in pixels]


def test_a_survey_tells_what_there_is_and_is_kept(names: list[str], tmp_path: Path) -> None:
    found = survey(names, None, tmp_path, 2)
    assert [shard.pictures for shard in found] == list(COUNTS)
    assert found[1].classes == {"cat": 20, "dog": 20}
    assert found[1].sources == {"photos-1": 40}
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text()[:-20])  # killed as the last line was written
    assert survey(names, None, tmp_path, 2) == found


def test_parts_of_a_shard_are_read_alone(names: list[str]) -> None:
    keys = [sample.key for sample in read_shard(names[1])]
    assert len(keys) == 40
    assert [sample.key for sample in read_shard(names[1], first=33)] == keys[33:]
    held = [s.key for s in read_shard(names[1], Split(3, held_out=True))]
    rest = [s.key for s in read_shard(names[1], Split(3))]
    assert held
    assert sorted(held + rest) == sorted(keys)


@pytest.mark.parametrize("readers", [1, 2, 5])
@pytest.mark.parametrize("parts", [1, 2])
def test_processes_and_readers_show_each_picture_once_an_epoch(
    make: Make, readers: int, parts: int
) -> None:
    processes = [make(rank, 2, readers=readers, parts=parts) for rank in (0, 1)]
    orders = []
    for _ in range(2):
        shown = [sums(iter(each)) for each in processes]
        assert [len(s) for s in shown] == [64, 64]
        assert Counter(shown[0] + shown[1]).most_common(1)[0][1] == 1
        orders.append(shown)
    assert orders[0] != orders[1]


@pytest.mark.parametrize("done", [1, 2, 7, 16, 31])
def test_an_epoch_goes_on_within_a_shard(make: Make, done: int) -> None:
    whole = make()
    expected = [pixels for pixels, _ in whole] + [pixels for pixels, _ in islice(whole, 3)]
    broken = make()
    found = [pixels for pixels, _ in islice(broken, done)]
    resumed = make()
    resumed.load_state_dict(broken.state_dict())
    found += [pixels for pixels, _ in resumed] + [pixels for pixels, _ in islice(resumed, 3)]
    assert len(found) == len(expected) == 35
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_others_who_share_it_begin_the_epoch_anew(make: Make) -> None:
    state = make(batch=8).state_dict() | {"epoch": 4, "start": 3}
    alone, together = make(batch=8), make(1, 2, batch=4)
    assert alone.position(state) == 3
    assert together.position(state) == 0
    assert together.position(state | {"start": 16}) == 16  # the epoch was over


def test_validation_is_whole_and_in_order(make: Make, shards: list[Shard]) -> None:
    picked = Picked(CLASSES, None, size=32, crop=24)
    alone = StreamedBatches(shards, picked, 8, shuffle=False)
    shown = sums(iter(alone))
    assert len(shown) == 128
    assert shown == sums(iter(alone))
    shared = [
        sums(iter(StreamedBatches(shards, picked, 8, shuffle=False, rank=r, world=3, readers=2)))
        for r in range(3)
    ]
    assert sorted(chain(*shared)) == sorted(shown)


def test_what_cannot_be_used_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "set" / "cat"
    folder.mkdir(parents=True)
    for i in range(6):
        patches(rng, 32).save(folder / f"{i}.png")
    Image.new("L", (32, 32), 99).save(folder / "gray.png")
    (folder / "damaged.png").write_bytes(b"no picture")
    shards = survey([str(pack(tmp_path / "set", tmp_path / "set.tar"))], None, tmp_path, 1)
    batches = StreamedBatches(shards, Picked(["cat"], None, 32, 32), 4)
    shown = sums(iter(batches))
    assert len(shown) == 8
    assert len({*shown}) == 6
    said = capsys.readouterr().out
    assert "epoch 1, process 0: replaced" in said
    assert "1 without color" in said
    assert "1 unreadable" in said


@pytest.mark.parametrize("protocol", ["http", "ftp"])  # FTP's connects before it is asked
def test_a_refused_connection_is_not_taken_for_a_damaged_tar_file(
    protocol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colornet.stores.REFUSED", 0.0)
    said = r"x.tar: cannot be reached \(connection refused: .*\); check the address"
    with pytest.raises(DataError, match=said):
        survey([f"{protocol}://127.0.0.1:9/x.tar"], None, tmp_path, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.tar", "no such tar file"),
        ("folder", "only tar files are streamed"),
        ("text.tar", "cannot be read as a tar file"),
        ("memory://none.tar", "no such tar file"),
        ("xyz://none.tar", r"cannot be reached \(Protocol not known: xyz\)"),
    ],
)
def test_what_is_no_tar_file_is_told(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.tar").write_text("not a tar file " * 100)
    where = name if ":" in name else str(tmp_path / name)
    with pytest.raises(DataError, match=said):
        survey([where], None, tmp_path, 1)


def test_a_shard_that_changed_is_told(make: Make, shards: list[Shard]) -> None:
    more = [Shard(s.name, s.pictures + 1, s.classes, s.sources) for s in shards]
    batches = StreamedBatches(more, Picked(CLASSES, None, 32, 32), 4)
    with pytest.raises(DataError, match="fewer pictures than when it was looked into"):
        list(batches)


def test_braces_stand_for_many(tmp_path: Path) -> None:
    url = "s3://bucket/photos-{000..999}.tar"
    expanded = expand([url])
    assert len(expanded) == 1000
    assert expanded[7] == "s3://bucket/photos-007.tar"
    odd = tmp_path / "photos-{0..9}.tar"
    odd.write_bytes(b"")
    assert expand([str(odd), "FILE:///a%20b.tar"]) == [str(odd), "/a b.tar"]


def test_what_is_made_ahead_ends_with_its_reader() -> None:
    ended = []

    def numbers() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            ended.append(True)

    taken = ahead(numbers(), 2)
    assert [next(taken) for _ in range(3)] == [0, 1, 2]
    taken.close()
    assert ended == [True]
