"""Results in the places of their originals, of which none is ever lost."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from colornet import inplace
from colornet.batch import REPORT, Existing, plan, run
from colornet.colorizer import Colorizer
from colornet.errors import UnwritablePicture
from colornet.guidance import Guidance
from colornet.picture import Encoding, provenance
from tests.batch.conftest import Tree, counts, names, run_until_killed


def album(tree: Tree) -> tuple[Path, dict[str, bytes]]:
    root = tree("in", "a.jpg", "sub/b.png")
    return root, {name: (root / name).read_bytes() for name in names(root)}


def test_folder(tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    assert counts(colorizer, root, root, in_place=True) == {"done": 2}
    assert names(root) == ["a.jpg", "a.orig.jpg", "sub/b.orig.png", "sub/b.png"]
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]
    assert (root / "sub" / "b.orig.png").read_bytes() == before["sub/b.png"]
    with Image.open(root / "a.jpg") as picture:
        assert picture.mode == "RGB"
    planned = plan([root], root, in_place=True)
    assert planned.left_out.lines() == ["2 kept originals left out"]
    assert counts(colorizer, root, root, in_place=True) == {"skipped": 2}


def test_other_settings_begin_with_the_original(tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    counts(colorizer, root, root, in_place=True)
    first = (root / "a.jpg").read_bytes()
    pale = Guidance(0.5)
    assert counts(colorizer, root, root, pale, in_place=True) == {"different": 2}
    assert (root / "a.jpg").read_bytes() == first
    redone = counts(colorizer, root, root, pale, in_place=True, replace="different")
    assert redone == {"done": 2}
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]
    made = provenance(root / "a.jpg")
    assert made
    assert made.options["strength"] == 0.5
    assert counts(colorizer, root, root, pale, in_place=True) == {"skipped": 2}


def test_another_orig_is_never_overwritten(tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    (root / "a.orig.jpg").write_text("somebody else's")
    for replace in ("nothing", "different", "all"):
        planned = plan([root], root, in_place=True)
        results = list(run(colorizer, planned, replace=replace))  # type: ignore[arg-type]
        (failed,) = (result for result in results if result.status == "failed")
        assert str(failed.error).startswith(f"{root / 'a.orig.jpg'}: is there already")
    assert (root / "a.jpg").read_bytes() == before["a.jpg"]
    assert (root / "a.orig.jpg").read_text() == "somebody else's"


def test_new_original_in_a_results_place_stays(tree: Tree, colorizer: Colorizer) -> None:
    root, _ = album(tree)
    counts(colorizer, root, root, in_place=True)
    (root / "a.jpg").write_bytes(b"another scan")
    found = counts(colorizer, root, root, in_place=True, replace="different")
    assert found == {"different": 1, "skipped": 1}
    assert (root / "a.jpg").read_bytes() == b"another scan"


def test_file_system_without_hard_links(
    tree: Tree, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_link)
    root, before = album(tree)
    times = (root / "a.jpg").stat().st_mtime_ns
    assert counts(colorizer, root, root, in_place=True) == {"done": 2}
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]
    assert (root / "a.orig.jpg").stat().st_mtime_ns == times
    assert counts(colorizer, root, root, in_place=True) == {"skipped": 2}


def test_no_room_for_the_copy_of_an_original(tmp_path: Path) -> None:
    """A write on a nearly full disk takes a part, and tells no error."""
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(9000))
    code = """
import os, sys
from pathlib import Path
from colornet import inplace
from tests.full_disk import full_disk

def no_link(*_):
    raise OSError("no hard links here")

os.link = no_link
try:
    with full_disk(4096):
        inplace.put(Path(sys.argv[1]), lambda original, result: result.write_bytes(b"result"))
except inplace.UnwritablePicture as error:
    print(error)
