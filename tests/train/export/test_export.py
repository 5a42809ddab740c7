from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from colornet.errors import CheckpointError, OptionError, UnwritablePicture
from colornet.model import find
from colornet.model.folder import verify
from colornet.train.export import export_checkpoint
from colornet.train.whole_folders import OLD
from tests.full_disk import full_disk
from tests.train.tasks import make_task, save

SMALL = {"name": "iizuka", "width": 0.1, "global_size": 64}


def test_large_weights_are_exported_whatever_fp16_makes_of_them(tmp_path: Path) -> None:
    task: Any = make_task(SMALL, "dual")
    with torch.no_grad():
        task.head.classification.convolution.weight *= 1e5
    assert export_checkpoint(save(task, tmp_path / "a.ckpt"), tmp_path / "model").path.is_dir()


def test_weights_beyond_fp16_are_not_exported(tmp_path: Path) -> None:
    task: Any = make_task(SMALL, "dual")
    with torch.no_grad():
        task.head.classification.convolution.weight *= 1e9
    with pytest.raises(CheckpointError, match="differ"):
        export_checkpoint(save(task, tmp_path / "a.ckpt"), tmp_path / "model")


def test_a_graph_that_differs_from_torch_is_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = save(make_task(SMALL, "regression"), tmp_path / "a.ckpt")
    monkeypatch.setattr("colornet.train.export.TOLERANCE", 0.0)
    with pytest.raises(CheckpointError, match="differ"):
        export_checkpoint(checkpoint, tmp_path / "model")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ckpt"]


def test_export_never_replaces_what_is_no_model(tmp_path: Path) -> None:
    checkpoint = save(make_task(SMALL, "regression"), tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="not empty"):
        export_checkpoint(checkpoint, tmp_path)
    assert checkpoint.exists()
    export_checkpoint(checkpoint, tmp_path / "model")
    mine = checkpoint.rename(tmp_path / "model" / "mine.ckpt")
    with pytest.raises(CheckpointError, match=r"mine\.ckpt: is no file of the model"):
        export_checkpoint(mine, tmp_path / "model")
    assert mine.exists()
    checkpoint = mine.rename(checkpoint)
    export_checkpoint(checkpoint, tmp_path / "model")


def test_two_exports_at_once_leave_a_whole_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = save(make_task(SMALL, "regression"), tmp_path / "a.ckpt")

    def meanwhile(*arguments: Any) -> float:
        monkeypatch.undo()
        with pytest.raises(UnwritablePicture, match="model: is being written by another process"):
            export_checkpoint(checkpoint, tmp_path / "model")
        return 0.0

    monkeypatch.setattr("colornet.train.export.compare", meanwhile)
    export_checkpoint(checkpoint, tmp_path / "model")
    verify(find(tmp_path / "model"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ckpt", "model"]


def test_a_model_is_kept_where_its_successor_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = save(make_task(SMALL, "regression"), tmp_path / "a.ckpt")
    export_checkpoint(checkpoint, tmp_path / "model")
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if target.name == "model" and self.name != OLD:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_checkpoint(checkpoint, tmp_path / "model")
    verify(find(tmp_path / "model"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ckpt", "model"]


def test_a_side_that_the_network_does_not_take_is_not_exported(tmp_path: Path) -> None:
    checkpoint = save(make_task(SMALL, "regression"), tmp_path / "a.ckpt")
    with pytest.raises(OptionError, match=r"^--input-size: is 100, .* iizuka .*; use 96 or 104$"):
        export_checkpoint(checkpoint, tmp_path / "model", input_size=100)
    assert not (tmp_path / "model").exists()


def test_a_full_disk_is_told_with_the_model_that_has_no_room(tmp_path: Path) -> None:
    checkpoint = save(make_task(SMALL, "regression"), tmp_path / "a.ckpt")
    told = pytest.raises(CheckpointError, match=r"model: cannot be written \(.*; check the folder")
    with full_disk(1000), told:
        export_checkpoint(checkpoint, tmp_path / "model")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ckpt"]
