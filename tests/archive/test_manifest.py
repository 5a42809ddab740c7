from __future__ import annotations

import filecmp
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from colornet.archive import running, work
from colornet.archive.fetching import Task
from colornet.archive.manifest import Row, failures, finish, standing
from colornet.archive.merging import merge
from colornet.archive.scratch import PREFIX
from colornet.archive.units import Plan
from colornet.errors import UnwritablePicture
from tests.archive.conftest import color
from tests.full_disk import full_disk

Planned = Callable[..., Plan]


@pytest.fixture
def in_memory() -> Iterator[str]:
    """The URL of a destination that is on no disk."""
    url = f"memory://{uuid.uuid4().hex}"
    yield url
    fsspec.filesystem("memory").rm(url, recursive=True)


def test_a_full_disk_leaves_the_table_that_was_there(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    plan = planned(album, tmp_path / "color")
    color(plan)
    table = tmp_path / "color/manifest.parquet"
    table.write_bytes(b"before")
    with (
        full_disk(100),
        pytest.raises(UnwritablePicture, match=r"manifest\.parquet: cannot be w"),
    ):
        merge(plan)
    assert table.read_bytes() == b"before"
    assert not list((tmp_path / "color").glob(".*"))


def test_a_full_folder_for_temporary_files_is_named(
    tmp_path: Path,
    album: Path,
    planned: Planned,
    in_memory: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plan = planned(album, in_memory)
    said = f"^{tmp_path}: cannot be written \\([^(]*\\); make room there, or set TMPDIR"
    with full_disk(100), pytest.raises(UnwritablePicture, match=said):
        color(plan)
    assert standing(plan).left == 10
    color(plan)
    with full_disk(100), pytest.raises(UnwritablePicture, match=said):
        merge(plan)
    assert not plan.place.exists("manifest.parquet")
    assert merge(plan) == 10
    assert plan.place.exists("manifest.parquet")
    assert not list(tmp_path.glob(f"{PREFIX}*"))


@pytest.mark.parametrize("into", ["tar", "parquet"])
def test_packed_results_are_in_the_order_of_the_plan(
    into: str, tmp_path: Path, album: Path, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = planned(album, tmp_path / "plain", into=into)
    color(plain)
    done, paint = threading.Event(), work.Painter.__call__

    def last_first(painter: work.Painter, task: Task) -> Row:
        if task.number == 0:
            assert done.wait(60)
        try:
            return paint(painter, task)
        finally:
            if task.number == 1:
                done.set()

    monkeypatch.setattr(work.Painter, "__call__", last_first)
    other = planned(album, tmp_path / "other", into=into)
    for _ in running.run(other, other.units, jobs=2, threads=1):
        done.clear()
    for number in range(2):
        name = f"{number:06d}.{into}"
        assert filecmp.cmp(tmp_path / "plain" / name, tmp_path / "other" / name, shallow=False)


@pytest.mark.parametrize("into", ["tar", "parquet"])
def test_packing_needs_room_for_temporary_files(
    into: str,
    tmp_path: Path,
    album: Path,
    planned: Planned,
    in_memory: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plan = planned(album, in_memory, into=into)
    with full_disk(2000), pytest.raises(UnwritablePicture, match=f"^{tmp_path}: cannot be writ"):
        color(plan)


def test_no_folder_for_temporary_files_is_named(
    tmp_path: Path, album: Path, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(UnwritablePicture, match="gone: cannot be written"):
        color(planned(album, tmp_path / "color"))


def test_no_failure_is_counted_of_a_unit_whose_part_could_not_be_written(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    (album / "roll0/00.jpg").write_bytes(b"damaged")
    plan = planned(album, tmp_path / "color")
    (tmp_path / "color/parts").touch()  # where a folder should be
    with pytest.raises(UnwritablePicture, match=f"^{tmp_path}/color: cannot be written"):
        color(plan)
    (tmp_path / "color/parts").unlink()
    assert failures(plan.place) == {}
    assert not list((tmp_path / "color/begun").iterdir())
    color(plan)
    assert list(failures(plan.place).values()) == [1]


def test_own_results_are_counted_apart_and_again_when_they_change(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    color(planned(album, tmp_path / "color"))
    again = planned(tmp_path / "color/roll0", tmp_path / "again")
    color(again)
    now = standing(again)
    assert (now.done, now.failed, now.own, now.left) == (0, 0, 6, 0)
    (tmp_path / "color/roll0/00.jpg").write_bytes((album / "roll0/00.jpg").read_bytes())
    (tmp_path / "color/roll0/01.jpg").write_bytes(b"damaged")
    (unit, _) = again.found
    (tmp_path / f"again/parts/{unit.id}.jsonl").unlink()
    (tmp_path / f"again/begun/{unit.id}-killed").touch()
    color(again)
    now = standing(again)
    assert (now.done, now.failed, now.own, now.left) == (1, 1, 4, 0)


def test_a_destination_that_is_gone_is_not_filled_anew(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    """A disk that is not mounted any more leaves a folder in which it was."""
    color_to, away = tmp_path / "color", tmp_path / "away"
    plan = planned(album, color_to)
    work = running.run(plan, plan.units, jobs=1, threads=1)
    next(work)
    color_to.rename(away)
    color_to.mkdir()
    said = f"^{color_to}: has no plan.json any more; see that its disk is mounted"
    with pytest.raises(UnwritablePicture, match=said):
        next(work)
    assert not list(color_to.iterdir())
    color_to.rmdir()
    away.rename(color_to)
    color(plan)
    assert standing(plan).done == 10


def test_a_unit_is_not_done_if_its_destination_is_gone_in_the_end(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    plan = planned(album, tmp_path / "color")
    rows = [Row("a.jpg", "a.jpg", "done")] * plan.units[0].count
    (tmp_path / "color/plan.json").unlink()
    with pytest.raises(UnwritablePicture, match=r"has no plan\.json any more"):
        finish(plan, plan.units[0], rows, {})
    assert not list((tmp_path / "color").glob("parts/*"))