"""
    run = [sys.executable, "-c", code, str(path)]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{path}: cannot be replaced (file too large); check the folder")
    assert path.read_bytes() == bytes(9000)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="it has no such permissions")
def test_a_private_photograph_stays_private(tree: Tree, colorizer: Colorizer) -> None:
    root = tree("in", "a.jpg", "b.jpg")
    (root / "a.jpg").chmod(0o600)
    (root / "b.jpg").chmod(0o664)
    assert counts(colorizer, root, root, in_place=True) == {"done": 2}
    modes = {path.name: path.stat().st_mode & 0o777 for path in root.glob("*.jpg")}
    assert modes == {"a.jpg": 0o600, "a.orig.jpg": 0o600, "b.jpg": 0o664, "b.orig.jpg": 0o664}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
@pytest.mark.parametrize("with_links", [True, False])
def test_a_photograph_stays_that_of_its_owner(
    with_links: bool, tree: Tree, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree("in", "a.jpg")
    os.chown(root / "a.jpg", 1234, 1235)
    (root / "a.jpg").chmod(0o600)
    if not with_links:
        monkeypatch.setattr(os, "link", no_link)
    assert counts(colorizer, root, root, in_place=True) == {"done": 1}
    assert {(path.stat().st_uid, path.stat().st_gid) for path in root.glob("*.jpg")} == {
        (1234, 1235)
    }


def no_link(*_: Any) -> None:
    raise OSError("no hard links here")


@pytest.mark.skipif(os.name == "nt", reason="it has no such permissions")
@pytest.mark.parametrize("with_links", [True, False])
def test_what_is_made_of_a_private_photograph_is_private_from_the_beginning(
    with_links: bool, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tree("in", "a.jpg") / "a.jpg"
    path.chmod(0o600)
    seen: list[int] = []

    def copy(source: Any, copied: Any) -> None:
        seen.append(os.fstat(copied.fileno()).st_mode & 0o077)
        copied.write(source.read())

    def color(original: Path, result: Path) -> None:
        result.write_bytes(b"result")
        seen.append(result.parent.stat().st_mode & 0o077)

    if not with_links:
        monkeypatch.setattr(os, "link", no_link)
    monkeypatch.setattr(shutil, "copyfileobj", copy)
    inplace.put(path, color)
    assert seen == ([0] if with_links else [0, 0])
    assert names(path.parent) == ["a.jpg", "a.orig.jpg"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("is_replaced", [False, True])
def test_what_was_kept_goes_where_the_picture_cannot_be_replaced(
    is_replaced: bool, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tree("in", "a.jpg") / "a.jpg"
    before, replace = path.read_bytes(), Path.replace

    def fail(self: Path, target: Path) -> None:
        if is_replaced:
            replace(self, target)
        raise PermissionError(errno.EPERM, "another user's, in a folder such as /tmp")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UnwritablePicture, match="cannot be replaced"):
        inplace.put(path, lambda original, result: result.write_bytes(b"result"))
    assert names(path.parent) == (["a.jpg", "a.orig.jpg"] if is_replaced else ["a.jpg"])
    assert (path.parent / names(path.parent)[-1]).read_bytes() == before


def test_a_second_name_in_work_is_not_told_as_another_process_alone(tree: Tree) -> None:
    path = tree("in", "a.jpg") / "a.jpg"
    hard, link = path.with_name("hard.jpg"), path.with_name("link.jpg")
    os.link(path, hard)
    link.symlink_to(path)

    def color(original: Path, result: Path) -> None:
        with pytest.raises(UnwritablePicture, match="or under another name"):
            inplace.put(hard, lambda original, result: None)
        with pytest.raises(UnwritablePicture, match="is a link; name the file"):
            inplace.put(link, lambda original, result: None)
        result.write_bytes(b"result")

    inplace.put(path, color)
    assert path.read_bytes() == b"result"


@pytest.mark.parametrize(
    "change",
    [
        "Colorizer.write = kill",
        "inplace._keep = kill",
        "keep = inplace._keep; inplace._keep = lambda *given: (keep(*given), kill())",
    ],
    ids=["make", "_keep", "replace"],
)
def test_killed_at_each_step(
    change: str, tree: Tree, colorizer: Colorizer, tiny_model: Path
) -> None:
    root, before = album(tree)
    run_until_killed(tiny_model, root, root, change, "in_place=True", "jobs=1")
    assert (root / "a.jpg").read_bytes() == before["a.jpg"]
    assert counts(colorizer, root, root, in_place=True) == {"done": 2}
    assert names(root) == ["a.jpg", "a.orig.jpg", "sub/b.orig.png", "sub/b.png"]
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]
    assert counts(colorizer, root, root, in_place=True) == {"skipped": 2}


def test_failure_leaves_the_original_alone(tree: Tree, colorizer: Colorizer) -> None:
    root = tree("in", "a.jpg")
    (root / "a.jpg").write_text("no picture")
    assert counts(colorizer, root, root, in_place=True) == {"failed": 1}
    assert names(root) == ["a.jpg"]


def test_links_are_not_replaced(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, elsewhere = tree("in", "a.jpg"), tree("elsewhere", "b.jpg")
    (root / "b.jpg").symlink_to(elsewhere / "b.jpg")
    assert counts(colorizer, root, root, in_place=True) == {"done": 1, "failed": 1}
    with pytest.raises(UnwritablePicture, match=r"b\.jpg: is a link; name the file"):
        inplace.put(root / "b.jpg", lambda original, path: None)
    assert names(elsewhere) == ["b.jpg"]
    assert (root / REPORT).exists()


def test_two_processes_in_place(tree: Tree, tiny_model: Path, colorizer: Colorizer) -> None:
    root = tree("in", *(f"{i:02}.png" for i in range(16)))
    before = {name: (root / name).read_bytes() for name in names(root)}
    command = [sys.executable, "-m", "colornet", "colorize", str(root), "--in-place", "-j", "2"]
    command += ["--model", str(tiny_model)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    done = [int(each.splitlines()[-1].split()[1]) for each in told]
    assert sum(done) == len(before), told
    for name, data in before.items():
        assert inplace.kept_place(root / name).read_bytes() == data
        assert provenance(root / name)
    assert len(names(root)) == 2 * len(before)
    assert counts(colorizer, root, root, in_place=True) == {"skipped": len(before)}


@pytest.mark.parametrize("replace", ["nothing", "different"])
def test_another_process_was_faster(replace: Any, tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    planned = plan([root], root, in_place=True)
    assert counts(colorizer, root, root, in_place=True) == {"done": 2}
    first = (root / "a.jpg").read_bytes()
    results = list(run(colorizer, planned, replace=replace))
    assert [result.status for result in results] == ["skipped", "skipped"]
    assert (root / "a.jpg").read_bytes() == first
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]


def test_another_process_was_faster_with_other_settings(tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    planned = plan([root], root, in_place=True)
    assert counts(colorizer, root, root, Guidance(0.5), in_place=True) == {"done": 2}
    assert {result.existing for result in run(colorizer, planned)} == {Existing.SETTINGS}
    assert {result.status for result in run(colorizer, planned, replace="all")} == {"done"}
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]
    made = provenance(root / "a.jpg")
    assert made
    assert made.options["strength"] == 1


def test_a_picture_that_is_only_named_like_a_kept_original(
    tree: Tree, colorizer: Colorizer
) -> None:
    root = tree("in", "a.jpg", "a.orig.jpg")
    mirrored = Image.open(root / "a.jpg").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirrored.save(root / "a.jpg")
    before = (root / "a.orig.jpg").read_bytes()
    assert colorizer.colorize(root / "a.orig.jpg", in_place=True) == root / "a.orig.jpg"
    assert (root / "a.orig.orig.jpg").read_bytes() == before
    with pytest.raises(UnwritablePicture, match="is there already, where the original would be"):
        colorizer.colorize(root / "a.jpg", in_place=True)


def test_one_at_a_time(tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    path = root / "a.jpg"

    def color(original: Path, result: Path) -> None:
        with pytest.raises(UnwritablePicture, match=r"a\.jpg: is being replaced by another"):
            colorizer.colorize(path, in_place=True)
        assert counts(colorizer, root, root, in_place=True) == {"done": 1, "failed": 1}
        colorizer.colorize(original, result)

    inplace.put(path, color)
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]
    assert names(root) == ["a.jpg", "a.orig.jpg", "sub/b.orig.png", "sub/b.png"]


def test_kept_originals_get_no_results(tree: Tree, colorizer: Colorizer) -> None:
    root = tree("in", "a.jpg", "a.orig.jpg", "b.orig.jpg")
    kept = (root / "a.orig.jpg").read_bytes()
    reason = r"a\.orig\.jpg: is kept as the original of a\.jpg; name that, or rename this one"
    with pytest.raises(UnwritablePicture, match=reason):
        plan([root / "a.orig.jpg"], root, in_place=True)
    with pytest.raises(UnwritablePicture, match=reason):
        colorizer.colorize(root / "a.orig.jpg", in_place=True)
    planned = plan([root / "a.orig.jpg", root / "b.orig.jpg"], root, in_place=True)
    assert [job.source.name for job in planned.jobs] == ["b.orig.jpg"]
    assert [refusal.source.name for refusal in planned.refused] == ["a.orig.jpg"]
    for named in ("a.jpg", "."):  # as of a pattern, which names them both
        planned = plan([root / "a.orig.jpg", root / named], root, in_place=True)
        assert not planned.refused
        assert planned.left_out.originals["a.orig.jpg"]
    assert (root / "a.orig.jpg").read_bytes() == kept


def test_results_beside_their_originals_are_left_out(tree: Tree, colorizer: Colorizer) -> None:
    root = tree("in", "a.jpg")
    colorizer.colorize(root / "a.jpg")
    before = (root / "a-color.jpg").read_bytes()
    for status in ("done", "skipped"):
        found = counts(colorizer, root, root, in_place=True, replace="different")
        assert found == {status: 1, "own": 1}
    assert (root / "a-color.jpg").read_bytes() == before
    assert names(root) == ["a-color.jpg", "a.jpg", "a.orig.jpg"]


def test_results_without_metadata_and_report(tree: Tree, colorizer: Colorizer) -> None:
    root, before = album(tree)
    strip = Encoding(strip_metadata=True)
    assert counts(colorizer, root, root, encoding=strip, in_place=True) == {"done": 2}
    (root / REPORT).unlink()
    planned = plan([root], root, in_place=True)
    found = {result.existing for result in run(colorizer, planned, encoding=strip)}
    assert found == {Existing.UNKNOWN}
    again = counts(colorizer, root, root, encoding=strip, in_place=True, replace="all")
    assert again == {"done": 2}
    assert (root / "a.orig.jpg").read_bytes() == before["a.jpg"]


def test_a_pattern_that_names_many_originals_is_planned_at_once(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each original was compared with all names: of 10,000 pictures, that took minutes."""
    root = tree("in", *(f"{number}{end}" for number in range(40) for end in (".jpg", ".orig.jpg")))
    looked, stat = list[Path](), Path.stat

    def counted(self: Path, **how: bool) -> os.stat_result:
        looked.append(self)
        return stat(self, **how)

    monkeypatch.setattr(Path, "stat", counted)
    planned = plan(sorted(root.iterdir()), root, in_place=True)
    assert (len(planned.jobs), planned.left_out.originals.total()) == (40, 40)
    assert len(looked) < 20 * 40


