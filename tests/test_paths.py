"""Paths of folders that are to be made."""

from pathlib import Path
from typing import Any

import pytest

from colornet.errors import OptionError
from colornet.evaluation.evaluate import evaluate
from colornet.paths import refuse_file
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
