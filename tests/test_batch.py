import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.batch import Plan, plan, run
from colornet.colorizer import Colorizer
from colornet.errors import (
    ColornetError,
    OptionError,
    UnreadablePicture,
    UnwritablePicture,
)
from colornet.guidance import Guidance, Hint


@pytest.fixture(scope="module")
def colorizer(tiny_model: Path) -> Colorizer:
    return Colorizer(tiny_model, threads=1)


@pytest.fixture
def tree(tmp_path: Path, photograph: Path) -> Callable[..., Path]:
    """Writes a folder of small photographs: `tree("in", "a.jpg", "sub/b.png")`."""

    def make(name: str, *files: str) -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for file in files:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            with Image.open(photograph) as picture:
                if Path(file).suffix in Image.registered_extensions():
                    picture.save(root / file)
                else:
                    (root / file).write_text("no picture")
        return root

    return make


Tree = Callable[..., Path]


def targets(planned: Plan, output: Path) -> list[str]:
    return [job.target.relative_to(output).as_posix() for job in planned.jobs]


def counts(colorizer: Colorizer, planned: Plan, **options: bool) -> Counter[str]:
    return Counter(result.status for result in run(colorizer, planned, **options))


# Planning


def test_tree_is_kept_and_sorted(tree: Tree, tmp_path: Path) -> None:
    root = tree("in", "b.jpg", "a.PNG", "z/c.jpg", "m/n/d.webp", "notes.txt")
    out = tmp_path / "out"
    assert targets(plan([root], out), out) == ["a.PNG", "b.jpg", "m/n/d.webp", "z/c.jpg"]
    assert not out.exists()


def test_hidden_and_foreign_files_are_left_out(tree: Tree, tmp_path: Path) -> None:
    root = tree("in", "a.jpg", ".b.jpg", ".cache/c.jpg", "d.jpg.part", "e.txt")
    out = tmp_path / "out"
    assert targets(plan([root], out), out) == ["a.jpg"]


