"""The report outlives processes that are killed, others beside it, and full disks."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from colornet.batch import REPORT, lock, plan, run
from colornet.batch.report import Entry, Report
from colornet.batch.rows import FileState, Row
from colornet.colorizer import Colorizer
from colornet.errors import OptionError, UnwritablePicture
from colornet.guidance import Guidance
from colornet.notices import Notice
from colornet.picture import Encoding
from tests.batch.conftest import Tree, counts, names, run_until_killed


def row(name: str, status: Any = "done", **more: Any) -> Row:
    return Row(
        status=status,
        source=FileState(f"/album/{name}", 10, 1_700_000_000_123_456_789),
        results=(FileState(name, 20, 1_700_000_001_000_000_000),),
        model="general",
        model_sha256="0" * 64,
        options={"strength": 1.0},
        **more,
    )


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_each_picture_is_told(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    root, out = tree("in", "a.jpg", "sub/b.png", "c.jpg"), tmp_path / "out"
    (root / "c.jpg").write_text("no picture")
    guidance, encoding = Guidance(0.5), Encoding(quality=70)
    list(run(colorizer, plan([root], out), guidance, encoding=encoding))
    told = {Path(each["source"]["path"]).name: each for each in lines(out / REPORT)}
    assert sorted(told) == ["a.jpg", "b.png", "c.jpg"]
    png, source, result = told["b.png"], root / "sub" / "b.png", out / "sub" / "b.png"
    found, made = source.stat(), result.stat()
    assert png["status"] == "done"
    assert png["source"] == {
        "path": str(source),
        "size": found.st_size,
        "modified": found.st_mtime_ns,
    }
    assert png["result"] == {
        "path": "sub/b.png",
        "size": made.st_size,
        "modified": made.st_mtime_ns,
    }
    assert png["model"] == {"name": "tiny", "sha256": colorizer.card.sha256}
    assert png["options"] == {
        **{"strength": 0.5, "saturation": 1.0, "variant": 0, "variants": None, "partial": False},
        **{
            "format": None,
            "quality": 70,
            "strip_metadata": False,
            "keep_note": False,
            "mark": False,
            "before_after": False,
            "keep_times": False,
        },
    }
    assert png["seconds"] > 0
    assert (png["notices"], png["error"]) == ([], None)
    assert told["c.jpg"]["status"] == "failed"
    assert "is not a picture" in told["c.jpg"]["error"]
    assert told["c.jpg"]["result"] == {"path": "c.jpg"}


def test_failure_goes_when_it_is_mended(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    whole = (root / "a.jpg").read_bytes()
    (root / "a.jpg").write_text("no picture")
    assert counts(colorizer, root, out) == {"failed": 1}
    assert counts(colorizer, root, out) == {"failed": 1}
    assert [each["status"] for each in lines(out / REPORT)] == ["failed"]
    (root / "a.jpg").write_bytes(whole)
    assert counts(colorizer, root, out) == {"done": 1}
    assert [each["status"] for each in lines(out / REPORT)] == ["done"]
    (root / "a.jpg").write_text("no picture")
    assert counts(colorizer, root, out, replace="different") == {"failed": 1}
    assert [each["status"] for each in lines(out / REPORT)] == ["done", "failed"]


def test_notices_are_told_and_given(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    from PIL import Image

    root, out = tree("in"), tmp_path / "out"
    Image.radial_gradient("L").convert("RGB").quantize(16).save(root / "gray.png")
    noise = Image.merge("RGB", [Image.effect_noise((64, 64), 90) for _ in range(3)])
    noise.save(root / "colors.png")
    found = {result.source.name: result.notices for result in run(colorizer, plan([root], out))}
    (notice,) = found["colors.png"]
    assert str(notice) == (
        f"{root / 'colors.png'}: is in color already; its own colors are discarded"
    )
    told = {each["result"]["path"]: each["notices"] for each in lines(out / REPORT)}
    assert told == {"colors.png": [asdict(notice)], "gray.png": []}
    assert told["colors.png"][0]["code"] == "color-discarded"


def test_rows_come_back(tmp_path: Path) -> None:
    name = os.fsdecode(b"latin-\xe9 \n\"'.jpg")
    rows = [
        row(
            name,
            seconds=0.5,
            notices=(Notice("a-b", "ä\u2028", name),),
            time="2026-01-01T00:00:00Z",
        ),
        row("b.jpg", "failed", error="why", time="x"),
        Row("failed", FileState("/album/sub"), (), "m", "0", {}, error="unreadable", time="x"),
    ]
    for each in rows:
        line = each.to_line()
        assert line.count(b"\n") == 1
        json.loads(line)
        assert Row.from_line(line) == each
    more = (*rows[0].results, FileState("c", 1, 2))
    both = Row("done", rows[0].source, more, "m", "0", {}, time="x")
    assert Row.from_line(both.to_line()) == both


def test_what_a_later_version_adds_to_a_row_is_passed_over() -> None:
    known = row("a.jpg", notices=(Notice("too-dark", "is dark", "a.jpg"),), time="now")
    told = json.loads(known.to_line())
    told["more"] = told["source"]["more"] = told["notices"][0]["more"] = {"than": "known"}
    assert Row.from_line(json.dumps(told).encode()) == known


@pytest.mark.parametrize(
    "text",
    [
        '{"quarter": 3}',
        '{"quarter": 3}\n',
        "Dear diary,",
        '{"colornet": "0.1.0", "pictures": []}\n',
        row("a.jpg").to_line().decode() + "garbage\n" + row("b.jpg").to_line().decode(),
        row("a.jpg").to_line().decode() + "garbage",
        "[]\n",
        row("a.jpg").to_line().decode().replace('"size": 10', '"size": 1e999'),
        "\n",
        "\x80\n",
        "[" * 100_000 + "\n",
    ],
)
def test_another_file_is_not_touched(
    text: str, tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    out.mkdir()
    (out / REPORT).write_text(text, encoding="latin-1")
    with pytest.raises(
        OptionError, match=r"report\.jsonl: is not a report of colornet, or is damaged"
    ):
        list(run(colorizer, plan([root], out)))
    assert (out / REPORT).read_text(encoding="latin-1") == text
    assert names(out) == []


def test_what_is_no_file_stays(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    """As root, a device in its place was removed: in the end, it held no rows."""
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    out.mkdir()
    os.mkfifo(tmp_path / "pipe")
    (out / REPORT).symlink_to(tmp_path / "pipe")
    with pytest.raises(OptionError, match=r"pipe: is not a report of colornet.* it is no file"):
        list(run(colorizer, plan([root], out)))
    assert (tmp_path / "pipe").is_fifo()
    assert names(out) == []


def test_row_that_was_written_in_part_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / REPORT
    whole = row("a.jpg").to_line()
    torn = row("b.jpg").to_line()
    for length in range(len(torn)):
        path.write_bytes(whole + torn[:length])
        report = Report(path)
        assert report.entry("a.jpg").done
        assert report.entry("b.jpg") == Entry()
        report.add(row("c.jpg"))
        report.close()
        assert [each["result"]["path"] for each in lines(path)] == ["a.jpg", "c.jpg"]
    path.write_bytes(torn[:20])
    Report(path).close()
    assert not path.exists(), "nothing was done"


def test_rows_that_later_ones_replace_go_at_the_end(tmp_path: Path) -> None:
    report = Report(tmp_path / REPORT)
    for _ in range(3):
        report.add(row("a.jpg", "begun"))
        report.add(row("a.jpg"))
    report.add(row("b.jpg"))
    assert len(lines(tmp_path / REPORT)) == 7
    report.close()
    assert [each["result"]["path"] for each in lines(tmp_path / REPORT)] == ["a.jpg", "b.jpg"]


def test_two_that_are_open_know_of_each_other(tmp_path: Path) -> None:
    one, two = Report(tmp_path / REPORT), Report(tmp_path / REPORT)
    one.add(row("a.jpg", "begun"))
    one.add(row("a.jpg"))
    assert two.entry("a.jpg").done
    with one.claim("b.jpg") as mine:
        assert mine
        with two.claim("b.jpg") as also_mine, two.claim("c.jpg") as another:
            assert not also_mine
            assert another
        two.add(row("c.jpg"))
        two.close()
        assert len(lines(tmp_path / REPORT)) == 3, "not while another is at work"
    assert one.entry("c.jpg").done
    three = Report(tmp_path / REPORT)
    one.close()
    assert len(lines(tmp_path / REPORT)) == 2
    three.add(row("d.jpg"))
    with three.claim("b.jpg") as mine:
        assert mine
    three.close()
    assert [each["result"]["path"] for each in lines(tmp_path / REPORT)] == [
        "a.jpg",
        "c.jpg",
        "d.jpg",
    ]


def test_full_disk_takes_nothing_from_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"""
from pathlib import Path
from colornet.batch.report import Report
from colornet.errors import UnwritablePicture
from tests.batch.test_report import row
from tests.full_disk import full_disk
report = Report(Path({str(tmp_path / REPORT)!r}))
report.add(row("a.jpg"))
size = Path({str(tmp_path / REPORT)!r}).stat().st_size
with full_disk(size + 100):
    try:
        report.add(row("b.jpg"))
    except UnwritablePicture as error:
        print(error)
    report.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"{REPORT}: cannot be written (" in done.stdout
    assert [each["result"]["path"] for each in lines(tmp_path / REPORT)] == ["a.jpg"]


