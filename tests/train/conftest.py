"""Small data sets in color, made here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

logging.getLogger("torch.__trace").propagate = False  # each export would log 100,000 lines


def patches(rng: np.random.Generator, side: int) -> Image.Image:
    """A picture of soft colored patches."""
    coarse = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    return coarse.resize((side, side), Image.Resampling.BICUBIC)


@pytest.fixture
def make_pictures(tmp_path: Path) -> Callable[..., Path]:
    """Writes `folder/class/n.png`: `count` pictures a class."""

    def make(name: str, classes: list[str], count: int, side: int = 32) -> Path:
        rng = np.random.default_rng(len(name))
        for class_name in classes:
            folder = tmp_path / name / class_name
            folder.mkdir(parents=True)
            for i in range(count):
                patches(rng, side).save(folder / f"{i:02}.png")
        return tmp_path / name

    return make
