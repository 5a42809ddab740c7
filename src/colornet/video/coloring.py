"""What a film asks of the model: frames encoded, and their colors under a prior and guidance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from colornet.decoding import Decoding
from colornet.errors import ModelLacks
from colornet.grid import resample
from colornet.guidance import Prior
from colornet.placement import place, settle
from colornet.propagation import spread

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer
    from colornet.guidance import Guidance
    from colornet.network import Network, Tensors

Floats = NDArray[np.float32]

GRID = 64
"""Side of the square on which motion is found and colors are carried."""


@dataclass(frozen=True)
class Encoded:
    """A frame as the encoder describes it.

    Attributes:
        lightness: (S, S), 0..100.
        tensors: what the encoder gave.
    """

    lightness: Floats
    tensors: Tensors

    @property
    def prior(self) -> Floats | None:
        """(P,); None: the model has none."""
        return self.tensors["prior"][0] if "prior" in self.tensors else None


class FrameColors:
    """A model, for the frames of a film of one size.

    Attributes:
        side: S, of the square that the model sees.
        grid: h, w of the colors that it gives, whatever the model's own are.
    """

    def __init__(self, colorizer: Colorizer, width: int, height: int) -> None:
        self._network: Network = colorizer._network
        self._card = colorizer.card
        self._size = (width, height)
        self.side: int = self._card.input_size

    grid = (GRID, GRID)

    def encode(self, lightness: Floats) -> Encoded:
        """The features of a frame (S, S), 0..100."""
        return Encoded(lightness, self._network.encode(lightness))

    def colors(self, frame: Encoded, prior: Floats | None, guidance: Guidance) -> Floats:
        """Its colors (2, h, w) in Lab units.

        Args:
            frame: the frame.
            prior: what stands for the frame's own prior where the guidance has no reference.
            guidance: with hints of this very frame.

        Raises:
            GuidanceError, ModelLacks, ModelDamaged: see `Canvas.ab`.
        """
        setting = self._card.setting(guidance.setting)
        reference = guidance.reference
        if reference is None and prior is not None:
            reference = Prior(prior)
        decoding = Decoding(self._network, frame.lightness, frame.tensors, reference)  # type: ignore[arg-type]
        ab = decoding.colors(setting.vividness, guidance.variant)
        ab = ab * np.float32(guidance.saturation * setting.saturation)
        if guidance.hints:
            ab = self._hinted(ab, decoding, frame.lightness, guidance)
        if ab.shape[1:] != self.grid:
            ab = resample(ab, *self.grid)
        return ab * np.float32(guidance.strength)

    def _hinted(
        self, own: Floats, decoding: Decoding, lightness: Floats, guidance: Guidance
    ) -> Floats:
        if not self._card.hints:
            raise ModelLacks(
                self._card.name, "takes no hints", "leave them out, or use a model that does"
            )
        small = resample(lightness, *own.shape[1:])
        placed = place(guidance.hints, self._size, small, None, own)
        looks = np.concatenate([decoding.shade[np.newaxis], decoding.ab])
        told = (placed.cells, placed.ab, placed.kept, placed.reach, placed.hint)
        ab = spread(own, decoding.affinity, looks, *told)
        return settle(ab, placed, lightness, own)
