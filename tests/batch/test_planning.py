import os
from pathlib import Path

import pytest

from colornet.batch import Plan, plan
from colornet.errors import OptionError, UnreadablePicture
from tests.batch.conftest import Tree


def targets(planned: Plan, output: Path) -> list[str]:
    return [job.target.relative_to(output).as_posix() for job in planned.jobs]


def test_tree_is_kept_and_sorted(tree: Tree, tmp_path: Path) -> None:
    root = tree("in", "b.jpg", "a.PNG", "z/c.jpg", "m/n/d.webp", "notes.txt")
    out = tmp_path / "out"
    assert targets(plan([root], out), out) == ["a.PNG", "b.jpg", "m/n/d.webp", "z/c.jpg"]
    assert not out.exists()


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
    planned = plan([one, two, one, one.parent / ".." / "one" / "a.jpg"], out)
    assert [job.source for job in planned.jobs] == [one]
    (refused,) = planned.refused
    assert refused.source == two
    assert f"would replace that of {one}" in str(refused.error)
    assert len(planned) == 2
    format_too = tree("in", "a.jpg", "a.jpg.png")
    (refused,) = plan([format_too], out, "png").refused
    assert refused.source == format_too / "a.jpg.png"


def test_originals_are_kept(tree: Tree) -> None:
    root = tree("in", "a.jpg", "sub/b.jpg")
    with pytest.raises(OptionError, match=r"is the folder of the originals; .*--in-place"):
        plan([root], root)
    with pytest.raises(OptionError, match=r"a\.jpg: is an original.*--in-place"):
        plan([root / "a.jpg", root / "sub" / "b.jpg"], root)


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_originals_are_kept_under_all_their_names(link, tree: Tree, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg", "b.jpg"), tmp_path / "out"
    out.mkdir()
    link(root / "a.jpg", out / "b.jpg")
    with pytest.raises(OptionError, match=r"out/b\.jpg: is an original"):
        plan([root], out)


def test_variants_do_not_replace_originals(tree: Tree) -> None:
    root = tree("in", "a.jpg", "a-2.jpg")
    with pytest.raises(OptionError, match=r"a-2\.jpg: is an original"):
        plan([root / "a.jpg", root / "a-2.jpg"], root, variants=2)


def test_many_pictures_do_not_fit_in_a_file(tree: Tree) -> None:
    root = tree("in", "a.jpg", "b.jpg")
    with pytest.raises(OptionError, match="is a file, but several pictures need a folder"):
        plan([root / "a.jpg", root / "b.jpg"], root / "a.jpg")


def test_folder_without_pictures(tree: Tree, tmp_path: Path) -> None:
    empty, full = tree("empty", "notes.txt"), tree("full", "a.jpg")
    with pytest.raises(UnreadablePicture, match=r"empty: holds no pictures; 1 file .*\(TXT 1\)"):
        plan([empty], tmp_path / "out")
    planned = plan([empty, full], tmp_path / "out")
    assert [len(planned.jobs), len(planned.refused)] == [1, 1]


def test_every_picture_that_cannot_be_is_told(tree: Tree, tmp_path: Path) -> None:
    root = tree("in")
    for name in ("a.jpg", "b.jpg"):
        os.mkfifo(root / name)
    planned = plan([root], tmp_path / "out")
    assert [len(planned.jobs), len(planned.refused)] == [0, 2]
