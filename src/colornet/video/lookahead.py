"""What frames know from those ahead: sums as in `sums.py`, carried back along the motion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from colornet.video.sums import none, seen, step
from colornet.video.waiting import Waiting

Floats = NDArray[np.float32]


def from_ahead(
    frames: Sequence[Waiting], count: int, known: int, gradual: int, before: list[Floats]
) -> tuple[list[Floats], list[Floats]]:
    """What the first frames know from those after them: sums (5, h, w) of each.

    Args:
        frames: all that wait.
        count: of those at the beginning that it is wanted of.
        known: those at the beginning that the frames colored last knew already. The others come to
            count little by little: all at once they would let colors jump. 0: a shot begins.
        gradual: frames until they count as much as the rest.
        before: what the last call gave to be handed on; none: it is computed again.

    Returns:
        The sums, and some of the frames after these to be handed on.
    """
    whole = _carried_back(frames, min(count + gradual, len(frames)), len(frames))
    sums = whole[:count]
    if 0 < known < len(frames):
        first = min(count, gradual)
        before = before or _carried_back(frames, first, known)
        for number, old in enumerate(before[:first]):
            sums[number] = old + (sums[number] - old) * np.float32((number + 1) / gradual)
    return sums, whole[count:]


def _carried_back(frames: Sequence[Waiting], count: int, end: int) -> list[Floats]:
    """The same from the frames before `end` alone."""
    if not frames:
        return []
    sums = none(*frames[0].shade.shape)
    found: list[Floats] = []
    for number in range(max(count, end) - 1, -1, -1):
        if number < count:
            found.append(sums)
        motion = frames[number].motion
        if motion is not None and number < end:
            known = seen(sums, frames[number].told, frames[number].shade)
            sums = step(known, motion.ahead, motion.ahead_trust)
    return found[::-1]
