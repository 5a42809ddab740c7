"""`colornet archive`, from the command line to the results, beside `colornet colorize`."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from colornet.archive import units
from colornet.cli.app import main
from tests.archive.conftest import UNIT, files, write_album
from tests.disturbed import deadly
from tests.full_disk import full_disk


@pytest.fixture(autouse=True)
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "PICTURES", UNIT)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands run: an album of ten pictures."""
    write_album(tmp_path / "album", 10)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def archive(tiny_model: Path, capsys: pytest.CaptureFixture[str]):
    """Runs the command with a small model; gives the exit code and what it said."""

    def archive(*arguments: str) -> tuple[int, str]:
        model = () if {"--merge", "--status"} & set(arguments) else ("--model", str(tiny_model))
        capsys.readouterr()
        code = main(["archive", *arguments, *model])
        said = capsys.readouterr()
        return code, said.out + said.err

    return archive


def colorized(
    tiny_model: Path, source: str = "album", output: str = "by-colorize", *more: str
) -> dict[str, bytes]:
    assert main(["colorize", source, "-o", output, "--model", str(tiny_model), *more]) == 0
    return files(Path(output))


def rows(output: str = "color") -> list[dict[str, Any]]:
    parts = sorted(Path(output, "parts").glob("*.jsonl"))
    return [json.loads(line) for part in parts for line in part.read_text().splitlines()]


def test_results_are_those_of_colorize_whatever_the_order_of_shards(
    folder: Path, archive, tiny_model: Path
) -> None:
    for shard in ("3/3", "1/3", "1/3", "2/3"):
        code, said = archive("album", "-o", "color", "--shard", shard)
        assert code == 0, said
    assert files(folder / "color") == colorized(tiny_model)
    assert sorted(row["output"] for row in rows()) == sorted(files(folder / "color"))
    assert archive("--status", "color")[1].startswith("10 done, 0 failed, 0 left")


