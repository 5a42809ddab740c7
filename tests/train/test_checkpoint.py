from __future__ import annotations

from pathlib import Path

import pytest
import torch

from colornet.errors import CheckpointError
from colornet.train.task import ColorizationTask


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_what_is_no_checkpoint_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError):
        ColorizationTask.from_checkpoint(path)


def test_a_checkpoint_of_another_program_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="another program"):
        ColorizationTask.from_checkpoint(tmp_path / "a.ckpt")
