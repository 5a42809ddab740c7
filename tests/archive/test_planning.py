"""Plans follow what becomes of the sources."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from colornet.archive import planning
from colornet.archive.manifest import standing
from colornet.archive.order import Order
from colornet.archive.units import CHUNKS, PLAN, Plan
from colornet.errors import OptionError, UnreadablePicture
from colornet.guidance import Guidance
from colornet.model import DEFAULT_MODEL
from colornet.picture import Encoding
from tests.archive.conftest import color, files
from tests.conftest import UNUSUAL

Planned = Callable[..., Plan]


def tar_of(album: Path, names: list[str] | None = None) -> bytes:
    """A tar file of an album's pictures, or of some of them in this order."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name in names or sorted(files(album)):
            tar.add(album / name, name)
    return data.getvalue()


def parquet_of(album: Path, names: list[str] | None = None) -> bytes:
    data = io.BytesIO()
    names = names or sorted(files(album))
    table = {"image": [(album / name).read_bytes() for name in names], "path": names}
    pq.write_table(pa.table(table), data)
    return data.getvalue()


@pytest.mark.parametrize(("suffix", "content"), [("tar", tar_of), ("parquet", parquet_of)])
def test_what_could_not_be_listed_is_listed_again_once_it_was_mended(
    suffix: str,
    content: Callable[[Path], bytes],
    tmp_path: Path,
    album: Path,
    planned: Planned,
) -> None:
    data = content(album)
    shard = tmp_path / f"shard.{suffix}"
    shard.write_bytes(data[: len(data) * 2 // 3])
    cut = planned(shard, tmp_path / "color")
    assert "shard" in str(color(cut)[str(shard)])
    assert planned(shard, tmp_path / "color", retry=True).units == cut.units  # not mended yet
    done = {path: path.stat().st_mtime_ns for path in (tmp_path / "color/parts").iterdir()}
    shard.write_bytes(data)
    mended = planned(shard, tmp_path / "color", retry=True)
    assert mended.found[: len(cut.found)] == cut.found
    assert not mended.faults
    assert not any(color(mended, retry=True).values())
    now = standing(mended)
    assert (now.done, now.failed, now.left) == (10, 0, 0)
    assert sorted(files(tmp_path / "color")) == sorted(files(album))
    if suffix == "tar":  # what was whole is not colored again
        assert sum(path.stat().st_mtime_ns == time for path, time in done.items()) >= 1


def test_names_that_are_taken_are_told_once_and_only_as_long(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    other = tmp_path / "other" / "album"
    other.parent.mkdir()
    (other / "roll0").mkdir(parents=True)
    for name in ("00.jpg", "01.jpg"):
        (other / "roll0" / name).write_bytes((album / "roll0" / name).read_bytes())
    for _ in range(3):
        plan = planned([album, other], tmp_path / "color", grow=True)
        assert (plan.count, len(plan.faults)) == (12, 1)
    assert len([error for error in color(plan).values() if error]) == 2
    (other / "roll0/00.jpg").rename(other / "roll0/new.jpg")
    plan = planned([album, other], tmp_path / "color", retry=True)
    assert [error for error in color(plan, retry=True).values() if error] == [
        f"{other}/roll0/01.jpg: its result would replace that of {album}/roll0/01.jpg; "
        "color it by itself"
    ]
    assert (tmp_path / "color/album/roll0/new.jpg").is_file()


@pytest.mark.parametrize(("suffix", "content"), [("tar", tar_of), ("parquet", parquet_of)])
def test_pictures_that_moved_within_their_file_are_not_mistaken_for_others(
    suffix: str,
    content: Callable[[Path, list[str] | None], bytes],
    tmp_path: Path,
    planned: Planned,
) -> None:
    album = tmp_path / "album"
    album.mkdir()
    names = ["a.png", "b.png", "c.png"]
    for level, name in enumerate(names):  # of one size
        Image.fromarray(np.full((16, 16), 100 + level, np.uint8)).save(album / name)
    assert len({(album / name).stat().st_size for name in names}) == 1
    shard = tmp_path / f"shard.{suffix}"
    shard.write_bytes(content(album, names))
    plan = planned(shard, tmp_path / "color")
    shard.write_bytes(content(album, names[::-1]))
    errors = color(plan)
    assert [errors[f"{shard}::{name}"] is None for name in names] == [False, suffix == "tar", False]
    assert f"{shard}: has changed since its pictures were listed" in str(errors)
    plan = planned(shard, tmp_path / "color", grow=True)
    assert not any(color(plan).values())
    for level, name in enumerate(names):
        with Image.open(tmp_path / "color" / name) as result:
            assert abs(np.asarray(result.convert("L"), int) - 100 - level).max() <= 1


@pytest.mark.parametrize("place", [12, 40, -12, -4])
def test_a_damaged_plan_says_so(place: int, tmp_path: Path, album: Path, planned: Planned) -> None:
    """Wherever a byte of it has changed."""
    plan = planned(album, tmp_path / "color")
    [chunk] = (tmp_path / "color" / CHUNKS).iterdir()
    data = bytearray(chunk.read_bytes())
    data[place] ^= 0xFF
    chunk.write_bytes(data)
    with pytest.raises(UnreadablePicture, match=r"jsonl\.gz: cannot be read .*delete plan\.json"):
        color(plan)


def test_an_order_is_the_same_on_every_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DEFAULT_MODEL).mkdir()  # a user's, say of scans
    monkeypatch.chdir(tmp_path)
    order = Order.of(DEFAULT_MODEL, UNUSUAL, Encoding(quality=80), partial=True, into="tar")
    assert Order.from_json(json.loads(json.dumps(order.to_json()))) == order
    assert order.model == DEFAULT_MODEL


def test_the_ids_of_units_do_not_change_when_there_is_a_new_option() -> None:
    usual = Order.of(DEFAULT_MODEL, Guidance(), Encoding(), partial=False, into="tree")
    assert json.loads(usual.identity()) == {"model": usual.model_sha256}
    other = replace(usual, guidance=Guidance(strength=0.5), encoding=Encoding(quality=80))
    told = {"model": usual.model_sha256, "strength": 0.5, "quality": 80}
    assert json.loads(other.identity()) == told


def test_another_model_is_told_in_words(tmp_path: Path, album: Path, planned: Planned) -> None:
    order = planned(album, tmp_path / "color").order
    newer = replace(order, model_sha256="0" * 64)  # as after an upgrade
    assert order.differences(newer) == [f"model {order.model}, now another of that name"]
    assert order.differences(replace(newer, model="mine")) == [f"model {order.model}, now mine"]
    assert order.differences(replace(order, model="moved", partial=True)) == [
        "partial False, now True"
    ]


def test_a_plan_that_was_deleted_is_made_anew_and_what_is_done_stays_done(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    plan = planned(album, tmp_path / "color")
    color(plan)
    (tmp_path / "color" / PLAN).unlink()
    assert standing(planned(album, tmp_path / "color")).left == 0
    (tmp_path / "files/plan").mkdir(parents=True)
    (tmp_path / "files/plan/first.txt").touch()
    with pytest.raises(OptionError, match="holds other files already"):
        planned(album, tmp_path / "files")


def test_a_unit_without_results_packs_none(tmp_path: Path, planned: Planned) -> None:
    (tmp_path / "cut.tar").write_bytes(b"cut")
    errors = color(planned(tmp_path / "cut.tar", tmp_path / "color", into="tar"))
    assert len(errors) == 1
    assert not list((tmp_path / "color").glob("*.tar"))


@pytest.mark.parametrize("ignores_case", [True, False])
def test_names_that_are_one_to_the_destination(
    ignores_case: bool,
    tmp_path: Path,
    album: Path,
    planned: Planned,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As to the file systems of Windows and macOS, and to most network drives."""
    shutil.copy(album / "roll0" / "00.jpg", album / "roll0" / "A.jpg")
    shutil.copy(album / "roll0" / "01.jpg", album / "roll0" / "a.jpg")
    if (album / "roll0" / "A.JPG").exists():
        pytest.skip("this file system does not keep such names apart")
    if ignores_case:
        monkeypatch.setattr(planning, "_ignores_case", lambda _: True)
    place = tmp_path / "new" / "color"
    errors = [error for error in color(planned([album], place)).values() if error]
    expected = (
        f"{album}/roll0/a.jpg: its result would replace that of {album}/roll0/A.jpg; "
        "color it by itself"
    )
    assert errors == ([expected] if ignores_case else [])
    assert (place / "roll0" / "A.jpg").is_file()
    assert (place / "roll0" / "a.jpg").is_file() is not ignores_case
    assert not list(tmp_path.rglob(".*"))
