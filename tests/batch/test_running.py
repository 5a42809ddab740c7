import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.batch import REPORT, Existing, plan, run, worker
from colornet.colorizer import Colorizer
from colornet.errors import (
    ColornetError,
    UnreadablePicture,
)
from colornet.guidance import Guidance, Hint
from tests.batch.conftest import Tree, counts, names, run_until_killed
from tests.full_disk import full_disk


def test_failures_do_not_stop_the_rest(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    root, out = tree("in", "a.jpg", "c.jpg", "sub/d.png"), tmp_path / "out"
    (root / "b.jpg").write_text("no picture")
    (root / "gone.jpg").symlink_to(root / "nowhere.jpg")
    results = sorted(run(colorizer, plan([root], out)), key=lambda result: result.source)
    assert [result.status for result in results] == ["done", "failed", "done", "failed", "done"]
    assert "b.jpg: is not a picture" in str(results[1].error)
    assert "gone.jpg: there is no such file" in str(results[3].error)
    assert names(out) == ["a.jpg", "c.jpg", "sub/d.png"]


def test_unforeseen_failure_is_one_pictures(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = colorizer.write

    def fail_on_a(source: Path, *rest: Any, **options: Any) -> object:
        if source.name == "a.jpg":
            raise MemoryError("no room")
        return write(source, *rest, **options)

    monkeypatch.setattr(colorizer, "write", fail_on_a)
    planned = plan([tree("in", "a.jpg", "b.jpg")], tmp_path / "out")
    results = {result.source.name: result for result in run(colorizer, planned)}
    assert results["b.jpg"].status == "done"
    assert isinstance(results["a.jpg"].error, ColornetError)
    assert "MemoryError: no room" in str(results["a.jpg"].error)


def test_what_is_done_is_skipped_unless_asked(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 2}
    (out / "b.jpg").unlink()
    assert counts(colorizer, root, out) == {"done": 1, "skipped": 1}
    assert counts(colorizer, root, out, replace="different") == {"skipped": 2}
    assert counts(colorizer, root, out, replace="all") == {"done": 2}


def test_what_is_done_is_not_read_again(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of 100,000 pictures would take minutes."""
    root, out = tree("in", "a.jpg", "b.jpg", "sub/c.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 3}
    opened: list[Path] = []
    monkeypatch.setattr(worker, "provenance", opened.append)
    assert counts(colorizer, root, out) == {"skipped": 3}
    assert counts(colorizer, root, out, Guidance(strength=0.5)) == {"different": 3}
    assert not opened
    os.utime(root / "b.jpg")
    (out / "sub/c.jpg").write_bytes(b"changed")
    assert counts(colorizer, root, out) == {"skipped": 1, "different": 2}
    assert opened == [root / "b.jpg"]


def test_reference_is_read_once(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    tree("in", "a.jpg", "b.jpg")
    reference = tmp_path / "reference.jpg"
    Image.fromarray(data.astronaut()).save(reference)
    results = run(
        colorizer, plan([tmp_path / "in"], tmp_path / "out"), Guidance(reference=reference)
    )
    next(results)
    reference.unlink()
    assert [result.status for result in results] == ["done"]


def test_a_reference_among_the_results_stays(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 2}
    reference = Guidance(reference=out / "b.jpg")
    before = (out / "b.jpg").read_bytes()
    assert counts(colorizer, root, out, reference) == {"different": 2}
    for replace in ("different", "all"):
        results = list(run(colorizer, plan([root], out), reference, replace=replace))
        results.sort(key=lambda result: result.source)
        assert [result.status for result in results] == ["done", "failed"]
        assert "b.jpg: is the reference itself; choose another folder" in str(results[1].error)
        assert (out / "b.jpg").read_bytes() == before
    assert counts(colorizer, root, out) == {"different": 1, "skipped": 1}


def test_a_reference_in_place_is_kept_as_an_original_and_stays_as_a_result(
    tree: Tree, colorizer: Colorizer
) -> None:
    root = tree("in", "a.jpg", "b.jpg")
    reference = Guidance(reference=root / "b.jpg")
    original = (root / "b.jpg").read_bytes()
    assert counts(colorizer, root, root, reference, in_place=True) == {"done": 2}
    assert (root / "b.orig.jpg").read_bytes() == original
    result = (root / "b.jpg").read_bytes()
    how = {"in_place": True, "replace": "all"}
    assert counts(colorizer, root, root, reference, **how) == {"done": 1, "failed": 1}
    assert (root / "b.jpg").read_bytes() == result


def test_unreadable_reference_stops_all(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    planned = plan([tree("in", "a.jpg")], tmp_path / "out")
    with pytest.raises(UnreadablePicture):
        list(run(colorizer, planned, Guidance(reference=tmp_path / "none.jpg")))


def test_stopped_run_begins_nothing_else(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    planned = plan([tree("in", *(f"{i}.jpg" for i in range(20)))], tmp_path / "out")
    results = run(colorizer, planned, jobs=1)
    next(results)
    results.close()
    done = len(names(tmp_path / "out"))
    assert done < 20
    assert counts(colorizer, tmp_path / "in", tmp_path / "out") == {
        "done": 20 - done,
        "skipped": done,
    }


@pytest.mark.slow
def test_run_killed_ten_times_ends_as_one_that_was_not(
    tree: Tree, tmp_path: Path, tiny_model: Path, photograph: Path
) -> None:
    root = tree("in")
    with Image.open(photograph) as picture:
        large = picture.resize((480, 384))
    for i in range(12):
        large.rotate(i).save(root / f"{i}.{('png', 'jpg', 'tif')[i % 3]}")
    command = [sys.executable, "-m", "colornet", "colorize", str(root), "--model", str(tiny_model)]
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    start = time.monotonic()
    subprocess.run([*command, "-o", calm], check=True, stderr=subprocess.DEVNULL)
    whole = time.monotonic() - start
    chance = random.Random(0)
    for _ in range(10):
        process = subprocess.Popen([*command, "-o", rough], stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in rough.rglob("[!.]*.*"):
            assert path.name == REPORT or path.read_bytes() == (calm / path.name).read_bytes()
    subprocess.run([*command, "-o", rough], check=True, stderr=subprocess.DEVNULL)
    assert sorted(path.name for path in rough.iterdir()) == [
        path.name for path in sorted(calm.iterdir())
    ]
    for path in calm.glob("[0-9]*"):
        assert (rough / path.name).read_bytes() == path.read_bytes()


def test_what_a_killed_run_left_is_taken_over(tree: Tree, tmp_path: Path, tiny_model: Path) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    run_until_killed(tiny_model, root, out, "upsample._compute = kill")
    assert [Path(name).suffix for name in names(out)] == [".part"]
    list(run(Colorizer(tiny_model), plan([root], out)))
    assert names(out) == ["a.jpg"]


def test_full_disk_is_told_for_each_and_the_rest_goes_on(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.png", "b.png", "c.jpg"), tmp_path / "out"
    with Image.open(root / "c.jpg") as picture:
        picture.resize((16, 16)).save(root / "c.jpg")
    with full_disk(8_000):
        results = list(run(colorizer, plan([root], out)))
    assert Counter(result.status for result in results) == {"failed": 2, "done": 1}
    assert names(out) == ["c.jpg"]


# Guidance of each picture's own


def even(folder: Path) -> Path:
    """The folder, its pictures all of one gray."""
    for path in folder.rglob("*.png"):
        Image.new("L", (64, 48), 120).save(path)
    return folder


def hint(path: Path, color: str) -> None:
    Guidance(hints=[Hint(((0.5, 0.5),), color, unit="fractions")]).save(path)


def middle(path: Path) -> list[int]:
    with Image.open(path) as picture:
        return list(picture.getpixel((picture.width // 2, picture.height // 2)))  # type: ignore[arg-type]


def test_hints_beside_a_picture_are_its_own(tree: Tree, tmp_path: Path, guided: Colorizer) -> None:
    folder, out = even(tree("in", "a.png", "b.png", "sub/c.png")), tmp_path / "out"
    hint(folder / "a.hints.json", "gray")
    hint(folder / "sub" / "c.hints.json", "gray")
    assert {result.status for result in run(guided, plan([folder], out))} == {"done"}
    assert np.ptp(middle(out / "a.png")) <= 2
    assert np.ptp(middle(out / "b.png")) > 20
    assert np.ptp(middle(out / "sub" / "c.png")) <= 2
    assert not list(out.rglob("*.json"))


def test_newer_hints_are_not_passed_over(tree: Tree, tmp_path: Path, guided: Colorizer) -> None:
    folder, out = even(tree("in", "a.png")), tmp_path / "out"
    assert counts(guided, folder, out) == {"done": 1}
    assert counts(guided, folder, out) == {"skipped": 1}
    hint(folder / "a.hints.json", "gray")
    (result,) = run(guided, plan([folder], out))
    assert (result.status, result.existing) == ("different", Existing.SETTINGS)
    assert counts(guided, folder, out, replace="different") == {"done": 1}
    assert np.ptp(middle(out / "a.png")) <= 2
    assert counts(guided, folder, out) == {"skipped": 1}


def test_bad_hints_are_one_pictures(tree: Tree, tmp_path: Path, guided: Colorizer) -> None:
    folder = tree("in", "a.png", "b.png", "c.png", "d.png")
    (folder / "a.hints.json").write_text('{"version": 1, "hints": [{"points": [[1, 2]]}]}')
    Guidance(hints=[Hint(((999, 5),), "red")]).save(folder / "c.hints.json")
    Guidance(variant=99).save(folder / "d.hints.json")
    results = {
        result.source.name: result for result in run(guided, plan([folder], tmp_path / "out"))
    }
    assert str(results["a.png"].error).startswith(
        f"{folder}/a.hints.json: hints[0].color: is missing"
    )
    assert results["b.png"].status == "done"
    outside = "hint 1 (#ff0000 at 999,5): lies outside the picture"
    assert str(results["c.png"].error).startswith(f"{folder}/c.png, {outside}")
    assert str(results["d.png"].error).startswith(f"{folder}/d.png, variant: 99 is more than")


def test_variants_of_a_folder(tree: Tree, tmp_path: Path, guided: Colorizer) -> None:
    folder, out = tree("in", "a.png", "b.png"), tmp_path / "out"
    assert counts(guided, folder, out, variants=2) == {"done": 2}
    two = ["a-1.png", "a-2.png", "b-1.png", "b-2.png"]
    assert names(out) == two
    assert counts(guided, folder, out, variants=2) == {"skipped": 2}
    assert counts(guided, folder, out, variants=3) == {"different": 2}
    assert names(out) == two
    (out / "a-2.png").unlink()
    assert counts(guided, folder, out, variants=2) == {"done": 1, "skipped": 1}
    assert counts(guided, folder, out, variants=3, replace="different") == {"done": 2}
    assert names(out) == sorted([*two, "a-3.png", "b-3.png"])
    assert counts(guided, folder, out) == {"done": 2}, "one of each is another file"
    (out / "c-2.png").write_text("somebody else's")
    tree("in", "c.png")
    assert counts(guided, folder, out, variants=2) == {"different": 3}
    assert (out / "c-2.png").read_text() == "somebody else's"
    assert not (out / "c-1.png").exists()


# Originals that change meanwhile


def test_original_that_changes_between_plan_and_work(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    planned = plan([root], out)
    Image.new("L", (40, 30), 99).save(root / "a.jpg")
    assert [result.status for result in run(colorizer, planned)] == ["done", "done"]
    with Image.open(out / "a.jpg") as result:
        assert result.size == (40, 30)
    assert counts(colorizer, root, out) == {"skipped": 2}


def test_original_that_changes_during_work(tree: Tree, tmp_path: Path, tiny_model: Path) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"

    class Disturbed(Colorizer):
        def write(self, source: Any, *rest: Any, **options: Any) -> Any:
            made = super().write(source, *rest, **options)
            if source.name == "a.jpg":
                Image.new("L", (40, 30), 99).save(source)
            return made

    found = {r.source.name: r for r in run(Disturbed(tiny_model), plan([root], out))}
    assert (found["a.jpg"].status, found["b.jpg"].status) == ("failed", "done")
    assert "a.jpg: has changed since it was begun; --redo makes it anew" in str(
        found["a.jpg"].error
    )
    colorizer = Colorizer(tiny_model, threads=1)
    assert counts(colorizer, root, out) == {"different": 1, "skipped": 1}
    assert counts(colorizer, root, out, replace="different") == {"done": 1, "skipped": 1}
    assert counts(colorizer, root, out) == {"skipped": 2}


def test_original_whose_result_takes_its_place_meanwhile(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    planned = plan([root], out)
    colorizer.colorize(root / "a.jpg", in_place=True)
    found = {result.source.name: result for result in run(colorizer, planned)}
    assert (found["a.jpg"].status, found["b.jpg"].status) == ("failed", "done")
    assert "and is kept as a.orig.jpg; run this again" in str(found["a.jpg"].error)
    assert counts(colorizer, root, out) == {"own": 1, "done": 1, "skipped": 1}
    assert names(out) == ["a.orig.jpg", "b.jpg"]
