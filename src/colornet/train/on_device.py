"""Values on the device that trains, sent without making the CPU wait for what the device does."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor


def to_device(values: NDArray[Any], device: torch.device) -> Tensor:
    """An array as a tensor on the device."""
    return torch.from_numpy(values).to(device, non_blocking=True)


@cache
def constant(values: tuple[Any, ...], device: torch.device) -> Tensor:
    """Numbers in (nested) tuples as float32 on the device; sent once."""
    with torch.inference_mode(False):  # or training could not use what validation asked for first
        return torch.tensor(values, dtype=torch.float32).to(device)
