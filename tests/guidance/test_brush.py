import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from colornet.guidance.brush import brushed, cells_at, inside

sides = st.integers(1, 24)
fractions = st.floats(-0.4, 1.4) | st.sampled_from([0, 0.25, 0.5, 1])
lines = st.lists(st.tuples(fractions, fractions), min_size=1, max_size=5)


def distances(positions: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """(h, w): from the middle of each cell to the nearest point of the line."""
    rows, columns = np.indices(shape)
    middles = np.stack([columns, rows], axis=-1) + 0.5
    nearest = np.full(shape, np.inf)
    for start, end in pairwise(positions[[0, *range(len(positions))]]):
        along = end - start
        share = ((middles - start) @ along / max(along @ along, 1e-18)).clip(0, 1)
        apart = np.linalg.norm(middles - start - share[..., None] * along, axis=-1)
        nearest = np.minimum(nearest, apart)
    return nearest


@given(lines, st.floats(0, 30), sides, sides)
def test_a_brush_covers_what_is_near_and_what_it_crosses(
    line: list[tuple[float, float]], radius: float, height: int, width: int
) -> None:
    positions = np.array(line) * [width, height]
    covered = brushed(positions, radius, (height, width))
    apart = distances(positions, (height, width))
    assert covered[apart < radius - 0.2].all()
    assert (apart[covered] < max(radius, 0.5**0.5) + 0.2).all()
    for place in np.linspace(positions[:-1], positions[1:], 7).reshape(-1, 2):
        if inside(place[None], (height, width))[0]:
            rows, columns = np.nonzero(covered)
            beside = np.abs(np.stack([columns, rows], -1) + 0.5 - place).max(axis=1) < 0.5 + 0.2
            assert beside.any(), "a line has no gap"


@given(fractions, fractions, st.integers(1, 5000), st.integers(1, 5000), sides, sides)
def test_a_point_is_in_one_cell(
    x: float, y: float, across: int, down: int, height: int, width: int
) -> None:
    """Whether given in fractions or pixels, and wherever rounding puts it."""
    for position in ((x * width, y * height), (x * across * width / across, y * height)):
        positions = np.array([position])
        within = bool(inside(positions, (height, width))[0])
        covered = brushed(positions, 0, (height, width))
        assert covered.sum() == within
        row, column = cells_at(positions, (height, width))[0]
        assert covered[row, column] == within


def test_a_brush_is_round_in_the_picture_where_cells_are_not_square() -> None:
    covered = brushed(np.array([[8.0, 4.0]]), 3, (8, 16), tall=2)
    assert covered.sum(axis=1).max() == covered[4].sum() == 6
    assert covered.sum(axis=0).max() == 2
    line = brushed(np.array([[8.0, 4.0], [8.0, 4.001]]), 3, (8, 16), tall=2)
    assert np.array_equal(line, covered)


@pytest.mark.parametrize("radius", [0, 3, 1e9])
def test_as_dense_or_as_long_as_may_be(radius: float) -> None:
    rng = np.random.default_rng(0)
    scribble = rng.random((10_000, 2)) * 128
    dense = np.linspace([3, 5], [100, 90], 10_000)
    far = rng.normal(size=(10_000, 2)) * 1e9
    began = time.process_time()
    found = [brushed(line, radius, (128, 128)) for line in (scribble, dense, far)]
    assert time.process_time() - began < 2
    ends = brushed(dense[[0, -1]], radius, (128, 128))
    assert (found[1] != ends).sum() <= 4, "points between make no difference"
