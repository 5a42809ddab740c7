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
CHANGE, STEEP = 0.38, 16
"""Of the standard deviation of a frame's lightness: a change to another picture, and the power that
tells it from less. It is at most 0.34 in films that only move (of benchmarks/video)."""
AT_ONCE, MOST = 0.35, 3.5
"""Of the logarithm of the trust that is lost, what is taken at one frame, and in all: colors fade
from one picture's to the other's within a few frames, and do not jump."""
FAINT = 4.0
"""Standard deviation of lightness of a frame in which nobody sees them jump: between two fades."""
KEPT = 0.25
"""Power of the likeness by which what was there before is forgotten. At 1, the memory would soon be
that of the dissolve itself, and the next frames would be trusted again: of what was known before, a
fifth would get through, mostly into what has little contrast, as sky and water."""


class Likeness:
    """What a shot looked like, as of the frame that was told last."""

    def __init__(self, shade: Floats) -> None:
        """Begin with the first frame's lightness (h, w), 0..100."""
        self._memory = shade
        self._lost = 0.0  # of the trust, its logarithm: what is still to be taken

    def compared(self, shade: Floats, motion: Motion) -> Motion:
        """The motion to the next frame (h, w), trusted less if that has become another picture."""
        spread = shade.std() + 1
        before = carried(self._memory[np.newaxis], motion.back)[0]
        before = (before - before.mean()) * (spread / (before.std() + 1)) + shade.mean()
        change = around(((shade - before) * motion.back_trust)[np.newaxis], SIDE)
        share = np.sqrt(np.mean(change**2)) / spread
        other = (share / CHANGE) ** STEEP / 2
        kept = motion.back_trust * np.float32(np.exp(-other * KEPT) * (1 - 1 / MEMORY))
        self._memory = shade + (before - shade) * kept
        lost = min(self._lost + other, MOST)
        now = min(lost, AT_ONCE if spread > FAINT else MOST)
        self._lost, alike = lost - now, np.float32(np.exp(-now))
        back, ahead = motion.back_trust * alike, motion.ahead_trust * alike
        return replace(motion, back_trust=back, ahead_trust=ahead)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it knows, as arrays with names."""
        return {"memory": self._memory, "lost": np.array(self._lost)}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> Likeness:
        """As it was when `state` was asked for."""
        likeness = cls(state["memory"])
        likeness._lost = float(state["lost"])
        return likeness
