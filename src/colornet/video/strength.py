"""How strong colors are: the chroma that means lose is made up for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PALER, MADE_UP = 1.4, 0.95
"""Factor, at most, that makes up for the chroma that means lose in all, and the power of what they
lose that it is: all of it would exaggerate the errors of the model, too."""
STRENGTHS = 24
"""Frames, about, whose chroma is compared."""


class Strength:
    """That of a shot, as of the frames that were told last."""

    def __init__(self) -> None:
        self._factor = 0.0  # on the chroma of the frame colored last; 0: there is none
        self._chroma = np.zeros(2)  # sums of mean squares, of what was seen and what came of it

    def see(self, observed: NDArray[np.float16], mean: Floats) -> None:
        """Take what the network gave for a frame (2, h, w), and the mean of what was given."""
        squares = [np.square(one, dtype=np.float32).mean() for one in (observed, mean)]
        self._chroma = self._chroma * (1 - 1 / STRENGTHS) + squares

    def factors(self, count: int) -> NDArray[np.float64]:
        """Those on the chroma of the next frames; in a shot it changes gradually."""
        lost = np.sqrt((self._chroma[0] + 1) / (self._chroma[1] + 1))
        factor = (lost**MADE_UP).clip(1, PALER)
        before = self._factor or factor
        self._factor = float(factor)
        factors: NDArray[np.float64] = before + (factor - before) * np.arange(1, count + 1) / max(
            count, 1
        )
        return factors

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it knows, as arrays with names."""
        return {"chroma": self._chroma, "factor": np.array(self._factor)}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> Strength:
        """As it was when `state` was asked for."""
        strength = cls()
        strength._chroma, strength._factor = state["chroma"], float(state["factor"])
        return strength
