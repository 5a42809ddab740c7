import itertools

import numpy as np
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


def test_a_dissolve_ends_what_is_known() -> None:
    """Also a slow one, of which each step looks as if nothing had changed."""
    shares = np.linspace(0, 1, 24, dtype=np.float32)
    other = data.coffee()[:400, :400].mean(axis=-1, dtype=np.float32) / np.float32(2.55)
    other = averaged(other, 64, 64)
    frames = [view(100) * (1 - share) + other * share for share in shares]
    steps = [between(*pair).back_trust.mean() for pair in itertools.pairwise(frames)]
    assert np.prod(steps) > 0.7
    assert np.prod(trust(frames)) < 0.2


def test_what_moves_or_is_lit_otherwise_stays_known() -> None:
    pan = [view(left) for left in range(80, 128, 2)]
    assert np.prod(trust(pan)) > 0.7
    flicker = np.random.default_rng(0).uniform(0.9, 1, 24).astype(np.float32)
    assert np.prod(trust([view(100) * light for light in flicker])) > 0.7


def test_it_goes_on_from_its_state() -> None:
    likeness = Likeness(view(100))
    again = Likeness.restored(likeness.state())
    motion = between(view(100), view(104))
    one, other = (each.compared(view(104), motion) for each in (likeness, again))
    assert np.array_equal(one.back_trust, other.back_trust)
