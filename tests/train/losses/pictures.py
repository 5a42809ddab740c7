"""Pictures and an encoder for tests of losses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU


def coarse_pictures(count: int = 2) -> torch.Tensor:
    """rgb8 (count, 3, 64, 64) of random squares."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(40, 200, (count, 3, 8, 8)))
    return torch.nn.functional.interpolate(coarse, (64, 64)).to(torch.uint8)


def save_encoder(path: Path) -> Path:
    """Random weights of MobileNetEdgeTPU, for RGB."""
    torch.manual_seed(0)
    state = MobileNetEdgeTPU().state_dict()
    np.savez(path, **{name: value.numpy() for name, value in state.items()})
    return path


def two_halves() -> tuple[torch.Tensor, torch.Tensor]:
    """Lightness (2,1,12,12) and ab (2,2,12,12): two halves, both slowly changing."""
    rows, columns = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    ab = torch.stack([torch.where(columns < 6, 40.0, -20.0) + rows / 4, columns / 4])
    return torch.full((2, 1, 12, 12), 50.0), ab.expand(2, 2, 12, 12)
