import itertools

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage import data

from colornet.resample import averaged
from colornet.video.motion import at_points, between, carried
from colornet.video.sums import none, step

PICTURE = gaussian_filter(data.camera().astype(np.float32) / 2.55, 2)

MOON = averaged(data.moon()[:256, :256] / np.float32(2.55), 64, 64)


def view(left: int, top: int = 100) -> np.ndarray:
    return averaged(PICTURE[top : top + 256, left : left + 256], 64, 64)


def test_flow_is_where_things_went() -> None:
    motion = between(view(100), view(108))  # the camera moves right: things move 2 cells left
    inside = (slice(8, 56), slice(8, 56))
    assert np.abs(np.median(motion.ahead[inside], axis=(0, 1)) - (-2, 0)).max() < 0.2
    assert np.abs(np.median(motion.back[inside], axis=(0, 1)) - (2, 0)).max() < 0.2
    assert motion.back_trust[inside].mean() > 0.8


def test_flow_on_a_finer_grid_is_more_exact() -> None:
    """The camera moves right by 1.25 cells."""
    gravel = data.gravel()[:256] / np.float32(2.55)
    inside = (slice(8, 56), slice(8, 56), 0)
    found = []
    for side, finer in ((64, 1), (128, 2)):
        earlier, later = (averaged(gravel[:, k : k + 256], side, side) for k in (0, 5))
        found.append(between(earlier, later, finer).back)
    coarse, fine = found
    assert coarse.shape == fine.shape == (64, 64, 2)
    errors = [np.abs(flow[inside] - 1.25).mean() for flow in (coarse, fine)]
    assert errors[1] < 0.6 * errors[0]


def test_what_is_carried_comes_where_its_thing_is() -> None:
    motion = between(view(100), view(108))
    moved = carried(view(100)[np.newaxis], motion.back)[0]
    known = motion.back_trust > 0.5
    assert np.abs(moved - view(108))[known].mean() < 2


def test_another_exposure_is_trusted_and_another_picture_is_not() -> None:
    same = between(view(100), view(100) * np.float32(0.95)).back_trust
    other = between(view(100), MOON)
    assert same.mean() > 0.8
    assert other.back_trust.mean() < 0.4


def test_something_else_altogether_is_told_from_what_moves_or_dissolves() -> None:
    other = MOON
    assert between(view(100), other).leads_elsewhere
    assert not between(view(100), view(120)).leads_elsewhere
    assert not between(view(100), view(100) * np.float32(0.8) + 10).leads_elsewhere
    dissolve = [view(100) * np.float32(1 - t) + other * np.float32(t) for t in np.linspace(0, 1, 7)]
    assert not any(between(*pair).leads_elsewhere for pair in itertools.pairwise(dissolve))


def test_values_at_points() -> None:
    maps = np.stack(np.meshgrid(np.arange(8), np.arange(6)), axis=-1).astype(np.float32)
    points = np.array([[0.5, 0.5], [3.5, 2.5], [4.0, 3.0]], np.float32)
    expected = np.array([[0, 0], [3, 2], [3.5, 2.5]])
    assert np.abs(at_points(maps, points) - expected).max() < 0.02


def test_what_is_carried_far_stays_sharp() -> None:
    """Half a cell a frame, which linear interpolation alone blurs most."""
    square = none(64, 64)
    square[-1] = 1
    square[:-1, 20:44, 8:20] = 40
    flow = np.zeros((64, 64, 2), np.float32)
    flow[..., 0] = -0.5
    linear = sums = square
    for _ in range(64):
        sums = step(sums, flow, np.ones((64, 64), np.float32))
        linear = carried(linear, flow)
    assert np.abs(sums[-1] - 1).max() < 0.01
    assert sums[1].max() < 40.5
    there = sums[1, 24:40, 40:52].mean()
    assert there > linear[1, 24:40, 40:52].mean() + 2
