from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from colornet.propagation import MOST, spread


def two_objects(side: int = 16) -> np.ndarray:
    """An affinity in which the left half is one object and the right half another."""
    object_ = np.repeat([[0.0] * (side // 2) + [9.0] * (side // 2)], side, axis=0)
    rows, columns = np.mgrid[:side, :side] / side
    return np.stack([np.ones_like(object_), object_, rows, columns]).astype(np.float32)


def test_a_hint_holds_where_it_is_given_spreads_and_stops_at_the_edge() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    hint = np.array([[40.0, -30.0]], dtype=np.float32)
    ab = spread(own, two_objects(), np.array([[8, 3]]), hint)
    assert np.abs(ab[:, 8, 3] - hint[0]).max() < 0.2
    assert ab[0, :, :8].min() > 15
    assert np.abs(ab[:, :, 8:]).max() < 0.05


def test_without_hints_nothing_changes() -> None:
    own = np.ones((2, 16, 16), dtype=np.float32)
    none = np.zeros((0, 2), dtype=np.int64)
    assert spread(own, two_objects(), none, np.zeros((0, 2), dtype=np.float32)) is own


def test_two_hints_on_one_cell_meet_in_the_middle() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    hints = np.array([[10.0, 0.0], [30.0, 0.0]], dtype=np.float32)
    ab = spread(own, two_objects(), np.array([[4, 4], [4, 4]]), hints)
    assert np.abs(ab[:, 4, 4] - [20, 0]).max() < 0.2


@given(st.integers(1, 2 * MOST), st.integers(0, 2**32 - 1))
def test_any_number_of_hints_gives_numbers_in_range(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = rng.uniform(-50, 50, (2, 24, 24)).astype(np.float32)
    cells = rng.integers(0, 24, (count, 2))
    colors = rng.uniform(-100, 100, (count, 2)).astype(np.float32)
    affinity = np.concatenate([np.ones((1, 24, 24)), rng.normal(size=(4, 24, 24))])
    ab = spread(own, affinity.astype(np.float32), cells, colors)
    assert np.isfinite(ab).all()
    assert np.abs(ab).max() < 400
