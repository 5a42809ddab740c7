from __future__ import annotations

import time

import pytest
import torch

from colornet.train.config import PRECISIONS
from colornet.train.precision import fastest_precision


def test_the_fastest_precision_is_one_that_a_recipe_may_name() -> None:
    assert fastest_precision() in PRECISIONS


def test_the_fastest_precision_is_found_beside_other_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slowed = iter(range(60))

    def mm(matrix: torch.Tensor, other: torch.Tensor) -> None:
        usual = 0.02 if matrix.dtype == torch.float32 else 0.0
        time.sleep(usual if next(slowed, None) is None else 0.03)

    monkeypatch.setattr(torch, "mm", mm)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert fastest_precision() == "bf16-mixed"
