from __future__ import annotations

import numpy as np

from colornet.guidance.propagation import spread
from colornet.guidance.strokes import membership, nearness, statements

SIDE = 32


def plane(*values: np.ndarray) -> np.ndarray:
    return np.stack([value.reshape(-1) for value in values]).astype(np.float32)


def test_a_stroke_tells_in_what_its_thing_differs() -> None:
    """What differs along a stroke may differ; what does not, not."""
    across, down = np.meshgrid(np.linspace(0, 8, SIDE), np.linspace(0, 8, SIDE))
    stroke = 16 * SIDE + np.arange(8, 24)  # along the first dimension alone
    found = membership(plane(across, down), stroke).reshape(SIDE, SIDE)
    assert found[16, 8:24].min() > 0.3
    assert found[16, 28] > 2 * found[28, 16]


def test_a_few_places_astray_hardly_change_what_is_alike() -> None:
    segment = plane(np.repeat([[0.0] * 16 + [3.0] * 16], SIDE, axis=0))
    stroke = np.arange(16)
    for found in (membership(segment, stroke), membership(segment, np.append(stroke, [20, 21]))):
        assert found.reshape(SIDE, SIDE)[:, :16].min() > 0.6
        assert found.reshape(SIDE, SIDE)[:, 16:].max() < 0.3


def test_without_reach_only_the_places_themselves_are_near() -> None:
    at = np.array([3 * SIDE + 4, 3 * SIDE + 5])
    assert np.flatnonzero(nearness(at, (SIDE, SIDE), 0.0) > 1e-6).tolist() == at.tolist()
    near = nearness(at, (SIDE, SIDE), 0.5).reshape(SIDE, SIDE)
    assert near[3, 4] == 1
    assert near[3, 10] > near[3, 20] > near[31, 31]


def test_strokes_of_one_color_on_one_thing_are_one() -> None:
    segment = plane(np.repeat([[0.0] * 16 + [9.0] * 16], SIDE, axis=0))
    at, hint = np.array([0, 1, 5, 6, 20]), np.array([0, 0, 1, 1, 2])
    red = np.ones((2, 5), np.float32)
    assert [each.tolist() for each in statements(segment, at, hint, red, 9)] == [[0, 1, 2, 3], [4]]
    other = red.copy()
    other[:, 2:4] = -1
    assert len(statements(segment, at, hint, other, 9)) == 3


def test_a_stroke_colors_its_thing_whole_and_ends_at_its_edge() -> None:
    own = np.zeros((2, 16, 16), np.float32)
    object_ = np.repeat([[0.0] * 8 + [9.0] * 8], 16, axis=0)
    rows, columns = np.mgrid[:16, :16] / 8.0  # a segment that differs from place to place
    segment = np.stack([np.ones_like(object_), object_, rows, columns])
    affinity = np.concatenate([segment, np.zeros_like(segment)]).astype(np.float32)
    cells = np.array([(row, 3) for row in range(2, 14)])
    asked, same = np.tile(np.array([[40, -30]], np.float32), (12, 1)), np.zeros(12, int)
    ab = spread(own, affinity, np.zeros((3, 16, 16), np.float32), cells, asked, hint=same)
    assert np.abs(ab[:, 2:14, 3].T - asked).max() < 1e-3
    assert ab[0, 2:14, 1:6].min() > 25
    assert np.abs(ab[:, :, 8:]).max() < 1
