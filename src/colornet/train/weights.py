"""Weights on disk by name, without pickled objects: `.npz` files and model folders.

The graphs of a model folder hold nearly all weights, but with batch norm folded into the layers
before it. REST holds the others, so that training can continue from a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from colornet.errors import CheckpointError, why_unreadable
from colornet.model import ModelFolder, verify

REST = "training.npz"
"""File in a model folder: weights that its graphs do not have, and factors of folded batch norm."""
FACTOR = "/factor"
"""Suffix of the names of those factors."""
SMALL = 1024
"""Weights with fewer elements are stored as fp32."""
HALF, TRANSPOSED = ".fp16", ".T"
"""Suffixes of the names of weights that a graph stores in half precision, and transposed."""
NEAR = 1e-3
"""Largest relative difference between a weight and what a graph has for it."""


def read_npz(path: Path) -> dict[str, Tensor]:
    """The arrays of a file by name, as fp32.

    Raises:
        CheckpointError: the file is missing, damaged, or holds something else than numbers.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: torch.from_numpy(stored[name]).float() for name in stored.files}
    except Exception as error:  # those of numpy and zipfile have no common base
        reason = why_unreadable(error) if isinstance(error, OSError) and error.errno else None
        remedy = "name a .npz file of weights"
        raise CheckpointError(
            path, reason or "cannot be read: it is damaged, or no .npz file", remedy
        ) from error


def read_model(model: ModelFolder) -> dict[str, Tensor]:
    """The weights that a model was exported from, by name, as fp32; large ones were fp16.

    Raises:
        CheckpointError: training cannot go on from it: REST is missing or damaged.
        ModelDamaged: a graph is missing or was changed.
    """
    folder = model.path
    if not (folder / REST).exists():
        remedy = (
            "export it anew, or give its checkpoint; that of a shipped model is in a checkout, "
        )
        remedy += f"src/colornet/models/{folder.name}"
        raise CheckpointError(folder, f"has no {REST} to go on training from", remedy)
    verify(model)
    rest = read_npz(folder / REST)
    given = _unfolded(_read_graphs(folder), rest)
    return given | {name: value for name, value in rest.items() if not name.endswith(FACTOR)}


def write_rest(folder: Path, state: Mapping[str, Tensor], factors: Mapping[str, Tensor]) -> None:
    """Write REST beside the graphs in a folder.

    Args:
        folder: has the graphs already.
        state: what was learned, by name; what the graphs give is left out.
        factors: what the graphs multiplied the outputs (C) of a weight (C,..) by, by its name.
    """
    folded = {f"{name}{FACTOR}": factor for name, factor in factors.items()}
    given = _unfolded(_read_graphs(folder), folded)
    rest = {
        name: value
        for name, value in state.items()
        if name not in given or not _near(given[name], value.float())
    }
    arrays: dict[str, Any] = {}
    for name, value in (rest | folded).items():
        large = value.is_floating_point() and value.numel() >= SMALL
        arrays[name] = (value.half() if large else value).cpu().numpy()
    np.savez_compressed(folder / REST, **arrays)


def _near(given: Tensor, value: Tensor) -> bool:
    """Whether they differ by no more than rounding to fp16 explains."""
    largest = float(value.abs().max()) if value.numel() else 0.0
    return given.shape == value.shape and torch.allclose(given, value, NEAR, NEAR / 10 * largest)


def _unfolded(graphs: dict[str, Tensor], rest: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of graphs, divided by what they were multiplied by."""
    found = dict(graphs)
    for name, value in graphs.items():
        if (factor := rest.get(f"{name}{FACTOR}")) is not None:
            found[name] = value / factor.view(-1, *[1] * (value.dim() - 1))
    return found


def _read_graphs(folder: Path) -> dict[str, Tensor]:
    """All weights that the graphs store, by name."""
    import onnx  # slow to import

    found = {}
    for path in sorted(folder.glob("*.onnx")):
        for tensor in onnx.load(path).graph.initializer:
            value = torch.from_numpy(np.array(onnx.numpy_helper.to_array(tensor))).float()
            name = tensor.name.removesuffix(HALF)
            if name.endswith(TRANSPOSED):
                name, value = name.removesuffix(TRANSPOSED), value.T
            found[name] = value
    return found
