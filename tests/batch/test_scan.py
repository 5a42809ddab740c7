"""What is in a folder: nothing is left out in silence, and nothing hangs."""

import os
import socket
from pathlib import Path

import pytest

from colornet.batch import plan
from colornet.batch.scan import Found, LeftOut, scan
from colornet.colorizer import Colorizer
from tests.batch.conftest import Tree, counts, names


def look(root: Path, output: Path = Path("nowhere")) -> tuple[list[str], Found]:
    found = scan(root, output, LeftOut())
    return [path.relative_to(root).as_posix() for path in found.pictures], found


def test_what_is_left_out_is_counted(tree: Tree) -> None:
    root = tree(
        "in",
        *("a.jpg", "b.PNG", "one.xcf", "two.XCF", "sub/three.xcf", "four.psd", "README"),
        *("._a.jpg", ".hidden.jpg", ".DS_Store", "Thumbs.db", "sub/desktop.ini"),
        *("@eaDir/a.jpg", "sub/@eaDir/b.jpg", ".AppleDouble/a.jpg", "__MACOSX/a.jpg"),
        *("a.hints.json", "gone.hints.json", "report.jsonl"),
    )
    (root / "elsewhere").symlink_to(root / "sub", target_is_directory=True)
    pictures, found = look(root)
    assert pictures == ["a.jpg", "b.PNG"]
    assert not found.errors
    assert found.left_out.lines() == [
        "5 files of other kinds left out (XCF 3, no suffix 1, PSD 1)",
        "5 hidden or system files left out",
        "4 hidden or system folders left out (@eaDir 2, .AppleDouble 1, __MACOSX 1)",
        "1 link to a folder left out (elsewhere 1)",
        "1 file of hints without its picture left out (gone.hints.json 1)",
    ]


def test_output_within_the_input_is_left_out(
    tree: Tree, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree("in", "a.jpg", "sub/b.jpg")
    monkeypatch.chdir(root)
    for expected in ("done", "skipped"):
        assert counts(colorizer, Path(), Path("out")) == {expected: 2}
    assert names(root / "out") == ["a.jpg", "sub/b.jpg"]


def test_links_in_a_circle_end(tree: Tree) -> None:
    root = tree("in", "sub/a.jpg")
    (root / "sub" / "again").symlink_to(root, target_is_directory=True)
    (root / "linked.jpg").symlink_to(root / "sub" / "a.jpg")
    assert look(root)[0] == ["linked.jpg", "sub/a.jpg"]


def test_what_is_no_file_is_one_line_each(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg", "z.jpg"), tmp_path / "out"
    os.mkfifo(root / "fifo.jpg")
    (root / "device.jpg").symlink_to("/dev/zero")
    (root / "loop.jpg").symlink_to("loop.jpg")
    (root / "gone.jpg").symlink_to("nowhere.jpg")
    (root / "folder.jpg").mkdir()
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(root / "socket.jpg"))
        planned = plan([root], out)
    assert [str(refusal.error).partition(";")[0] for refusal in planned.refused] == [
        f"{root / 'device.jpg'}: is a device, not a picture",
        f"{root / 'fifo.jpg'}: is a pipe, not a picture",
        f"{root / 'socket.jpg'}: is a socket, not a picture",
    ]
    assert counts(colorizer, root, out) == {"done": 2, "failed": 5}
    assert names(out) == ["a.jpg", "z.jpg"]


def test_names_of_all_kinds(tree: Tree, colorizer: Colorizer, tmp_path: Path) -> None:
    root, out = tree("in", "a.jpg"), tmp_path / "out"
    odd = [
        "n" * 251 + ".jpg",  # 255 bytes, the most there can be
        "ä" * 120 + ".jpg",
        "line\nbreak.jpg",
        os.fsdecode(b"latin-\xe9\xff.jpg"),
        "-o.jpg",
        "*?[x].jpg",
    ]
    for name in odd:
        (root / name).hardlink_to(root / "a.jpg")
    assert counts(colorizer, root, out) == {"done": 7}
    assert counts(colorizer, root, out) == {"skipped": 7}
    assert names(out) == sorted(["a.jpg", *odd])
    again = counts(colorizer, root, tmp_path / "png", format="png")
    assert again == {"done": 6, "failed": 1}, "one name has no room for .png"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folder_that_may_not_be_read_is_told(tree: Tree, tmp_path: Path) -> None:
    root = tree("in", "a.jpg", "shut/b.jpg")
    (root / "shut").chmod(0)
    planned = plan([root], tmp_path / "out")
    (root / "shut").chmod(0o700)
    assert [str(refusal.source) for refusal in planned.refused] == [str(root / "shut")]


def test_folder_that_cannot_be_made_is_told(
    tree: Tree, colorizer: Colorizer, tmp_path: Path
) -> None:
    root, out = tree("in", "a.jpg", "sub/b.jpg"), tmp_path / "out"
    out.mkdir()
    (out / "sub").write_text("a file in the folder's place")
    assert counts(colorizer, root, out) == {"done": 1, "failed": 1}
    assert names(out) == ["a.jpg", "sub"]


def test_folders_deeper_than_a_path_may_be_are_told(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree("in", "a.jpg")
    monkeypatch.chdir(root)
    for _ in range(20):  # of 250 characters; 4096 are the most
        Path("d" * 250).mkdir()
        monkeypatch.chdir("d" * 250)
    planned = plan([root], tmp_path / "out")
    assert [job.source for job in planned.jobs] == [root / "a.jpg"]
    (refused,) = planned.refused
    assert "cannot be read (file name too long)" in str(refused.error)
