"""What the user says about color."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from colornet.errors import GuidanceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from colornet.picture import Source

MAX_SATURATION = 4.0


@dataclass(frozen=True, eq=False)
class Prior:
    """What a model knows about a whole photograph: its global prior.

    Attributes:
        values: float32 (prior,), as that model's encoder gave them.
    """

    values: NDArray[np.float32]


@dataclass(frozen=True)
class Guidance:
    """How a picture is to be colored.

    Raises:
        GuidanceError: a number out of range.
    """

    strength: float = 1.0
    """From 0, the gray original, to 1, the model's full color."""
    saturation: float = 1.0
    """Factor on the chroma, 0..4; colors that leave sRGB keep their lightness."""
    reference: Source | Prior | None = None
    """Another photograph, whose global prior takes the place of the picture's own; or that prior
    itself, from `Colorizer.prior`, where one reference serves many pictures."""
    setting: str | None = None
    """A named decoding of the model, such as "vivid" or "faithful"; None: its default."""

    def __post_init__(self) -> None:
        _check("strength", self.strength, 1.0)
        _check("saturation", self.saturation, MAX_SATURATION)


def _check(name: str, value: float, maximum: float) -> None:
    if not 0.0 <= value <= maximum:  # false for NaN too
        raise GuidanceError(name, f"{value} is out of range", f"use 0 to {maximum:g}")
