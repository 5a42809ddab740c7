import numpy as np
import pytest

from colornet.video.shots import CutFinder, cuts
from tests.video.films import gray_frames


def lightness(count: int, at: tuple[int, ...]) -> list[np.ndarray]:
    return [frame / np.float32(2.55) for frame in gray_frames(count, cuts=at)]


@pytest.mark.parametrize("at", [(), (7,), (5, 12), (1,), (19,)])
def test_cuts_are_found_exactly(at: tuple[int, ...]) -> None:
    assert cuts(lightness(20, at)) == [0, *at]


def test_a_flash_is_no_cut() -> None:
    frames = lightness(20, ())
    frames[9] = frames[9] + 30
    assert cuts(frames) == [0]


def test_no_frames_have_no_cuts() -> None:
    assert cuts([]) == []


def test_it_goes_on_from_its_state() -> None:
    frames = lightness(30, (9, 17))
    first, told = CutFinder(), []
    for frame in frames[:13]:
        told += first.push(frame)
    rest = CutFinder.restored(first.state())
    for frame in frames[13:]:
        told += rest.push(frame)
    told += rest.finish()
    assert [n for n, begins in enumerate(told) if begins] == [0, 9, 17]
