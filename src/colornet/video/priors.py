"""The mean prior of the frames around each, for the decoder.

A frame's own prior wavers. The mean is carried from frame to frame, forward and backward, as colors
are, with a weight that falls where most of the picture becomes another one, as in a dissolve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.video.waiting import Waiting

Floats = NDArray[np.float32]

MOST = 24.0
"""Frames that the mean rests on, at most, in each direction."""
ORDINARY = 0.75
"""Mean trust in the motion of frames that show the same thing, at least."""


class Priors:
    """The mean of a shot, as of the last frame that was told."""

    def __init__(self) -> None:
        self._mean: Floats | None = None
        self._weight = 0.0

    def of(self, frames: Sequence[Waiting]) -> list[Floats | None]:
        """The mean prior (P,) for each of the next frames; None: it is not encoded, or has its
        own alone.

        The frames before count, and all of these.
        """
        forward = []
        for frame in frames:
            self._mean, self._weight = _seen(self._mean, self._weight * _same(frame), frame)
            forward.append((self._mean, self._weight))
        behind, weight = None, 0.0
        found: list[Floats | None] = []
        for frame, (mean, known) in zip(reversed(frames), reversed(forward), strict=True):
            prior = None if frame.encoded is None or frame.aside else mean
            if prior is not None and behind is not None:
                prior = prior + (behind - prior) * np.float32(weight / (weight + known))
            found.append(prior)
            behind, weight = _seen(behind, weight, frame)
            weight *= _same(frame)
        return found[::-1]

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it knows, as arrays with names."""
        mean = {} if self._mean is None else {"mean": self._mean}
        return mean | {"weight": np.array(self._weight)}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> Priors:
        """As it was when `state` was asked for."""
        priors = cls()
        priors._mean, priors._weight = state.get("mean"), float(state["weight"])
        return priors


def _same(frame: Waiting) -> float:
    """How far a frame shows the same as the one before, 0..1."""
    if frame.motion is None:
        return 0.0
    return min(float(frame.motion.back_trust.mean()) / ORDINARY, 1.0)


def _seen(mean: Floats | None, weight: float, frame: Waiting) -> tuple[Floats | None, float]:
    """The mean and its weight with a frame's own prior, if it has one."""
    prior = None if frame.encoded is None or frame.aside else frame.encoded.prior
    if prior is None:
        return mean, weight
    weight = min(weight + 1, MOST)
    return (prior if mean is None else mean + (prior - mean) * np.float32(1 / weight)), weight