@pytest.mark.parametrize("jobs", [1, 4])
def test_names_of_one_file_are_all_colored(jobs: int, tree: Tree, colorizer: Colorizer) -> None:
    """At a time, one was refused as another process's."""
    root = tree("in", "a.jpg")
    before = (root / "a.jpg").read_bytes()
    for name in "bcd":
        os.link(root / "a.jpg", root / f"{name}.jpg")
    assert counts(colorizer, root, root, in_place=True, jobs=jobs) == {"done": 4}
    assert {path.read_bytes() for path in root.glob("*.orig.jpg")} == {before}
    assert all(provenance(root / f"{name}.jpg") for name in "abcd")


@pytest.mark.parametrize("is_done", [False, True])
def test_a_link_is_told_whether_or_not_its_file_is_done(
    is_done: bool, tree: Tree, colorizer: Colorizer
) -> None:
    """It was left out as a result once that was made."""
    root = tree("in", "a.jpg")
    if is_done:
        assert counts(colorizer, root, root, in_place=True) == {"done": 1}
    (root / "b.jpg").symlink_to("a.jpg")
    (root / "b.orig.jpg").write_text("no picture")
    (root / "c.jpg").symlink_to("a.jpg")
    results = run(colorizer, plan([root], root, in_place=True))
    failed = {str(result.error) for result in results if result.status == "failed"}
    assert failed == {
        f"{root / name}: is a link; name the file that it leads to" for name in ("b.jpg", "c.jpg")
    }


