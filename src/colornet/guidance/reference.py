"""Colors from a reference: each location gets those of similar locations of another photograph.

Locations are similar if the encoder's features are, and their lightness. Locations that resemble
nothing in the reference keep the model's colors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from colornet.notices import Notice

Floats = NDArray[np.float32]

SIDE = 32
"""Locations of a reference along each side. The cost of matching grows with its square."""
SHARPNESS = 0.03
"""Temperature of the weights of matching locations, in units of cosine similarity. A smaller one
prefers the best match."""
SHADES = 15.0
"""Standard deviation, in lightness units, of the difference between matching locations."""
UNLIKE, ALIKE = 0.35, 0.6
"""Cosine similarities at which the trust in a color is 0 and 1."""
COLORLESS = 4.0
"""Lab units. A photograph with weaker colors only counts as gray."""


@dataclass(frozen=True, eq=False)
class Reference:
    """An encoded reference, from `Colorizer.reference`.

    Attributes:
        prior: float32 (P,), the global prior; None: the model has none.
        locations: (C, N), the encoder's features at N locations, as unit vectors.
        lightness: (N,), 0..100.
        ab: (2, N), Lab units.
        origin: the photograph's name, if it has one, and SHA-256.
        notices: what may not be as expected.
    """

    prior: Floats | None
    locations: Floats
    lightness: Floats
    ab: Floats
    origin: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        prior = 0 if self.prior is None else self.prior.nbytes
        return prior + self.locations.nbytes + self.lightness.nbytes + self.ab.nbytes

    @property
    def has_color(self) -> bool:
        """Whether the photograph has colors."""
        return bool(np.abs(self.ab).max() >= COLORLESS)


def describe(features: Floats) -> Floats:
    """Convert feature maps (C, h, w) to unit vectors (C, h w), relative to their mean."""
    flat = features.reshape(len(features), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=0), 1e-6)


def match(reference: Reference, locations: Floats, lightness: Floats) -> tuple[Floats, Floats]:
    """Find the reference's colors for the locations of a picture.

    Args:
        reference: the reference.
        locations: (C, M), see `describe`.
        lightness: (M,), 0..100.

    Returns:
        ab (2, M) in Lab units, and the trust in each (M,), 0..1.
    """
    parts = range(0, len(lightness), 1024)  # limits memory
    found = [_match(reference, locations[:, i : i + 1024], lightness[i : i + 1024]) for i in parts]
    ab, trust = zip(*found, strict=True)
    return np.concatenate(ab, axis=1), np.concatenate(trust)


def _match(reference: Reference, locations: Floats, lightness: Floats) -> tuple[Floats, Floats]:
    cosine_similarity = locations.T @ reference.locations  # (M, N)
    shade = (lightness[:, None] - reference.lightness) / np.float32(SHADES)
    score = cosine_similarity / np.float32(SHARPNESS) - shade**2 / 2
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    trust = ((weight * cosine_similarity).sum(axis=1) - UNLIKE) / (ALIKE - UNLIKE)
    return reference.ab @ weight.T, trust.clip(0, 1)
