"""The guidance of every frame of a film, with hints followed from the frame they are given in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from colornet.guidance import Guidance, Hint
from colornet.notices import Notice
from colornet.video.fusion import FLASH
from colornet.video.hints import FilmGuidance
from colornet.video.motion import Motion, at_points, between
from colornet.video.placing import Placed, placed
from colornet.video.waiting import BLANK
from colornet.words import counted

if TYPE_CHECKING:
    from colornet.guidance.raster import NamedHint

Floats = NDArray[np.float32]

SIDE = 128
"""Of the square grid on which points are tracked."""
LOST = 2.0
"""Cells by which a point may miss its place, going to the next frame and back."""
SURE = 0.5
"""Trust in the motion from one shot to another, at least, where a hint is."""


@dataclass(frozen=True)
class Schedule:
    """The guidance of every frame.

    Attributes:
        cuts: the frames that begin a shot.
        shots: the guidance of each shot, without hints.
        hints: by frame.
        notices: what was lost on the way.
    """

    cuts: Sequence[int]
    shots: Sequence[Guidance]
    hints: Mapping[int, tuple[Hint, ...]]
    notices: tuple[Notice, ...] = ()

    def of(self, frame: int) -> Guidance:
        """The guidance of a frame."""
        own = self.shots[bisect_right(self.cuts, frame) - 1]
        hints = self.hints.get(frame, ())
        return replace(own, hints=hints) if hints else own


def schedule(
    guidance: FilmGuidance,
    times: Sequence[Fraction] | Sequence[float],
    length: Fraction | float,
    cuts: Sequence[int],
    size: tuple[int, int],
    looks: Callable[[int, int], Iterable[Floats]],
    span: tuple[int, int] | None = None,
    scenes: Sequence[tuple[int, int]] = (),
) -> Schedule:
    """Find where hints are in each frame of their shots.

    Args:
        guidance: of the film; see `FilmGuidance.prepared`.
        times: of each frame, in seconds.
        length: of the film, in seconds.
        cuts: the frames that begin a shot.
        size: width and height of an upright frame.
        looks: gives the lightness (SIDE, SIDE) of the frames from one to before another; shots are
            asked for in their order.
        span: the frames that are wanted, from one to before another; hints are looked for in these,
            and on the way to them; None: all.
        scenes: frames that begin a shot, each with the last frame of the first one that showed the
            same; if it has no hints, those hold that were last given where the same was shown.

    Raises:
        GuidanceError: it speaks of a frame that is not there, or a hint lies outside it.
    """
    shots = [guidance.all for _ in cuts]
    places: dict[int, list[Placed]] = {}
    notices: list[Notice] = []
    for one in placed(guidance.shots, times, length, size):
        shot = bisect_right(cuts, one.frame) - 1
        shots[shot] = replace(one.guidance, hints=()).over(shots[shot])
        if one.hints:
            places.setdefault(shot, []).append(one)
    again = dict(_hinted(scenes, cuts, places))
    hints: dict[int, tuple[Hint, ...]] = {}
    shown: dict[int, Floats] = {}
    for shot in sorted({*places, *again}):  # in their order, in which they are read
        wanted = _wanted(shot, cuts, len(times), span)
        if wanted and shot in places:
            found, lost = _followed(places[shot], wanted, looks)
            hints |= found
            notices += lost
        elif wanted:
            cut, known = cuts[shot], again[shot]
            if known not in hints:
                earlier = places[bisect_right(cuts, known) - 1]
                hints |= _followed(earlier, range(known, known + 1), looks)[0]
            if known not in shown:
                (shown[known],) = looks(known, known + 1)
            (first,) = looks(cut, cut + 1)
            if found_again := _found_again(hints[known], shown[known], first):
                hints |= _followed([Placed(cut, shots[shot], found_again)], wanted, looks)[0]
    return Schedule(cuts, shots, hints, tuple(notices))


def _hinted(
    scenes: Sequence[tuple[int, int]], cuts: Sequence[int], own: Container[int]
) -> Iterator[tuple[int, int]]:
    """Shots in which the hints of earlier ones hold, each with a frame that has these.

    It shows the picture: that of the first shot that did is its last one, and that of a later shot,
    which begins as that one ended, is its first one.
    """
    given: dict[int, int] = {}  # such frames, for the last frame of the picture's first shot
    for cut, last in sorted(scenes):
        shot, first = (bisect_right(cuts, frame) - 1 for frame in (cut, last))
        if shot in own:
            given[last] = cut
        elif last in given or first in own:
            yield shot, given.setdefault(last, last)


def _wanted(shot: int, cuts: Sequence[int], count: int, span: tuple[int, int] | None) -> range:
    """The frames of a shot that are wanted."""
    end = cuts[shot + 1] if shot + 1 < len(cuts) else count
    first, last = span or (0, count)
    return range(max(cuts[shot], first), min(end, last))


def _found_again(hints: Sequence[Hint], before: Floats, after: Floats) -> tuple[NamedHint, ...]:
    """Those hints of a frame whose places are seen in the first one of a later shot."""
    motion = between(before, after)
    if motion.leads_elsewhere:
        return ()
    found = []
    for hint in hints:
        points = np.array(hint.points, np.float32) * SIDE
        trust = at_points(motion.ahead_trust[..., np.newaxis], points)[:, 0]
        sure = points[trust > SURE]
        if len(sure) and len(moved := _moved(sure, motion)):
            found.append(cast("NamedHint", _at(hint, moved)))
    return tuple(found)


def _followed(
    given: Sequence[Placed], wanted: range, looks: Callable[[int, int], Iterable[Floats]]
) -> tuple[dict[int, tuple[Hint, ...]], list[Notice]]:
    """The hints of a shot in each of the frames that are wanted, and notices of those not seen."""
    first = min(wanted.start, *(one.frame for one in given))
    end = max(wanted.stop, *(one.frame + 1 for one in given))
    own = [(hint, one.frame - first) for one in given for hint in one.hints]
    found = _tracked(own, looks(first, end))
    hints, notices = {}, []
    for frame in wanted:
        seen = (found.get((k, frame - first)) for k in range(len(own)))
        hints[frame] = tuple(hint for hint in seen if hint)
    for k, (hint, _) in enumerate(own):
        lost = [frame for frame in wanted if (k, frame - first) not in found]
        if lost:
            text = f"its place is not seen in {counted(len(lost), 'frame')}, from {lost[0]} on"
            notices.append(Notice("hint-lost", text, hint.name))
    return hints, notices


def _tracked(
    given: Sequence[tuple[Hint, int]], looks: Iterable[Floats]
) -> dict[tuple[int, int], Hint]:
    """Where hints are in the frames of a shot.

    Args:
        given: each hint, with the number of the frame that it is given in.
        looks: lightness (SIDE, SIDE) of each frame, read as far as hints are seen; those after the
            last that has a hint are not kept.

    Returns:
        By the numbers of hint and frame; those are missing in which a hint's place is not seen.
    """
    found: dict[tuple[int, int], Hint] = {}
    last = max(at for _, at in given)
    before: list[tuple[int, Floats]] = []

    def ahead() -> Iterator[tuple[int, Floats]]:
        for frame, look in enumerate(looks):
            if frame <= last:
                before.append((frame, look))
            yield frame, look

    for way in (ahead, lambda: reversed(before)):
        points: dict[int, Floats] = {}  # of the hints that are seen
        left = set(range(len(given)))
        previous: Floats | None = None
        odd = 0  # frames of something else, as a flash, after which things go on as before it
        for frame, look in way():
            here = {k for k in left if given[k][1] == frame}
            if points and previous is not None:
                motion = between(previous, look)
                is_blank = look.std() < BLANK < previous.std() / 2
                odd = odd + 1 if motion.leads_elsewhere or is_blank else 0
                if 0 < odd <= FLASH and not here:
                    continue
                moved = {k: _moved(own, motion) for k, own in points.items()}
                points = {k: own for k, own in moved.items() if len(own)}
            points |= {k: np.array(given[k][0].points, np.float32) * SIDE for k in here}
            found |= {(k, frame): _at(given[k][0], own) for k, own in points.items()}
            left, previous = left - here, look
            if not points and not left:
                break
    return found


def _moved(points: Floats, motion: Motion) -> Floats:
    """Points (N, 2) in cells, in the next frame; those that are lost are left out."""
    next_ = points + at_points(motion.ahead, points)
    missed = np.linalg.norm(next_ + at_points(motion.back, next_) - points, axis=1)
    inside = ((next_ >= 0) & (next_ <= SIDE)).all(axis=1)
    kept: Floats = next_[(missed < LOST) & inside]
    return kept


def _at(hint: Hint, points: Floats) -> Hint:
    return replace(hint, points=tuple((float(x), float(y)) for x, y in points / SIDE))
