"""Paths of folders that are to be made, and names that lead to one file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from colornet import Colorizer
from colornet.batch import plan
from colornet.cli.app import main
from colornet.errors import ColornetError, OptionError
from colornet.evaluation.evaluate import evaluate
from colornet.paths import is_same, refuse_file
from colornet.train.config import Recipe
from colornet.train.export import export_checkpoint
from colornet.train.prepare import prepare
from colornet.train.run import train


def test_a_file_where_a_folder_is_to_be(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    refuse_file(tmp_path / "new" / "folder")
    recipe = Recipe(network={"name": "iizuka"}, head={"name": "regression"})
    works: list[tuple[Any, ...]] = [
        (refuse_file,),
        (export_checkpoint, tmp_path / "last.ckpt"),
        (train, [tmp_path], recipe),
        (evaluate, "general", tmp_path),
        (prepare, tmp_path),
    ]
    for folder in (file, file / "inside"):
        for work, *first in works:
            with pytest.raises(OptionError, match=r"notes\.txt: is a file; name a folder"):
                work(*first, folder)
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    "line",
    [
        ["colorize", "URL"],
        ["colorize", "a.jpg", "--model", "URL"],
        ["colorize", "a.jpg", "--reference", "URL"],
        ["colorize", "a.jpg", "--hints", "URL"],
        ["video", "URL", "-o", "b.mp4"],
        ["video", "a.mp4", "-o", "URL"],
        ["video", "a.mp4", "-o", "b.mp4", "--sheet", "URL"],
        ["info", "URL"],
        ["models", "URL"],
        ["prepare", "album", "-o", "URL"],
        ["train", "album", "-o", "URL"],
        ["train", "album", "--start", "URL"],
        ["evaluate", "general", "album", "-o", "URL"],
        ["evaluate", "URL", "album", "-o", "report"],
        ["evaluate", "URL.ckpt", "album", "-o", "report"],
        ["export", "last.ckpt", "-o", "URL"],
        ["archive", "album", "-o", "color", "--model", "URL"],
    ],
    ids=" ".join,
)
def test_a_url_is_no_path(
    line: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It would be a folder s3:/bucket of the current one."""
    monkeypatch.chdir(tmp_path)
    assert main([word.replace("URL", "s3://bucket/a") for word in line]) == 2
    told = (
        r"colornet: [\w-]+: s3://bucket/a(\.ckpt)? is a URL, and has to be a path .*; name a path"
    )
    assert re.match(told, capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


def test_a_url_of_a_file_is_a_path(photograph: Path, tiny_model: Path) -> None:
    target = photograph.with_name("in color.jpg")
    colorizer = Colorizer(tiny_model.as_uri())
    assert colorizer.colorize(photograph.as_uri(), target.as_uri()) == target
    assert main(["info", target.as_uri()]) == 0
    assert colorizer.colorize(photograph, reference=target.as_uri())
    with pytest.raises(OptionError, match="is the reference itself"):
        colorizer.colorize(photograph, target, reference=target.as_uri(), overwrite=True)
    with pytest.raises(OptionError, match=r"output: https://a\.org/a\.jpg is a URL"):
        colorizer.colorize(photograph, "https://a.org/a.jpg")


def test_the_current_folder_is_not_moved_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell in it would stay in a folder that was removed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(".")
    for folder in (Path(), Path("link"), tmp_path):
        with pytest.raises(OptionError, match="is the current folder; name a folder in it"):
            export_checkpoint(Path("last.ckpt"), folder)
        with pytest.raises(OptionError, match="is the current folder; name a folder in it"):
            prepare(Path("faces"), folder)


def test_an_original_is_safe_under_all_ways_to_write_its_name(
    photograph: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems in user space show each way as a file with a number of its own, all of them
    the same; what a folder lists is one.
    """
    content = photograph.read_bytes()
    for name in ("album/one.jpg", "album/ONE.jpg", "ALBUM/one.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    listed = Path.iterdir

    def shown(folder: Path) -> Iterator[Path]:
        return (path for path in listed(folder) if path.name not in ("ONE.jpg", "ALBUM"))

    monkeypatch.setattr(Path, "iterdir", shown)
    original, folder = tmp_path / "album" / "one.jpg", tmp_path / "ALBUM"
    assert is_same(original, folder / "ONE.JPG") is (folder / "ONE.JPG").exists()
    for other in (original.with_name("ONE.jpg"), folder / "one.jpg"):
        with pytest.raises(ColornetError, match="is the original itself"):
            Colorizer(tiny_model).colorize(original, other, overwrite=True)
        assert other.read_bytes() == content
    with pytest.raises(OptionError, match="is an original, which a result would replace"):
        plan([original], folder)
    with pytest.raises(OptionError, match="is the folder of the originals"):
        plan([original.parent], folder)


def test_files_whose_names_are_alike_are_two(tmp_path: Path) -> None:
    names = [tmp_path / "a.jpg", tmp_path / "A.jpg", tmp_path / "b.jpg"]
    for name in names:
        name.touch()
    if not names[0].samefile(names[1]):
        assert not is_same(names[0], names[1])
    assert not is_same(names[0], names[2])
    assert not is_same(names[0], tmp_path / "B.jpg") or names[2].samefile(tmp_path / "B.jpg")