def test_file_system_without_locks(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_set", refuse)
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    (root / "b.jpg").write_bytes((root / "a.jpg").read_bytes())
    for status in ("done", "skipped"):
        results = list(run(colorizer, plan([root], out)))
        assert [result.status for result in results] == [status, status]
        told = [str(notice) for result in results for notice in result.notices]
        assert told == [f"{out}: has no locks: let only one process at a time work there"]
    assert not any(each["notices"] for each in lines(out / REPORT))


def test_report_that_cannot_be_written_stops_all(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    (out / REPORT).mkdir(parents=True)
    with pytest.raises(UnwritablePicture, match=r"report\.jsonl: cannot be written"):
        list(run(colorizer, plan([root], out)))
    assert names(out) == []


# Processes


def command(root: Path, out: Path, model: Path, *more: str) -> list[str]:
    arguments = ["colorize", str(root), "-o", str(out), "--model", str(model), *more]
    return [sys.executable, "-m", "colornet", *arguments]


def test_two_processes_share_a_folder(tree: Tree, tmp_path: Path, tiny_model: Path) -> None:
    root, out = tree("in", *(f"{i:02}.png" for i in range(24))), tmp_path / "out"
    both = [
        subprocess.Popen(
            command(root, out, tiny_model, "-j", "2"), stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    done = [int(each.splitlines()[-1].split()[1]) for each in told]
    assert sum(done) == 24, told
    assert names(out) == [f"{i:02}.png" for i in range(24)]
    assert sorted(each["result"]["path"] for each in lines(out / REPORT)) == names(out)
    assert {each["status"] for each in lines(out / REPORT)} == {"done"}


def test_what_another_process_holds_is_told(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colornet.batch.running.PATIENCE", 0.3)
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    other = Report(out / REPORT)
    with other.claim("a.jpg") as mine:
        assert mine
        results = list(run(colorizer, plan([root], out)))
        assert sorted(result.status for result in results) == ["done", "held"]
        notices = [notice for result in results for notice in result.notices]
        assert [notice.code for notice in notices] == ["folder-in-use"]
        assert str(notices[0]).startswith(f"{out}: another process is at work there")
    other.close()
    assert counts(colorizer, root, out) == {"done": 1, "skipped": 1}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_at_any_moment(
    how: signal.Signals, tree: Tree, tmp_path: Path, tiny_model: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", *(f"{i:02}.png" for i in range(30))), tmp_path / "out"
    chance = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen(
            command(root, out, tiny_model, "-j", "2"),
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        before = len(names(out)) if out.exists() else 0
        while process.poll() is None and (not out.exists() or len(names(out)) <= before):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(how)
        _, told = process.communicate()
        assert b"Traceback" not in told
        ended = {9: -9, 15: 143, 2: 130}[how], -how  # this, too, once it heeds signals no more
        assert process.returncode in (0, *ended)
    left = len([name for name in names(out) if not name.startswith(".")])
    found = counts(colorizer, root, out)
    assert found["failed"] == found["different"] == 0
    assert found["done"] + found["skipped"] == 30
    assert left - found["skipped"] <= 2, "but for those that were being made"
    assert names(out) == [f"{i:02}.png" for i in range(30)]
    assert {each["status"] for each in lines(out / REPORT)} == {"done"}
    assert counts(colorizer, root, out) == {"skipped": 30}


def test_killed_between_file_and_row(
    tree: Tree, tmp_path: Path, tiny_model: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    run_until_killed(tiny_model, root, out, "Row.ended = killed_unless_begun")
    assert names(out) == ["a.jpg"]
    assert [each["status"] for each in lines(out / REPORT)] == ["begun"]
    assert counts(colorizer, root, out) == {"done": 1}, "it is known as unfinished, and made anew"
    assert counts(colorizer, root, out) == {"skipped": 1}


def test_killed_again_while_it_was_made_anew(
    tree: Tree, tmp_path: Path, tiny_model: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    for change in ("Row.ended = killed_unless_begun", "upsample._compute = kill"):
        run_until_killed(tiny_model, root, out, change)
    assert len(names(out)) == 2
    assert counts(colorizer, root, out) == {"done": 1}
    assert names(out) == ["a.jpg"]


def test_killed_while_a_result_was_to_be_replaced(
    tree: Tree, tmp_path: Path, tiny_model: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 1}
    before = (out / "a.jpg").read_bytes()
    change = 'os.fsync = lambda file: "jsonl" in os.readlink(f"/proc/self/fd/{file}") or kill()'
    how = 'Guidance(0.5), replace="different"'
    run_until_killed(tiny_model, root, out, change, how=how)
    assert [each["status"] for each in lines(out / REPORT)] == ["done", "begun"]
    assert len(names(out)) == 2
    assert counts(colorizer, root, out, Guidance(0.5)) == {"different": 1}
    assert names(out) == ["a.jpg"], "nothing half-written is left"
    assert [each["status"] for each in lines(out / REPORT)] == ["done"]
    assert (out / "a.jpg").read_bytes() == before
    assert counts(colorizer, root, out) == {"skipped": 1}
