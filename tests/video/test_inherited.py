"""Colors of an earlier shot, carried on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from colornet.video.inherited import carried_on
from colornet.video.motion import standing_still
from colornet.video.sums import MOST, none, seen


@pytest.mark.parametrize(("right", "down"), [(0.8, 0), (-0.8, 0), (0, 0.8), (0.3, -0.8)])
def test_what_comes_in_at_an_edge_inherits_nothing(right: float, down: float) -> None:
    """As people do, who had the color of what they came before."""
    shade = np.full((64, 64), 50, np.float32)
    sums = seen(none(64, 64), np.full((2, 64, 64), 30, np.float16), shade) * np.float32(MOST)
    still = standing_still(64, 64)
    back = still.back + np.array([right, down], np.float32)
    carried, frames = carried_on(sums, still), 25
    assert carried is not None
    assert np.array_equal(carried, sums)
    for _ in range(frames):
        carried = carried_on(carried, replace(still, back=back))
    assert carried is not None
    columns, rows = (np.arange(64) + 0.5 + frames * move for move in (right, down))
    in_sight = ((rows > 0) & (rows < 64))[:, np.newaxis] & (columns > 0) & (columns < 64)
    near = np.abs(np.stack(np.broadcast_arrays(rows[:, np.newaxis], columns)) - 32) > 24
    weight = carried[-1]
    edge = near.any(axis=0)
    assert weight[~in_sight].mean() < 0.1 * MOST
    assert weight[in_sight & ~edge].min() > 0.9 * MOST
