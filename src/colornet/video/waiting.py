"""A frame of a film that waits for its colors, and how it is kept while the work is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.guidance import Guidance
from colornet.video.coloring import EncodedFrame
from colornet.video.motion import Motion

Floats = NDArray[np.float32]


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

    @property
    def encoded_lightness(self) -> Floats | None:
        """(S, S), of a frame that was encoded and is not decoded yet."""
        return self.lightness if self.motion is not None or self.begins else None

    def state(self) -> dict[str, NDArray[Any]]:
        """All but `what` and `guidance`."""
        lightness = self.encoded.lightness if self.encoded else self.lightness
        known = {"shade": self.shade, "begins": np.array(self.begins)}
        known |= {} if lightness is None else {"lightness": lightness}
        known |= {} if self.observed is None else {"observed": self.observed}
        return known | (vars(self.motion) if self.motion else {})

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]], what: Any, guidance: Guidance) -> Waiting:
        """As it was when `state` was asked for, but for `encoded`."""
        names = [field.name for field in fields(Motion)]
        motion = Motion(*(state[name] for name in names)) if names[0] in state else None
        lightness, observed = state.get("lightness"), state.get("observed")
        begins = bool(state["begins"])
        return cls(what, state["shade"], lightness, guidance, begins, motion, None, observed)


def below(name: str, state: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What stands under a name: `finder.last` -> `last`."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)
    }


def under(name: str, state: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The same under a name: `last` -> `finder.last`."""
    return {f"{name}.{key}": value for key, value in state.items()}
