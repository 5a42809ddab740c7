from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colornet.errors import CheckpointError, ModelDamaged, ModelNotFound
from colornet.model import DECODER
from colornet.train.checkpoint import bins_of, load_weights
from colornet.train.config import Recipe
from colornet.train.run import with_layers_of
from colornet.train.task import ColorizationTask
from colornet.train.weights import REST, read_npz
from tests.train.networks.test_contract import check_export
from tests.train.tasks import make_task


@pytest.mark.slow
def test_a_run_can_start_from_a_model(tmp_path: Path) -> None:
    task = make_task({"name": "fusion", "hints": True}, "dual")
    norms: Any = (m for m in task.modules() if isinstance(m, torch.nn.BatchNorm2d))
    for norm in norms:
        torch.nn.init.uniform_(norm.weight, -1, 2)
        torch.nn.init.uniform_(norm.running_var, 0.5, 9)
        torch.nn.init.normal_(norm.running_mean)
    model = check_export(task, tmp_path).path
    other = make_task({"name": "fusion", "hints": True}, "dual")
    other.start_from(model)
    lightness = torch.rand(4, 1, 64, 64) * 100
    for mode in (False, True):  # with the statistics of training, and with those of a batch
        assert torch.allclose(task.train(mode)(lightness), other.train(mode)(lightness), atol=0.05)
    decoder = model / DECODER
    whole = decoder.read_bytes()
    decoder.write_bytes(whole[:-1])
    with pytest.raises(ModelDamaged, match="bytes"):
        other.start_from(model)
    decoder.write_bytes(whole)
    (model / REST).write_bytes(b"no zip")
    with pytest.raises(CheckpointError, match="cannot be read"):
        other.start_from(model)
    (model / REST).unlink()
    with pytest.raises(CheckpointError, match="export it anew"):
        other.start_from(model)


def test_the_shipped_model_can_be_trained_on() -> None:
    given = load_weights(Path("general"))
    recipe = Recipe(network={"name": "fusion", "hints": True}, head={"name": "dual"})
    recipe = with_layers_of(recipe, [Path("general")])
    bins = bins_of(given)
    assert bins is not None
    task = ColorizationTask(recipe, ["any"], bins, torch.full((len(bins),), 1 / len(bins)))
    assert all(given[name].shape == value.shape for name, value in task.state_dict().items())
    with pytest.raises(ModelNotFound, match="generel"):
        task.start_from(Path("generel"))


def test_damage_within_a_file_of_weights_is_named(tmp_path: Path) -> None:
    """Errors of zlib and zipfile that are no errors of the system."""
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.arange(900.0))
    whole = path.read_bytes()
    start = whole.index(b"a.npy") + 25
    for at, value in ((8, 99), (6, 1), (start, whole[start] ^ 0xFF), (start + 9, 0xFF)):
        changed = bytearray(whole)
        changed[at] = value
        if at in (6, 8):  # how it is packed, which the list at the end says, too
            changed[changed.index(b"PK\1\2") + at + 2] = value
        path.write_bytes(changed)
        with pytest.raises(CheckpointError, match=r"a\.npz: cannot be read: it is damaged"):
            read_npz(path)
