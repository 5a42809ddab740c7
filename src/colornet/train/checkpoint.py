"""Weights of earlier runs, wherever they are: in a checkpoint, a model folder or a .npz file.

Names that have changed since are the present ones in what this module returns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from colornet.errors import CheckpointError, system_reason
from colornet.model import find
from colornet.train.old_names import present_weights, rename_checkpoint
from colornet.train.weights import read_model, read_npz

NAME_ONE = "name a checkpoint that colornet train wrote, such as checkpoints/last.ckpt"


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a checkpoint, without unpickling anything but tensors and plain types.

    Raises:
        CheckpointError: missing, damaged, or not a checkpoint of colornet.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(path, f"cannot be read ({system_reason(error)})", NAME_ONE) from error
    except Exception as error:  # torch names no one type for a damaged file
        raise CheckpointError(path, "is damaged or no checkpoint", NAME_ONE) from error
    if not isinstance(checkpoint, dict) or not {"state_dict", "recipe", "classes"} <= set(
        checkpoint
    ):
        raise CheckpointError(path, "is a checkpoint of another program", NAME_ONE)
    rename_checkpoint(checkpoint)
    return checkpoint


def load_weights(path: Path) -> dict[str, Tensor]:
    """The weights, as fp32, of a checkpoint, a model, or a file of bare weights (`.npz`).

    Raises:
        CheckpointError: missing, damaged, or none of these.
        ModelNotFound, ModelDamaged: no file, and no model either, or a damaged one.
    """
    if is_model(path):
        return present_weights(read_model(find(path)))
    if path.suffix == ".npz":
        return present_weights(read_npz(path))
    return {k: v.float() for k, v in load_checkpoint(path)["state_dict"].items()}


def is_model(path: Path) -> bool:
    """Whether it is the folder of a model, or else can be the name of one only."""
    return path.is_dir() or not (path.suffix or path.exists())


def bins_of(weights: dict[str, Tensor]) -> Tensor | None:
    """The head's ab bins (Q,2) among these weights."""
    return next((value for name, value in weights.items() if name.endswith("bins")), None)
