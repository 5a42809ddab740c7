"""What a film asks of the model: frames encoded, and their colors under a prior and guidance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from colornet import pipeline
from colornet.coloring import encoded_reference
from colornet.guidance import Guidance, Prior
from colornet.guidance.raster import enforce_hints, rasterize
from colornet.notices import Notice
from colornet.prediction import Prediction
from colornet.resample import resample
from colornet.upsample import blurred

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer
    from colornet.model.session import Encoded

Floats = NDArray[np.float32]

GRID = 64
"""Side of the square on which motion is found and colors are carried."""
CHANGED = 2.0
"""Lab units, by which a hint has changed a color: less comes of the spreading."""


@dataclass(frozen=True)
class EncodedFrame:
    """A frame as the encoder describes it.

    Attributes:
        lightness: (S, S), 0..100.
        encoded: what the encoder gave.
    """

    lightness: Floats
    encoded: Encoded

    @property
    def prior(self) -> Floats | None:
        """(P,); None: the model has none."""
        return None if self.encoded.prior is None else self.encoded.prior[0]


class FrameColors:
    """A model, for the frames of a film of one size.

    Attributes:
        side: S, of the square that the model sees.
        grid: h, w of the colors that it gives, whatever the model's own are.
        notices: what of the hints cannot be done quite as asked, once for each kind and hint.
    """

    def __init__(self, colorizer: Colorizer, width: int, height: int) -> None:
        self._session = colorizer._encoder.session
        self._card = colorizer.card
        self._size = (width, height)
        self.side: int = self._card.input_size
        self.grid = (GRID, GRID)
        self.notices: dict[tuple[str, str], Notice] = {}

    def encode(self, lightness: Floats) -> EncodedFrame:
        """The features of a frame (S, S), 0..100."""
        return EncodedFrame(lightness, self._session.encode(lightness))

    def colors(self, frame: EncodedFrame, prior: Floats | None, guidance: Guidance) -> Floats:
        """Its colors (2, h, w) in Lab units.

        Args:
            frame: the frame.
            prior: what stands for the frame's own prior where the guidance has no reference.
            guidance: with hints of this very frame.

        Raises:
            GuidanceError, ModelLacks, ModelDamaged: see `Canvas.ab`.
        """
        self._card.check(guidance)
        setting = self._card.setting(guidance.setting)
        reference = encoded_reference(guidance)
        if reference is None and prior is not None:
            reference = Prior(prior)
        prediction = Prediction(self._session, frame.lightness, frame.encoded, reference)
        own = resample(frame.lightness, *prediction.decoded.ab.shape[1:])
        hints = rasterize(guidance.hints, self._size, own)
        ab, _ = pipeline.colorize(prediction, guidance, setting, hints, frame.lightness)
        for notice in hints.notices:
            self.notices.setdefault((notice.code, notice.subject), notice)
        return ab if ab.shape[1:] == self.grid else resample(ab, *self.grid)

    def hinted(
        self, ab: Floats, frame: EncodedFrame, prior: Floats | None, guidance: Guidance
    ) -> NDArray[np.bool_]:
        """Where (h, w) hints have changed the colors that `colors` gave."""
        without = self.colors(frame, prior, replace(guidance, hints=()))
        changed: NDArray[np.bool_] = np.hypot(*(ab - without)) > CHANGED
        return changed

    def smoothed(self, ab: Floats, shade: Floats, guidance: Guidance) -> tuple[Floats, Floats]:
        """With means over the cells around, but where hints are, which are to be exact.

        What a cell shows changes as things move over the grid, by less where cells overlap.

        Args:
            ab: (2, h, w), Lab units, of several frames together.
            shade: (h, w), lightness of the cells.
            guidance: of the frame.

        Returns:
            Both.
        """
        held = self._hold_hints(ab, shade, guidance)
        own = np.dstack([*held, shade]).astype(np.float64)
        hinted = (held != ab).any(axis=0)
        means = np.where(hinted[..., np.newaxis], own, blurred(own)).astype(np.float32)
        return np.moveaxis(means[..., :2], -1, 0), means[..., 2]

    def _hold_hints(self, ab: Floats, shade: Floats, guidance: Guidance) -> Floats:
        """Exact again where this frame's hints are."""
        strength = np.float32(guidance.strength)
        if not guidance.hints or not strength:
            return ab
        hints = rasterize(guidance.hints, self._size, shade)
        own = ab / strength
        brushed, told = own.copy(), ~hints.kept
        rows, columns = hints.cells[told].T
        brushed[:, rows, columns] = hints.ab[told].T
        return enforce_hints(brushed, hints, shade, own) * strength
