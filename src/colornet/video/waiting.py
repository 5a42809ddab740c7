"""A frame of a film that waits for its colors, and how it is kept while the work is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.guidance import Guidance
from colornet.video.coloring import EncodedFrame, FrameColors
from colornet.video.inherited import Ending
from colornet.video.motion import Motion, standing_still

Floats = NDArray[np.float32]

STATE_VERSION = 4
"""To be raised when what is kept of an interrupted film changes, or what follows from it."""
BLANK = 3.0
"""Standard deviation of the lightness of blank film, at most: what is set aside then stays gray."""


@dataclass
class Waiting:
    """A frame that waits; `motion` is that from the one before, None: it begins a shot."""

    what: Any
    shade: Floats  # (h, w) lightness
    lightness: Floats | None  # (S, S), until it is known whether it begins a shot
    guidance: Guidance
    begins: bool = False
    motion: Motion | None = None
    encoded: EncodedFrame | None = None
    observed: NDArray[np.float16] | None = None  # (2, h, w)
    aside: bool = False  # it shows something else than its shot, and is colored by itself
    ending: Ending | None = None  # what its shot inherits from, until that has begun
    hinted: NDArray[np.bool_] | None = None  # (h, w), where hints have changed its colors

    @property
    def told(self) -> NDArray[np.float16] | None:
        """What was observed of the things of its shot."""
        return None if self.aside else self.observed

    @property
    def encoded_lightness(self) -> Floats | None:
        """(S, S), of a frame that was encoded and is not decoded yet."""
        return self.lightness if self.motion is not None or self.begins else None

    def put_aside(self, colors: FrameColors) -> None:
        """It shows something else than its shot, which goes on after it as if it were not there."""
        assert self.lightness is not None
        if self.guidance.hints or self.shade.std() > BLANK:
            self.encoded = colors.encode(self.lightness)
        self.motion = standing_still(*self.shade.shape)
        self.lightness, self.aside = None, True

    def shown(self, ab: Floats) -> Floats:
        """Its colors (2, h, w), of those of its shot."""
        if not self.aside:
            return ab
        return np.zeros_like(ab) if self.observed is None else self.observed.astype(np.float32)

    def state(self) -> dict[str, NDArray[Any]]:
        """All but `what` and `guidance`."""
        lightness = self.encoded.lightness if self.encoded else self.lightness
        known = {"shade": self.shade, "begins": np.array(self.begins)}
        known["aside"] = np.array(self.aside)
        known |= {} if lightness is None else {"lightness": lightness}
        known |= {} if self.observed is None else {"observed": self.observed}
        known |= {} if self.hinted is None else {"hinted": self.hinted}
        return known | (vars(self.motion) if self.motion else {})

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]], what: Any, guidance: Guidance) -> Waiting:
        """As it was when `state` was asked for, but for `encoded`."""
        names = [field.name for field in fields(Motion)]
        motion = Motion(*(state[name] for name in names)) if names[0] in state else None
        lightness = state.get("lightness")
        frame = cls(what, state["shade"], lightness, guidance, bool(state["begins"]), motion)
        frame.observed, frame.hinted = state.get("observed"), state.get("hinted")
        frame.aside = bool(state["aside"])
        return frame


def below(name: str, state: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What stands under a name: `finder.last` -> `last`."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)
    }


def under(name: str, state: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The same under a name: `last` -> `finder.last`."""
    return {f"{name}.{key}": value for key, value in state.items()}