def test_output_within_the_input_is_left_out(
    tree: Tree, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree("in", "a.jpg", "sub/b.jpg")
    monkeypatch.chdir(root)
    for expected in ("done", "skipped"):
        planned = plan([Path()], Path("out"))
        assert targets(planned, Path("out")) == ["a.jpg", "sub/b.jpg"]
        assert counts(colorizer, planned) == {expected: 2}


def test_links_in_a_circle_end(tree: Tree, tmp_path: Path) -> None:
    root = tree("in", "sub/a.jpg")
    (root / "sub" / "again").symlink_to(root, target_is_directory=True)
    (root / "linked.jpg").symlink_to(root / "sub" / "a.jpg")
    out = tmp_path / "out"
    assert targets(plan([root], out), out) == ["linked.jpg", "sub/a.jpg"]


def test_several_folders_keep_their_names(tree: Tree, tmp_path: Path) -> None:
    one, two, out = tree("one", "a.jpg"), tree("two", "a.jpg"), tmp_path / "out"
    single = tree("three", "b.jpg") / "b.jpg"
    assert targets(plan([one, two, single], out), out) == ["one/a.jpg", "two/a.jpg", "b.jpg"]


def test_suffixes_keep_pictures_apart(tree: Tree, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg", "a.jpeg", "a.png"), tmp_path / "out"
    assert targets(plan([root], out), out) == ["a.jpeg", "a.jpg", "a.png"]
    assert targets(plan([root], out, "png"), out) == ["a.jpeg.png", "a.jpg.png", "a.png"]
    assert targets(plan([root], out, "jpeg"), out) == ["a.jpeg", "a.jpg", "a.png.jpg"]


def test_two_pictures_for_one_place(tree: Tree, tmp_path: Path) -> None:
    one, two, out = tree("one", "a.jpg") / "a.jpg", tree("two", "a.jpg") / "a.jpg", tmp_path / "out"
    planned = plan([one, two], out)
    assert [job.source for job in planned.jobs] == [one]
    (refused,) = planned.refused
    assert refused.source == two
    assert f"would replace that of {one}" in str(refused.error)
    assert len(planned) == 2


def test_originals_are_kept(tree: Tree) -> None:
    root = tree("in", "a.jpg", "sub/b.jpg")
    with pytest.raises(OptionError, match="is the folder of the originals"):
        plan([root], root)
    with pytest.raises(OptionError, match=r"a\.jpg: is an original"):
        plan([root / "a.jpg", root / "sub" / "b.jpg"], root)
    assert len(plan([root], root, overwrite=True)) == 2


def test_many_pictures_do_not_fit_in_a_file(tree: Tree) -> None:
    root = tree("in", "a.jpg", "b.jpg")
    with pytest.raises(OptionError, match="is a file, but several pictures need a folder"):
        plan([root / "a.jpg", root / "b.jpg"], root / "a.jpg")


def test_folder_without_pictures(tree: Tree, tmp_path: Path) -> None:
    empty, full = tree("empty", "notes.txt"), tree("full", "a.jpg")
    with pytest.raises(UnreadablePicture, match="empty: holds no pictures"):
        plan([empty], tmp_path / "out")
    planned = plan([empty, full], tmp_path / "out")
    assert [len(planned.jobs), len(planned.refused)] == [1, 1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folder_that_may_not_be_read_is_told(tree: Tree, tmp_path: Path) -> None:
    root = tree("in", "a.jpg", "shut/b.jpg")
    (root / "shut").chmod(0)
    planned = plan([root], tmp_path / "out")
    (root / "shut").chmod(0o700)
    assert [str(result.source) for result in planned.refused] == [str(root / "shut")]


# Doing


def test_failures_do_not_stop_the_rest(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    root, out = tree("in", "a.jpg", "c.jpg", "sub/d.png"), tmp_path / "out"
    (root / "b.jpg").write_text("no picture")
    (root / "gone.jpg").symlink_to(root / "nowhere.jpg")
    results = sorted(run(colorizer, plan([root], out)), key=lambda result: result.source)
    assert [result.status for result in results] == ["done", "failed", "done", "failed", "done"]
    assert "b.jpg: is not a picture" in str(results[1].error)
    assert "gone.jpg: there is no such file" in str(results[3].error)
    written = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert written == ["a.jpg", "c.jpg", "sub/d.png"]


def test_unforeseen_failure_is_one_pictures(
    tree: Tree, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    colorize = colorizer.colorize

    def fail_on_a(source: Path, *rest: object, **options: object) -> object:
        if source.name == "a.jpg":
            raise MemoryError("no room")
        return colorize(source, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(colorizer, "colorize", fail_on_a)
    planned = plan([tree("in", "a.jpg", "b.jpg")], tmp_path / "out")
    results = {result.source.name: result for result in run(colorizer, planned)}
    assert results["b.jpg"].status == "done"
    assert isinstance(results["a.jpg"].error, ColornetError)
    assert "MemoryError: no room" in str(results["a.jpg"].error)


def test_what_is_done_is_skipped_unless_asked(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    planned = plan([tree("in", "a.jpg", "b.jpg")], tmp_path / "out")
    assert counts(colorizer, planned) == {"done": 2}
    (tmp_path / "out" / "b.jpg").unlink()
    assert counts(colorizer, planned) == {"done": 1, "skipped": 1}
    assert counts(colorizer, planned, overwrite=True) == {"done": 2}


def test_target_older_than_its_source_is_not_touched(
    tree: Tree, tmp_path: Path, colorizer: Colorizer
) -> None:
    planned = plan([tree("in", "a.jpg")], tmp_path / "out")
    other = tree("out", "a.jpg") / "a.jpg"
    os.utime(other, (0, 0))
    before = other.read_bytes()
    (result,) = run(colorizer, planned)
    assert isinstance(result.error, UnwritablePicture)
    assert "is older than" in result.error.reason
    assert other.read_bytes() == before


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


def test_unreadable_reference_stops_all(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    planned = plan([tree("in", "a.jpg")], tmp_path / "out")
    with pytest.raises(UnreadablePicture):
        list(run(colorizer, planned, Guidance(reference=tmp_path / "none.jpg")))


def test_stopped_run_begins_nothing_else(tree: Tree, tmp_path: Path, colorizer: Colorizer) -> None:
    planned = plan([tree("in", *(f"{i}.jpg" for i in range(20)))], tmp_path / "out")
    results = run(colorizer, planned, jobs=1)
    next(results)
    results.close()
    done = len(list((tmp_path / "out").iterdir()))
    assert done < 20
    assert counts(colorizer, planned) == {"done": 20 - done, "skipped": done}


def test_killed_run_leaves_whole_files_and_is_taken_up(
    tree: Tree, tmp_path: Path, tiny_model: Path, photograph: Path
) -> None:
    root, out = tree("in"), tmp_path / "out"
    with Image.open(photograph) as picture:
        large = picture.resize((480, 384))
    for i in range(8):
        large.save(root / f"{i}.png")
    command = [sys.executable, "-m", "colornet", "colorize", root, "-o", out, "-j", "2"]
    command += ["--model", tiny_model]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not list(out.glob("*.png")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    written = list(out.glob("*.png"))
    assert 0 < len(written) < 8
    for path in written:
        with Image.open(path) as picture:
            picture.load()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == f"colornet: {8 - len(written)} done, {len(written)} skipped, 0 failed\n"


# Guidance of each picture's own


def even(folder: Path) -> Path:
    """The folder, its pictures all of one gray."""
    for path in folder.rglob("*.png"):
        Image.new("L", (64, 48), 120).save(path)
    return folder


def hint(path: Path, color: str) -> None:
    Guidance(hints=[Hint(((0.5, 0.5),), color, unit="fractions")]).save(path)


@pytest.fixture(scope="module")
def guided(guided_model: Path) -> Colorizer:
    return Colorizer(guided_model, threads=1)


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
    list(run(guided, plan([folder], out)))
    assert [result.status for result in run(guided, plan([folder], out))] == ["skipped"]
    hint(folder / "a.hints.json", "gray")
    os.utime(out / "a.png", (1, 1))
    os.utime(folder / "a.png", (0, 0))
    (result,) = run(guided, plan([folder], out))
    assert str(result.error).startswith(f"{out / 'a.png'}: is older than {folder}/a.hints.json")
    assert [result.status for result in run(guided, plan([folder], out), overwrite=True)] == [
        "done"
    ]
    assert np.ptp(middle(out / "a.png")) <= 2


def test_bad_hints_are_one_pictures(tree: Tree, tmp_path: Path, guided: Colorizer) -> None:
    folder = tree("in", "a.png", "b.png")
    (folder / "a.hints.json").write_text('{"version": 1, "hints": [{"points": [[1, 2]]}]}')
    results = {
        result.source.name: result for result in run(guided, plan([folder], tmp_path / "out"))
    }
    assert str(results["a.png"].error).startswith(
        f"{folder}/a.hints.json: hints[0].color: is missing"
    )
    assert results["b.png"].status == "done"


def test_variants_of_a_folder(tree: Tree, tmp_path: Path, guided: Colorizer) -> None:
    folder, out = tree("in", "a.png", "b.png"), tmp_path / "out"
    assert {result.status for result in run(guided, plan([folder], out), variants=2)} == {"done"}
    assert sorted(path.name for path in out.iterdir()) == [
        "a-1.png",
        "a-2.png",
        "b-1.png",
        "b-2.png",
    ]
    assert {result.status for result in run(guided, plan([folder], out), variants=2)} == {"skipped"}
