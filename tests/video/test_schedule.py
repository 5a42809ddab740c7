"""Hints, followed through the frames of their shots."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from colornet.guidance import Guidance, Hint
from colornet.video import FilmGuidance, ShotGuidance
from colornet.video.schedule import SIDE, Schedule, schedule

Floats = NDArray[np.float32]


def pan(count: int) -> list[Floats]:
    """Lightness of a photograph that a camera moves over, half a cell a frame."""
    picture = data.camera()[::2, ::2].astype(np.float32) / 2.55
    return [picture[60 : 60 + SIDE, left : left + SIDE] for left in np.arange(count) // 2]


class Film:
    """One shot, which counts what is read of it."""

    def __init__(self, frames: list[Floats]) -> None:
        self.frames = frames
        self.asked: list[tuple[int, int]] = []
        self.read = 0

    def looks(self, first: int, end: int) -> Iterator[Floats]:
        self.asked.append((first, end))
        for frame in self.frames[first:end]:
            self.read += 1
            yield frame

    def followed(self, *at: int, span: tuple[int, int] | None = None) -> Schedule:
        hints = {10: (0.7, 0.3), 40: (0.4, 0.6)}
        told = [
            ShotGuidance(one, Guidance(hints=(Hint((hints[one],), "red", unit="fractions"),)))
            for one in at
        ]
        count, given = len(self.frames), FilmGuidance(shots=tuple(told))
        times = [number / 25 for number in range(count)]
        size = (SIDE, SIDE)
        return schedule(given, times, count / 25, [0], size, self.looks, span)


def test_hints_of_several_frames_are_followed_together() -> None:
    film = Film(pan(60))
    both = film.followed(10, 40)
    assert film.asked == [(0, 60)]
    apart = [film.followed(one) for one in (10, 40)]
    for frame in range(60):
        assert both.hints[frame] == (*apart[0].hints[frame], *apart[1].hints[frame])
        ((x, _),) = both.hints[frame][0].points
        assert abs(x - (0.7 + (10 - frame) / 2 / SIDE)) < 0.02


def test_of_a_part_only_the_way_to_it_is_read() -> None:
    film = Film(pan(60))
    whole, part = film.followed(10), film.followed(10, span=(20, 25))
    assert film.asked == [(0, 60), (10, 25)]
    assert part.hints == {frame: whole.hints[frame] for frame in range(20, 25)}


def test_nothing_is_read_after_the_last_hint_is_lost() -> None:
    noise = np.random.default_rng(0).uniform(0, 100, (200, SIDE, SIDE)).astype(np.float32)
    film = Film([*pan(16), *noise])
    known = film.followed(10)
    assert film.read < 25
    assert [notice.code for notice in known.notices] == ["hint-lost"]
    assert len(known.hints[15]) == 1
    assert not known.hints[150]


@pytest.mark.parametrize("flash", [np.full((SIDE, SIDE), 98, np.float32), pan(1)[0][::-1, ::-1]])
@pytest.mark.parametrize("length", [1, 3])
def test_hints_hold_again_after_a_flash(flash: Floats, length: int) -> None:
    """Or before it, as colors do."""
    frames = pan(60)
    frames[18 : 18 + length] = frames[30 : 30 + length] = [flash] * length
    known = Film(frames).followed(10, 40)
    for frame, points in ((0, 2), (17, 2), (18, 0), (25, 2), (30, 0), (45, 2), (59, 2)):
        here = known.hints[frame]
        assert len(here) == points
        if points == 2:
            ((x, y),) = here[0].points
            assert abs(x - (0.7 + (10 - frame) / 2 / SIDE)) < 0.02
            assert abs(y - 0.3) < 0.02
    assert {notice.code for notice in known.notices} == {"hint-lost"}


def test_hints_end_where_the_picture_stays_another() -> None:
    known = Film([*pan(20), *[pan(1)[0][::-1, ::-1]] * 20]).followed(10)
    assert known.hints[19]
    assert not any(known.hints[frame] for frame in range(20, 40))
