"""A result belongs to its original, model and options: what a rerun finds, and what it replaces."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from colornet.batch import REPORT, Existing, plan, run
from colornet.colorizer import Colorizer
from colornet.guidance import Guidance, Hint
from colornet.picture import Encoding
from tests.batch.conftest import Tree, counts, names
from tests.conftest import write_model


def rotate(root: Path) -> None:
    """As a viewer does it: the file is older than its result, and has another size."""
    with Image.open(root / "a.jpg") as picture:
        picture.rotate(90, expand=True).save(root / "a.jpg")
    os.utime(root / "a.jpg", ns=(0, 10**18))


def same_size(root: Path) -> None:
    """One byte is another, as of an orientation."""
    data = bytearray((root / "a.jpg").read_bytes())
    data[-3] ^= 1
    (root / "a.jpg").write_bytes(data)


@pytest.mark.parametrize("change", [rotate, same_size, lambda root: os.utime(root / "a.jpg")])
def test_changed_original(
    change: Callable[[Path], None], tree: Tree, colorizer: Colorizer, tmp_path: Path
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 2}
    change(root)
    check(colorizer, root, out, Existing.ORIGINAL)


def check(
    colorizer: Colorizer,
    root: Path,
    out: Path,
    existing: Existing,
    guidance: Guidance | None = None,
    encoding: Encoding | None = None,
) -> None:
    """What differs stays, and so does the report; --redo makes it, and only it, anew."""
    before = {name: (out / name).stat().st_mtime_ns for name in (*names(out), REPORT)}
    how = {"guidance": guidance, "encoding": encoding}
    for _ in range(2):
        results = list(run(colorizer, plan([root], out), **how))  # type: ignore[arg-type]
        assert {r.existing for r in results if r.status == "different"} == {existing}
        assert {r.status for r in results} <= {"different", "skipped"}
    assert before == {name: (out / name).stat().st_mtime_ns for name in before}
    different = sum(result.status == "different" for result in results)
    redone = counts(colorizer, root, out, **how, replace="different")
    assert redone == Counter(done=different) + Counter(skipped=len(results) - different)
    assert counts(colorizer, root, out, **how) == {"skipped": len(results)}
    assert len((out / REPORT).read_bytes().splitlines()) == len(results)


def test_another_model(
    tree: Tree, colorizer: Colorizer, guided_model: Path, tiny_model: Path, tmp_path: Path
) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 2}
    check(Colorizer(guided_model, threads=1), root, out, Existing.MODEL)
    changed = write_model(tmp_path / "guided", scale=0.5)
    check(Colorizer(changed, threads=1), root, out, Existing.MODEL)
    moved = tmp_path / "another name"
    changed.rename(moved)
    assert counts(Colorizer(moved, threads=1), root, out) == {"skipped": 2}


@pytest.mark.parametrize(
    "guidance",
    [
        Guidance(strength=0.5),
        Guidance(saturation=0.5),
        Guidance(hints=[Hint(((0.5, 0.5),), "gray", unit="fractions")]),
        Guidance(reference=Path("other.jpg")),
    ],
    ids=["strength", "saturation", "hint", "reference"],
)
def test_other_guidance(
    guidance: Guidance,
    tree: Tree,
    guided_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.radial_gradient("L").convert("RGB").quantize(8).convert("RGB").save("gray.png")
    gradients = Image.radial_gradient("L"), Image.linear_gradient("L")
    colors = Image.merge("RGB", [*gradients, Image.new("L", (256, 256), 40)])
    colors.save("other.jpg")
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    colorizer = Colorizer(guided_model, threads=1)
    assert counts(colorizer, root, out) == {"done": 1}
    check(colorizer, root, out, Existing.SETTINGS, guidance)
    if guidance.reference:
        colors.rotate(90).save("other.jpg")
        check(colorizer, root, out, Existing.SETTINGS, guidance)


@pytest.mark.parametrize(
    "encoding", [Encoding(quality=70), Encoding(strip_metadata=True), Encoding(keep_times=True)]
)
def test_stored_otherwise(
    encoding: Encoding, tree: Tree, colorizer: Colorizer, tmp_path: Path
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 1}
    check(colorizer, root, out, Existing.SETTINGS, encoding=encoding)


def test_originals_with_the_same_name(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    one, two, out = tree("one", "a.jpg"), tree("two", "a.jpg", "b.jpg"), tmp_path / "out"
    assert counts(colorizer, one, out) == {"done": 1}
    before = (out / "a.jpg").read_bytes()
    (first, second) = sorted(run(colorizer, plan([two], out)), key=lambda r: r.source)
    assert (first.status, first.existing) == ("different", Existing.SOURCE)
    assert second.status == "done"
    assert counts(colorizer, two, out, replace="different") == {"different": 1, "skipped": 1}
    assert (out / "a.jpg").read_bytes() == before
    assert counts(colorizer, one, out) == {"skipped": 1}
    assert counts(colorizer, two, out, replace="all") == {"done": 2}
    assert counts(colorizer, one, out) == {"different": 1}


@pytest.mark.parametrize("age", [0, 10**10])
def test_files_that_no_report_knows(
    age: int, tree: Tree, colorizer: Colorizer, tmp_path: Path
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    out.mkdir()
    (out / "a.jpg").write_text("somebody else's")
    os.utime(out / "a.jpg", (age, age))
    for replace in ("nothing", "different"):
        (result,) = run(colorizer, plan([root], out), replace=replace)  # type: ignore[arg-type]
        assert (result.status, result.existing) == ("different", Existing.UNKNOWN)
    assert (out / "a.jpg").read_text() == "somebody else's"
    assert counts(colorizer, root, out, replace="all") == {"done": 1}
    assert counts(colorizer, root, out) == {"skipped": 1}


def test_report_that_was_deleted(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 1}
    (out / REPORT).unlink()
    assert counts(colorizer, root, out) == {"different": 1}


def test_empty_result_is_none(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 2}
    whole = (out / "a.jpg").read_bytes()
    (out / "a.jpg").write_bytes(b"")
    done, skipped = sorted(run(colorizer, plan([root], out)), key=lambda r: r.status)
    assert (done.status, skipped.status) == ("done", "skipped")
    assert list(map(str, done.notices)) == [f"{out / 'a.jpg'}: was empty, and is made anew"]
    assert (out / "a.jpg").read_bytes() == whole


def test_changed_result_is_neither_done_nor_replaced(
    tree: Tree, colorizer: Colorizer, tmp_path: Path
) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 1}
    cut = (out / "a.jpg").read_bytes()[:1000]
    (out / "a.jpg").write_bytes(cut)
    for replace in ("nothing", "different"):
        (result,) = run(colorizer, plan([root], out), replace=replace)  # type: ignore[arg-type]
        assert (result.status, result.existing) == ("different", Existing.CHANGED)
    assert (out / "a.jpg").read_bytes() == cut
    (out / "a.jpg").unlink()
    assert counts(colorizer, root, out) == {"done": 1}


def test_results_may_move_together(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg", "sub/b.jpg"), tmp_path / "out"
    assert counts(colorizer, root, out) == {"done": 2}
    out.rename(tmp_path / "elsewhere")
    assert counts(colorizer, root, tmp_path / "elsewhere") == {"skipped": 2}


def test_own_results_in_an_album(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    colorizer.colorize(root / "a.jpg", root / "a-color.jpg")
    assert counts(colorizer, root, out) == {"done": 1, "own": 1}
    assert names(out) == ["a.jpg"]
    named = run(colorizer, plan([root / "a.jpg", root / "a-color.jpg"], tmp_path / "named"))
    assert Counter(result.status for result in named) == {"done": 2}, "who names it wants it"
