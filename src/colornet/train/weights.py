"""Weights on disk, as `.npz`: arrays by name, and nothing that could run."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from colornet.errors import CheckpointError


def read_npz(path: Path) -> dict[str, Tensor]:
    """The arrays of a file by name, as fp32.

    Raises:
        CheckpointError: the file is missing, damaged, or holds something else than numbers.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: torch.from_numpy(stored[name]).float() for name in stored.files}
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise CheckpointError(path, f"cannot be read ({error})", "expected .npz") from error
