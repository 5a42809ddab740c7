import itertools

import numpy as np
import pytest
from skimage import data

from colornet.resample import averaged
from colornet.video.likeness import Likeness
from colornet.video.motion import between
from tests.video.test_motion import view

Frames = list[np.ndarray]


def trust(frames: Frames) -> list[float]:
    """Mean trust in the motion from each frame to the next."""
    likeness = Likeness(frames[0])
    means = []
    for earlier, later in itertools.pairwise(frames):
        motion = likeness.compared(later, between(earlier, later))
        means.append(float(min(motion.back_trust.mean(), motion.ahead_trust.mean())))
    return means


def dissolve(frames: int, contrast: float = 1) -> Frames:
    """Into another picture, which may have less contrast."""
    shares = np.linspace(0, 1, frames, dtype=np.float32)
    other = data.coffee()[:400, :400].mean(axis=-1, dtype=np.float32) / np.float32(2.55)
    other = (averaged(other, 64, 64) - 50) * np.float32(contrast) + 50
    return [view(100) * (1 - share) + other * share for share in shares] + 16 * [other]


@pytest.mark.parametrize("frames", [8, 24, 48])
@pytest.mark.parametrize("contrast", [1, 0.3])
def test_a_dissolve_ends_what_is_known(frames: int, contrast: float) -> None:
    """Also a slow one, of which each step looks as if nothing had changed."""
    seen = dissolve(frames, contrast)
    steps = [between(*pair).back_trust.mean() for pair in itertools.pairwise(seen)]
    trusted = trust(seen)
    assert np.prod(steps) > 0.7 or frames == 8
    assert np.prod(trusted) < 0.05
    assert np.divide(trusted, steps).min() > 0.6, "colors would jump"
    assert trusted[-1] > 0.9


def test_a_fade_through_black_ends_it_at_once() -> None:
    """Where colors of one picture would be seen on the other."""
    lights = np.linspace(1, 0, 12, dtype=np.float32)
    other = data.coffee()[:400, :400].mean(axis=-1, dtype=np.float32) / np.float32(2.55)
    out = [view(100) * light for light in lights]
    frames = out + [averaged(other, 64, 64) * light for light in lights[::-1]]
    trusted = trust(frames)
    assert np.prod(trusted[:15]) < 0.05
    assert min(trusted[15:]) > 0.9


def test_what_moves_or_is_lit_otherwise_stays_known() -> None:
    pan = [view(left) for left in range(80, 128, 2)]
    assert np.prod(trust(pan)) > 0.7
    flicker = np.random.default_rng(0).uniform(0.9, 1, 24).astype(np.float32)
    assert np.prod(trust([view(100) * light for light in flicker])) > 0.7


def test_it_goes_on_from_its_state() -> None:
    frames = dissolve(24)
    likeness = Likeness(frames[0])
    for number, pair in enumerate(itertools.pairwise(frames), 1):
        again = Likeness.restored(likeness.state())
        motion = between(*pair)
        one, other = (each.compared(frames[number], motion) for each in (likeness, again))
        assert np.array_equal(one.back_trust, other.back_trust)
