"""Where the things that hints of one photograph color are found in another.

The same person in the same dress looks alike to the encoder on another print, mirrored or cropped:
measured on such, the cosine similarity is 0.7 to 1, and below 0.5 between things of different
kinds. A match is only told if the way back leads to the hint again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colornet.errors import OptionError
from colornet.guidance import Hint
from colornet.guidance.raster import cells_under
from colornet.guidance.reference import SHADES, SHARPNESS, SIDE

Floats = NDArray[np.float32]

LEAST = 0.45
"""Cosine similarity of a match. With less, most are wrong."""
ASTRAY = 0.1
"""Sides of the photograph that the way back may end from the hint."""


@dataclass(frozen=True)
class Match:
    """A place that looks like the one under a hint of another photograph.

    Attributes:
        hint: index of the hint.
        x: of the place, a fraction of the width.
        y: of the place, a fraction of the height.
        similarity: 0..1; above 0.6 it mostly is the same thing.
    """

    hint: int
    x: float
    y: float
    similarity: float


class Seen(NamedTuple):
    """What the model sees in a photograph.

    Attributes:
        model: the name of that model.
        size: its width and height, in pixels.
        locations: (C, N), unit vectors of its N = SIDE x SIDE locations.
        lightness: (N,), 0..100.
    """

    model: str
    size: tuple[int, int]
    locations: Floats
    lightness: Floats

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.locations.nbytes + self.lightness.nbytes

    def scores(self, location: Floats, shade: float) -> tuple[Floats, Floats]:
        """How much each location is like one (C,) of that lightness.

        Returns:
            cosine similarity (N,), and the score (N,) in which the lightness counts too.
        """
        cosine = location @ self.locations
        score = cosine / SHARPNESS - ((self.lightness - shade) / SHADES) ** 2 / 2
        return cosine, score.astype(np.float32)


def find_matches(hints: Sequence[Hint], source: Seen, target: Seen) -> list[Match]:
    """The best match of each hint that has one.

    Args:
        hints: of the source.
        source: a photograph.
        target: another one, seen by the same model.

    Raises:
        GuidanceError: a hint lies outside of the source.
        OptionError: the two were seen by different models.
    """
    if source.model != target.model:
        remedy = "open both with the same one"
        raise OptionError("source", "was opened with another model", remedy)
    found = []
    for index, hint in enumerate(hints):
        under = cells_under(hint, source.size, (SIDE, SIDE), index)
        match = _match(index, np.flatnonzero(under), source, target)
        if match:
            found.append(match)
    return found


def _match(index: int, at: NDArray[np.int64], source: Seen, target: Seen) -> Match | None:
    location = source.locations[:, at].mean(axis=1)
    location /= max(float(np.linalg.norm(location)), 1e-6)
    cosine, score = target.scores(location, float(source.lightness[at].mean()))
    best = int(score.argmax())
    if cosine[best] < LEAST:
        return None
    _, back = source.scores(target.locations[:, best], float(target.lightness[best]))
    if _apart(int(back.argmax()), at) > ASTRAY:
        return None
    row, column = divmod(best, SIDE)
    similarity = round(float(min(cosine[best], 1.0)), 3)
    return Match(index, (column + 0.5) / SIDE, (row + 0.5) / SIDE, similarity)


def _apart(location: int, others: NDArray[np.int64]) -> float:
    """From the nearest of them, in sides of the photograph."""
    rows, columns = np.divmod(others, SIDE)
    return float(np.hypot(rows - location // SIDE, columns - location % SIDE).min()) / SIDE
