"""`Coloring`, which computes a picture's colors under any guidance."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from colornet import pipeline
from colornet.encoder import EncodedPicture
from colornet.errors import GuidanceError
from colornet.guidance import Guidance, Prior
from colornet.guidance.brush import cells_at
from colornet.guidance.checks import checked_count, checked_number
from colornet.guidance.matches import Seen
from colornet.guidance.raster import HintRaster, rasterize, to_hex
from colornet.guidance.reference import SIDE, Reference
from colornet.guidance.variants import Suggestion, suggest
from colornet.levels import Planes
from colornet.model.session import Session
from colornet.notices import Notice
from colornet.picture import Picture, Pixels, model_opacity
from colornet.prediction import Prediction
from colornet.provenance import provenance
from colornet.resample import resample
from colornet.upsample import recombine

Floats = NDArray[np.float32]

COLORLESS = np.zeros((2, 1, 1), np.float32)
"""The ab (2, h, w) of gray."""
KEPT = 2
"""Predictions that a picture keeps, for the references used last. With fewer, alternating between a
reference and none would run the decoder each time."""


class Coloring:
    """The colors of one picture under any guidance. Several threads may use it.

    Attributes:
        encoded: the picture, under levels; those of a guidance do not count.
    """

    def __init__(self, session: Session, encoded: EncodedPicture) -> None:
        self._session, self.encoded = session, encoded
        self._lock = threading.Lock()
        self._latest: tuple[Prediction, ...] = ()  # the one used last is the first

    def prediction(self, reference: Prior | Reference | None) -> Prediction:
        """What the model predicts under a reference; None: under the picture's own prior.

        Raises:
            ModelLacks: the model cannot use this reference.
            ModelDamaged: the model fails, or its output is not finite.
        """
        with self._lock:
            found = next((one for one in self._latest if _same(one.reference, reference)), None)
            if found is None:
                lightness, encoded = self.encoded.lightness, self.encoded.encoded
                found = Prediction(self._session, lightness, encoded, reference)
            others = (one for one in self._latest if one is not found)
            self._latest = (found, *others)[:KEPT]
        return found

    @property
    def nbytes(self) -> int:
        """Bytes of memory of the encoded picture, the predictions, and what was seen in it."""
        seen: Seen | None = vars(self).get("seen")
        predicted = sum(one.nbytes for one in self._latest)
        return self.encoded.nbytes + predicted + (seen.nbytes if seen else 0)

    def ab(self, guidance: Guidance) -> tuple[Floats, tuple[Notice, ...]]:
        """The colors (2, h, w) in Lab units, and what may not be as expected in them.

        Args:
            guidance: how to color the picture, its reference encoded.

        Raises:
            GuidanceError, ModelLacks, ModelDamaged: see `Canvas.ab`.
        """
        card, name = self._session.card, self.encoded.picture.name
        card.check(guidance)
        setting = card.setting(guidance.setting)
        prediction = self.prediction(encoded_reference(guidance))
        try:
            hints = self._rasterize(guidance, prediction)
            ab, stays_gray = pipeline.colorize(
                prediction, guidance, setting, hints, self.encoded.lightness
            )
        except GuidanceError as error:
            raise GuidanceError(f"{name}, {error.subject}", error.reason, error.remedy) from None
        notices = [replace(told, subject=f"{name}, {told.subject}") for told in hints.notices]
        if stays_gray:
            reason = f"stays gray: the model {card.name} found no color for it"
            notices.append(Notice("stays-gray", reason, name))
        return ab, tuple(notices)

    def pixels(self, guidance: Guidance, picture: Picture, planes: Planes | None) -> Pixels:
        """The colored picture, with notices of its colors alone.

        Args:
            guidance: how to color it, its reference encoded.
            picture: the picture, perhaps in another size.
            planes: its lightness and alpha, without levels; None: they are decoded each time.

        Raises:
            GuidanceError, ModelLacks, ModelDamaged: see `Canvas.ab`.
        """
        ab, notices = self.ab(guidance)
        lightness, levels = self.encoded.lightness, self.encoded.levels
        pixels = recombine(picture, ab, lightness, planes, levels)
        made = provenance(self._session.card, guidance, levels)
        gray = recombine(picture, COLORLESS, self.encoded.stored, planes)
        return replace(pixels, made=made, before=gray, notices=notices)

    def suggest(self, x: float, y: float, n: int) -> list[Suggestion]:
        """Plausible colors of a point, see `Canvas.suggest`."""
        x, y, n = checked_number("x", x), checked_number("y", y), checked_count("n", n)
        width, height = self.encoded.picture.width, self.encoded.picture.height
        if not (0 <= x <= width and 0 <= y <= height):
            remedy = f"use a place within its {width} x {height} pixels"
            raise GuidanceError(f"{x:g},{y:g}", "lies outside the picture", remedy)
        distribution, bins = self.prediction(None).distribution
        cell = self._cell(x, y, distribution)
        colors, probabilities = suggest(distribution[:, *cell], bins, n)
        lightness = self.encoded.lightness
        shade = float(lightness[self._cell(x, y, lightness)])
        found: Counter[str] = Counter()
        for ab, probability in zip(colors, probabilities.tolist(), strict=True):
            found[to_hex(shade, ab)] += probability  # near black and white, several are one in sRGB
        return [Suggestion(*one) for one in found.most_common()]

    def _rasterize(self, guidance: Guidance, prediction: Prediction) -> HintRaster:
        picture = self.encoded.picture
        _, height, width = prediction.decoded.ab.shape
        opacity = self._opacity if guidance.hints else None
        return rasterize(
            guidance.hints,
            (picture.width, picture.height),
            resample(self.encoded.lightness, height, width),
            None if opacity is None else resample(opacity, height, width),
        )

    def _cell(self, x: float, y: float, map_: NDArray[np.float32]) -> tuple[int, int]:
        """The row and column of a map (.., h, w) at x, y in pixels of the picture."""
        *_, height, width = map_.shape
        size = self.encoded.picture.width, self.encoded.picture.height
        position = np.array([[x * width, y * height]]) / size
        row, column = cells_at(position, map_.shape)[0].tolist()
        return row, column

    @functools.cached_property
    def seen(self) -> Seen:
        """What the model sees at each location, to be matched with other photographs."""
        picture, lightness = self.encoded.picture, self.encoded.lightness
        locations = self._session.locations(self.encoded.encoded, SIDE, SIDE)
        shades = resample(lightness, SIDE, SIDE).reshape(-1)
        return Seen(self._session.card.name, (picture.width, picture.height), locations, shades)

    @functools.cached_property
    def _opacity(self) -> Floats | None:
        return model_opacity(self.encoded.picture, self._session.card.input_size)


def encoded_reference(guidance: Guidance) -> Prior | Reference | None:
    """The encoded reference of a guidance from `Encoder.prepare`."""
    reference = guidance.reference
    assert reference is None or isinstance(reference, Prior | Reference)
    return reference


def _same(one: Prior | Reference | None, other: Prior | Reference | None) -> bool:
    """Whether two references are equal, even if they were encoded separately."""
    if one is other:
        return True
    if isinstance(one, Prior) and isinstance(other, Prior):
        return np.array_equal(one.values, other.values)
    if not (isinstance(one, Reference) and isinstance(other, Reference)):
        return False
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("prior", "ab", "lightness", "locations")
    )
