"""Paths of folders that are to be made."""

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
