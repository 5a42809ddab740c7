from types import SimpleNamespace

import numpy as np

from colornet.guidance import Guidance
from colornet.video.coloring import EncodedFrame
from colornet.video.motion import Motion
from colornet.video.priors import Priors
from colornet.video.waiting import Waiting

CELLS = np.ones((4, 4), np.float32)


def frame(prior: float | None, trust: float | None) -> Waiting:
    """A frame with a prior, if it is encoded; trust None: it begins a shot."""
    motion = None
    if trust is not None:
        flow = np.zeros((4, 4, 2), np.float32)
        motion = Motion(flow, flow, trust * CELLS, trust * CELLS)
    encoded = None
    if prior is not None:
        own = SimpleNamespace(prior=np.array([[prior]], np.float32))
        encoded = EncodedFrame(CELLS, own)  # type: ignore[arg-type]
    return Waiting(None, CELLS, None, Guidance(), motion=motion, encoded=encoded)


def test_the_mean_is_of_the_frames_before_and_after() -> None:
    frames = [frame(1, None), frame(None, 0.9), frame(3, 0.9), frame(8, 0.9)]
    first, none, third, last = Priors().of(frames)
    assert none is None
    assert first is not None
    assert third is not None
    assert last is not None
    assert np.allclose([first, third, last], 4)


def test_the_mean_goes_on_from_its_state() -> None:
    priors = Priors()
    priors.of([frame(1, None), frame(3, 0.9)])
    (mean,) = Priors.restored(priors.state()).of([frame(8, 0.9)])
    assert mean is not None
    assert np.allclose(mean, 4)


def test_another_scene_has_a_mean_of_its_own() -> None:
    """A dissolve, whose motion is not trusted."""
    frames = [frame(1, None), frame(1, 0.9), *(frame(None, 0.1) for _ in range(4)), frame(8, 0.9)]
    found = Priors().of(frames)
    assert found[0] is not None
    assert found[-1] is not None
    assert abs(found[0][0] - 1) < 0.1
    assert abs(found[-1][0] - 8) < 0.1
