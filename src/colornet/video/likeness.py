"""Whether things look as they did some frames ago.

From one frame of a dissolve to the next, little changes, so that the motion between them seems to
be right. What was there before is remembered along the motion; as soon as the picture has become
another, the motion is not trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.video.motion import Motion, around, carried

Floats = NDArray[np.float32]

MEMORY = 24.0
"""Frames, about, that are remembered."""
SIDE = 9
"""Cells of the squares that are compared: in small ones, what is carried blurs."""
CHANGE = 0.42
"""Of the standard deviation of a frame's lightness: a change to another picture. It is 0.7 to 1.1
in dissolves of 12 to 50 frames, and at most 0.34 in films that only move (of benchmarks/video)."""


class Likeness:
    """What a shot looked like, as of the frame that was told last."""

    def __init__(self, shade: Floats) -> None:
        """Begin with the first frame's lightness (h, w), 0..100."""
        self._memory = shade

    def compared(self, shade: Floats, motion: Motion) -> Motion:
        """The motion to the next frame (h, w), trusted less if that has become another picture."""
        spread = shade.std() + 1
        before = carried(self._memory[np.newaxis], motion.back)[0]
        before = (before - before.mean()) * (spread / (before.std() + 1)) + shade.mean()
        change = around(((shade - before) * motion.back_trust)[np.newaxis], SIDE)
        share = np.sqrt(np.mean(change**2)) / spread
        alike = np.float32(np.exp(-((share / CHANGE) ** 8) / 2))
        trust = motion.back_trust * alike
        self._memory = shade + (before - shade) * trust * np.float32(1 - 1 / MEMORY)
        return replace(motion, back_trust=trust, ahead_trust=motion.ahead_trust * alike)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it knows, as arrays with names."""
        return {"memory": self._memory}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> Likeness:
        """As it was when `state` was asked for."""
        return cls(state["memory"])