def test_a_killed_shard_goes_on(folder: Path, archive, tiny_model: Path) -> None:
    command = ["archive", "album", "-o", "color", "--model", str(tiny_model), "-j", "1"]
    code = (
        "from colornet.archive import units; units.PICTURES = 4\n"
        f"from colornet.cli.app import main; main({command})"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        while not list(folder.glob("color/parts/*.jsonl")):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert archive("album", "-o", "color")[0] == 0
    assert files(folder / "color") == colorized(tiny_model)
    assert len(rows()) == len({row["output"] for row in rows()}) == 10
    assert not list(folder.glob("color/**/.*"))
    assert list(folder.glob("color/begun/*")) == []


@pytest.mark.parametrize(
    "more", [["--before-after", "--format", "png"], ["--mark", "--quality", "40"]]
)
def test_options_do_what_they_do_in_a_folder(
    more: list[str], folder: Path, archive, tiny_model: Path
) -> None:
    code, said = archive("album/roll1", "-o", "color", *more)
    assert code == 0, said
    assert files(folder / "color") == colorized(tiny_model, "album/roll1", "by-colorize", *more)
    assert archive("album/roll1", "-o", "color")[0] == 2


def test_a_damaged_picture_is_a_row_and_is_retried(folder: Path, archive) -> None:
    whole = (folder / "album/roll0/00.jpg").read_bytes()
    (folder / "album/roll0/00.jpg").write_bytes(b"no picture")
    (folder / "album/roll0/01.jpg").write_bytes(whole[:-20])
    code, said = archive("album", "-o", "color")
    assert code == 1
    assert "00.jpg: " in said
    assert "8 done, 2 failed" in said
    failed = [row for row in rows() if row["status"] == "failed"]
    assert [Path(row["input"]).name for row in failed] == ["00.jpg", "01.jpg"]
    code, said = archive("album", "-o", "color")  # nothing is left to do, but not all is well
    assert code == 1
    assert "2 failed in an earlier run; --retry" in said
    assert archive("--status", "color")[0] == 1
    (folder / "album/roll0/00.jpg").write_bytes(whole)
    (folder / "album/roll0/01.jpg").write_bytes(whole)
    code, said = archive("album", "-o", "color", "--retry")
    assert code == 0
    assert "4 done, 0 failed" in said
    assert archive("--status", "color")[1].startswith("10 done, 0 failed, 0 left")


def test_merging_gives_each_picture_once(folder: Path, archive) -> None:
    archive("album", "-o", "color", "--shard", "0/2")
    code, said = archive("--merge", "color")
    assert code == 1
    assert "left" in said
    archive("album", "-o", "color")
    assert archive("--merge", "color")[0] == 0
    table = pq.read_table(folder / "color/manifest.parquet").to_pylist()
    assert [row["output"] for row in table] == sorted(files(folder / "color"))
    assert {row["status"] for row in table} == {"done"}
    for name in ("all.jsonl", "all.jsonl", "all.parquet", "all.parquet"):  # also over an older one
        assert archive("--merge", "color", "-o", name)[0] == 0
    assert pq.read_table("all.parquet").to_pylist() == table
    lines = [json.loads(line) for line in Path("all.jsonl").read_text().splitlines()]
    assert [line["sha256"] for line in lines] == [row["sha256"] for row in table]


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.parquet"])
@pytest.mark.parametrize("mine", [b"mine", b"5", b'[{"input": 1}]', b'{"input": 1}\n', "table"])
def test_merging_replaces_no_other_file(mine: Any, name: str, folder: Path, archive) -> None:
    if mine == "table":
        pq.write_table(pa.table({"path": ["a.jpg"], "bytes": [b"a"]}), name)
    else:
        Path(name).write_bytes(mine)
    before = Path(name).read_bytes()
    archive("album", "-o", "color")
    code, said = archive("--merge", "color", "-o", name)
    assert code == 2
    assert f"{name}: is not of an archive, whose table would replace it; choose another" in said
    assert Path(name).read_bytes() == before


def make_sources(folder: Path) -> None:
    """The album again as a list, a tar file and a Parquet file."""
    paths = sorted((folder / "album").rglob("*.jpg"))
    names = [path.relative_to(folder / "album").as_posix() for path in paths]
    (folder / "album/list.txt").write_text("\n".join(names))
    with tarfile.open(folder / "shard.tar", "w") as tar:
        for path, name in zip(paths, names, strict=True):
            tar.add(path, name)
    table = {"image": [path.read_bytes() for path in paths], "path": names}
    pq.write_table(pa.table(table), folder / "shard.parquet", row_group_size=3)
    hugging = [{"bytes": path.read_bytes(), "path": None} for path in paths]
    pq.write_table(pa.table({"image": hugging}), folder / "unnamed.parquet")


@pytest.mark.parametrize(
    "source", ["album/list.txt", "album/**/*.jpg", "shard.tar", "shard.parquet"]
)
def test_every_kind_of_source_gives_the_same(
    source: str, folder: Path, archive, tiny_model: Path
) -> None:
    make_sources(folder)
    code, said = archive(source, "-o", "color", "-j", "2")
    assert code == 0, said
    assert files(folder / "color") == colorized(tiny_model)
    assert len(rows()) == 10


def test_rows_without_names_are_numbered_and_get_the_suffix_of_their_format(
    folder: Path, archive, tiny_model: Path
) -> None:
    make_sources(folder)
    assert archive("unnamed.parquet", "-o", "color")[0] == 0
    expected = colorized(tiny_model)
    assert list(files(folder / "color")) == [f"{i:08d}.jpg" for i in range(10)]
    assert list(files(folder / "color").values()) == list(expected.values())


@pytest.mark.parametrize("into", ["tar", "parquet"])
def test_results_are_packed(into: str, folder: Path, archive, tiny_model: Path) -> None:
    assert archive("album", "-o", "color", "--into", into)[0] == 0
    made: dict[str, bytes] = {}
    for path in sorted((folder / "color").glob(f"*.{into}")):
        if into == "tar":
            with tarfile.open(path) as tar:
                made |= {member.name: tar.extractfile(member).read() for member in tar}
        else:
            made |= {row["path"]: row["bytes"] for row in pq.read_table(path).to_pylist()}
    assert made == colorized(tiny_model)
    assert {row["output"].partition("::")[0] for row in rows()} == {
        f"{number:06d}.{into}" for number in range(3)
    }
    # results are sources: all of them are colornet's own
    code, said = archive(f"color/*.{into}", "-o", "again")
    assert code == 0, said
    assert {row["status"] for row in rows("again")} == {"own"}


def test_what_is_new_joins_the_plan_and_what_is_done_stays(folder: Path, archive) -> None:
    assert archive("album", "-o", "color")[0] == 0
    before = {path: path.stat().st_mtime_ns for path in (folder / "color").rglob("*.jpg")}
    (folder / "album/roll0/000.jpg").write_bytes((folder / "album/roll0/00.jpg").read_bytes())
    assert archive("album", "-o", "color")[0] == 0
    assert len(rows()) == 10  # the plan stands
    _, said = archive("album", "-o", "color", "--plan")
    assert "11 pictures planned, in 4 units" in said
    assert archive("album", "-o", "color")[0] == 0
    assert len(rows()) == 11
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["album/roll0", "-o", "color"], "has the results of"),
        (["album", "-o", "color", "--strength", "0.5"], "strength 1.0, now 0.5"),
        (["album", "-o", "color", "--into", "tar"], "into tree, now tar"),
        (["album", "-o", "album"], "holds other files already"),
        (["album", "-o", "album/roll0/00.jpg"], "is a file"),
        (["missing.txt", "-o", "new"], "cannot be read"),
        (["missing.tar", "-o", "new"], "there is no such file or folder"),
        (["album", "-o", "new", "--setting", "gaudy"], "tiny: has no setting gaudy"),
        (["album", "-o", "new", "--actors", "2"], "is for --ray alone"),
        (["album", "-o", "new", "--ray", "--actors", "4-2"], "is not MIN-MAX"),
        (["album", "-o", "new", "--plan", "--shard", "1/2"], "do not go together"),
        (["album", "--status", "color"], "do not go together"),
        (["--status", "color", "-o", "new"], "do not go together"),
        (["--merge", "color", "-o", "nowhere/rows.jsonl"], "cannot be written"),
        (["album/*.gif", "-o", "new"], "matches nothing"),
        (["albun", "-o", "new"], "there is no such file or folder"),
        (["a.tar.gz", "-o", "new"], "is a compressed tar file"),
        (["ftp9://host/a", "-o", "new"], "cannot be reached"),
        (["s3://", "-o", "new"], "s3://: names nothing"),
        (["album", "-o", "memory:///"], "memory:///: names nothing"),
        (["album", "-o", "new", "--shard", "5/4"], "is not a share"),
        (["album", "-o", "new", "--shard", "1/" + "9" * 5000], "is not a share"),
        (["album", "-o", "new", "--ray", "--actors", "9" * 5000], "is not MIN-MAX"),
        (["--status", "album"], "holds no archive"),
        (["album", "-o", "/proc/new"], "colornet: /proc/new: cannot be written"),
        (["album"], "needs sources and --output"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    more: list[str], said: str, folder: Path, archive
) -> None:
    archive("album", "-o", "color")
    code, told = archive(*more)
    assert code in (1, 2)
    assert said in told
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("module", "more"), [("ray", ["--ray"]), ("pyarrow", ["--into", "parquet"])]
)
def test_what_is_missing_is_told_before_anything_is_planned(
    module: str, more: list[str], folder: Path, archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    code, said = archive("album", "-o", "new", *more)
    assert code == 1
    assert said.startswith(f"colornet: {module}: is not installed; ")
    assert not (folder / "new").exists()


def test_a_table_without_pyarrow_names_what_installs_it(
    folder: Path, archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive("album", "-o", "color")
    monkeypatch.delitem(sys.modules, "colornet.archive.table", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, said = archive("--merge", "color")
    assert code != 0
    assert "colornet: pyarrow: is not installed; " in said


def test_a_full_disk_ends_the_run_and_loses_nothing(folder: Path, archive) -> None:
    assert archive("album", "-o", "color", "--plan")[0] == 0
    with full_disk(1000):
        code, said = archive("album", "-o", "color")
    assert code == 1
    assert "cannot be written" in said, said
    assert rows() == []
    assert list(folder.glob("color/begun/*")) == []
    assert archive("album", "-o", "color")[0] == 0
    assert {row["status"] for row in rows()} == {"done"}
    assert len(rows()) == 10


def test_odd_names_keep_their_places(folder: Path, archive, tiny_model: Path) -> None:
    names = ["a b#c?.jpg", "100%[1].jpg", "ünï::x.jpg", "new\nline.jpg", os.fsdecode(b"\xff.jpg")]
    odd = folder / "odd [x]"
    odd.mkdir()
    for name in names:
        (odd / name).write_bytes((folder / "album/roll0/00.jpg").read_bytes())
    (odd / "notes.doc").touch()
    (odd / ".hidden.jpg").touch()
    code, said = archive(str(odd), "-o", "color")
    assert code == 0, said
    assert files(folder / "color") == colorized(tiny_model, str(odd))
    assert archive("--merge", "color")[0] == 0


def test_sources_with_one_name_are_rows_and_the_first_one_counts(folder: Path, archive) -> None:
    (folder / "other").mkdir()
    (folder / "other/album").symlink_to(folder / "album")
    code, said = archive("album", "other/album", "-o", "color")
    assert code == 1
    assert "10 done, 10 failed" in said
    assert "its result would replace that of" in said


def test_an_output_in_the_source_is_no_source(folder: Path, archive) -> None:
    for _ in range(2):
        assert archive("album", "-o", "album/color", "--plan")[0] == 0
    assert archive("album", "-o", "album/color")[0] == 0
    assert len(rows("album/color")) == 10


def test_a_member_stays_in_the_destination(folder: Path, archive) -> None:
    data = (folder / "album/roll0/00.jpg").read_bytes()
    with tarfile.open(folder / "evil.tar", "w") as tar:
        for name in ("../../up.jpg", "/top.jpg"):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert archive("evil.tar", "-o", "deep/color")[0] == 0
    assert sorted(files(folder / "deep/color")) == ["top.jpg", "up.jpg"]
    assert not (folder / "up.jpg").exists()


def test_a_tar_file_that_ends_too_early_is_a_row(folder: Path, archive) -> None:
    make_sources(folder)
    data = (folder / "shard.tar").read_bytes()
    (folder / "cut.tar").write_bytes(data[: len(data) // 2])
    code, _ = archive("cut.tar", "-o", "color")
    assert code == 1
    failed = [row for row in rows() if row["status"] == "failed"]
    assert failed
    assert all("cut.tar" in row["error"] for row in failed)
    assert archive("cut.tar", "-o", "color", "--retry")[0] == 1
    (folder / "cut.tar").write_bytes(data)
    assert archive("cut.tar", "-o", "color", "--retry")[0] == 0
    assert archive("--status", "color")[1].startswith("10 done, 0 failed, 0 left")


def test_counts_are_told_in_plain_words(folder: Path, archive) -> None:
    code, said = archive("album/roll0/00.jpg", "-o", "one", "--plan")
    assert code == 0
    assert said.endswith("/one: 1 picture planned, in 1 unit\n")
    assert archive("--status", "one")[1] == (
        "0 done, 0 failed, 1 left in 1 unit\ncolornet: 1 picture left: run the archive again\n"
    )
    archive("album", "-o", "color")
    code, said = archive("color/roll0", "-o", "again")
    assert code == 0
    assert "0 done, 0 failed, 6 left out as colornet's own of 6 planned" in said
    assert (
        "0 done, 0 failed, 6 left out as colornet's own, 0 left" in archive("--status", "again")[1]
    )


def test_a_picture_that_kills_its_process_is_found(
    folder: Path, archive, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is killed twice; the third one gives the other pictures their colors."""
    deadly(folder / "site", monkeypatch)
    command = ["archive", "album", "-o", "color", "--model", str(tiny_model), "-j", "1"]
    code = (
        "from colornet.archive import units; units.PICTURES = 4\n"
        f"from colornet.cli.app import main; raise SystemExit(main({command}))"
    )
    ends = [subprocess.run([sys.executable, "-c", code]).returncode for _ in range(3)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 1]
    (failed,) = [row for row in rows() if row["status"] == "failed"]
    assert failed["input"].endswith("05.jpg")
    assert "ends the process" in failed["error"]
    assert len(rows()) == 10
    assert len(files(folder / "color")) == 9
