from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch

from colornet.errors import RecipeError
from colornet.train.log import read_log
from colornet.train.run import train
from tests.train.data.test_stream import pack
from tests.train.together import TINY, watch

MakePictures = Callable[..., Path]


def left(folder: Path, run: str) -> dict[str, Any]:
    return torch.load(folder / f"{run}.0.pt", weights_only=True)


def test_a_streamed_run_that_was_killed_ends_as_if_it_had_not_been(
    make_pictures: MakePictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = make_pictures("many", ["cat", "dog"], 16)
    (tmp_path / "set").mkdir()
    for i in range(2):
        pack(pictures, tmp_path / "set" / f"{i}.tar")
    data = [str(tmp_path / "set" / "{0,1}.tar")]
    recipe = TINY.changed(epochs=2, hold_out=5, validation_preview=4)
    watch(tmp_path, "killed before", recipe, kill_at=9, data=data, stream=True, save_every=0.0)
    watch(tmp_path, "killed after", recipe, data=data, stream=True, save_every=0.0)
    watch(tmp_path, "whole", recipe, data=data, stream=True)
    before, after, whole = (left(tmp_path, f) for f in ("killed before", "killed after", "whole"))
    assert before["seen"] + after["seen"] == whole["seen"]
    assert all(torch.equal(after["weights"][n], w) for n, w in whole["weights"].items())
    for one, other in zip(read_log(tmp_path / "killed"), read_log(tmp_path / "whole"), strict=True):
        assert {k: v for k, v in one.items() if k != "seconds"} == {
            k: v for k, v in other.items() if k != "seconds"
        }
    said = capsys.readouterr().out
    assert "pictures in 2 classes (left out: of a sample of" in said
    assert (tmp_path / "whole" / "sheets" / "0000004.png").is_file()
    for epoch in (0, 1):  # each tar file has the same pictures
        steps = len(whole["seen"]) // 2
        shown = [*chain(*(sums for _, sums in whole["seen"][epoch * steps :][:steps]))]
        assert max(map(shown.count, shown)) == 2


def test_a_stream_keeps_no_source_caps(make_pictures: MakePictures, tmp_path: Path) -> None:
    tar = pack(make_pictures("set", ["cat"], 8), tmp_path / "set.tar")
    with pytest.raises(RecipeError, match="source_caps"):
        train([tar], TINY.changed(source_caps={"*": 0.5}), tmp_path / "run", stream=True)