@pytest.mark.parametrize("leads_to", ["a.jpg", "b.jpg", "nowhere.jpg"])
def test_a_link_keeps_no_original(leads_to: str, tree: Tree, colorizer: Colorizer) -> None:
    """The link was taken for the original that is kept, and the file itself replaced."""
    root = tree("in", "a.jpg", "b.jpg")
    before = (root / "a.jpg").read_bytes()
    (root / "a.orig.jpg").symlink_to(leads_to)
    found = counts(colorizer, root, root, in_place=True, replace="all")
    assert found == {"done": 1, "failed": 1}
    with pytest.raises(UnwritablePicture, match=r"a\.orig\.jpg: is a link, where the original"):
        colorizer.colorize(root / "a.jpg", in_place=True, overwrite=True)
    assert (root / "a.jpg").read_bytes() == before


def test_a_new_scan_in_a_results_place_is_never_replaced(tree: Tree, colorizer: Colorizer) -> None:
    root = tree("in", "a.jpg")
    assert counts(colorizer, root, root, in_place=True) == {"done": 1}
    Image.open(root / "a.orig.jpg").transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / "a.jpg")
    before = (root / "a.jpg").read_bytes()
    (failed,) = run(colorizer, plan([root / "a.jpg"], root, in_place=True), replace="all")
    assert str(failed.error).startswith(f"{root / 'a.orig.jpg'}: is there already")
    assert (root / "a.jpg").read_bytes() == before


def test_a_result_that_was_copied_to_where_originals_are_is_not_colored_again(
    tree: Tree, colorizer: Colorizer
) -> None:
    root = tree("in", "a.jpg")
    colorizer.colorize(root / "a.jpg", root / "b.jpg")
    shutil.copy(root / "b.jpg", root / "b.orig.jpg")
    before = (root / "b.jpg").read_bytes()
    found = counts(colorizer, root, root, in_place=True, replace="all")
    assert found == {"done": 1, "own": 1}
    assert (root / "b.jpg").read_bytes() == before
