"""`Session`, which runs a model's graphs on one picture at a time, and their outputs."""

from __future__ import annotations

from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colornet.errors import ModelDamaged, OptionError
from colornet.guidance.reference import describe
from colornet.model.card import (
    AB,
    AFFINITY,
    DECODER,
    DECODER_FEATURES,
    ENCODER,
    GET_ANOTHER_COPY,
    GUIDANCE_HEAD,
    LIGHTNESS,
    LOGITS,
    PRIOR,
    VIVID,
    ModelCard,
    decoder_outputs,
    guidance_outputs,
)
from colornet.model.folder import ModelFolder
from colornet.model.graphs import begun_graphs
from colornet.resample import resample
from colornet.stopping import checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]

MOST_THREADS = 1024
LOCATION_STRIDE = 16
"""Smallest stride, in pixels of the model's input, of feature maps that are compared with a
reference. Maps with a smaller one know little of what a location shows."""


class Encoded(NamedTuple):
    """The encoder's output for a picture.

    Attributes:
        features: feature maps (1, C, h, w) by their names in the card.
        prior: (1, P), the global prior; None: the model has none.
    """

    features: Mapping[str, Floats]
    prior: Floats | None

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        arrays = (*self.features.values(), self.prior)
        return sum(array.nbytes for array in arrays if array is not None)


class Decoded(NamedTuple):
    """The decoder's output.

    Attributes:
        ab: (2, h, w), the most certain colors, in Lab units.
        vivid: (2, h, w), more colorful ones; None: the model has no settings.
        features: (C, h, w), of the last layer, for the guidance head; None: there is no such head,
            or it has run.
    """

    ab: Floats
    vivid: Floats | None
    features: Floats | None

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return sum(array.nbytes for array in self if array is not None)


class Guided(NamedTuple):
    """The guidance head's output.

    Attributes:
        logits: (Q, h, w), of the card's bins; None: the model has no distribution over colors.
        affinity: (2 + 2 D, h, w), see `colornet.guidance.propagation`; None: the model supports no
            hints.
    """

    logits: Floats | None
    affinity: Floats | None

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return sum(array.nbytes for array in self if array is not None)


class Session:
    """The loaded graphs of a model. Several threads may use it without a lock.

    Attributes:
        card: what the model is.
    """

    def __init__(self, folder: ModelFolder, threads: int | None = None) -> None:
        """Load the graphs.

        Raises:
            OptionError: `threads` is not a whole number from 1 to MOST_THREADS.
            ModelDamaged: see `colornet.model.graphs.begun_graphs`.
        """
        whole = isinstance(threads, Integral) and not isinstance(threads, bool)
        if threads is not None and not (whole and 1 <= threads <= MOST_THREADS):
            reason = f"{threads!r} is not a number of threads"
            raise OptionError("threads", reason, f"use 1, 2, 3 .. {MOST_THREADS}")
        self.card: ModelCard = folder.card
        self._path: Path = folder.path
        self._graphs = begun_graphs(folder, threads if threads is None else int(threads))

    def encode(self, lightness: Floats) -> Encoded:
        """Encode a picture by its lightness (S, S), 0..100."""
        names = [*self.card.features, PRIOR] if self.card.prior else [*self.card.features]
        inputs = {LIGHTNESS: lightness[np.newaxis, np.newaxis]}  # (1, 1, S, S)
        outputs = self._run(self._graphs.encoder, ENCODER, inputs, names)
        prior = outputs.pop(PRIOR, None)
        return Encoded(outputs, prior)

    def decode(self, encoded: Encoded, prior: Floats | None = None) -> Decoded:
        """Decode a picture, under its own prior or another one (1, P)."""
        prior = encoded.prior if prior is None else prior
        inputs = {**encoded.features} if prior is None else {**encoded.features, PRIOR: prior}
        names = decoder_outputs(self.card)
        found = self._run(self._graphs.decoder, DECODER, inputs, names)
        vivid, features = found.get(VIVID), found.get(DECODER_FEATURES)
        return Decoded(found[AB][0], _first(vivid), _first(features))

    def guide(self, encoded: Encoded, decoded: Decoded) -> Guided:
        """Run the guidance head, which the model must have, on the decoder's features."""
        graph = self._graphs.guidance_head
        assert graph
        assert decoded.features is not None
        inputs = {**encoded.features, DECODER_FEATURES: decoded.features[np.newaxis]}
        names = guidance_outputs(self.card)
        found = self._run(graph, GUIDANCE_HEAD, inputs, names)
        return Guided(_first(found.get(LOGITS)), _first(found.get(AFFINITY)))

    def locations(self, encoded: Encoded, height: int, width: int) -> Floats:
        """Unit vectors (C, height width) of deeper feature maps, to compare with a reference."""
        maps = [features[0] for features in encoded.features.values()]  # (c, side, side) each
        deepest = min(features.shape[1] for features in maps)
        largest = max(self.card.input_size // LOCATION_STRIDE, deepest)
        deep = [features for features in maps if features.shape[1] <= largest]
        described = [describe(resample(features, height, width)) for features in deep]
        return np.concatenate(described) / np.float32(np.sqrt(len(deep)))

    def _run(
        self,
        graph: InferenceSession,
        file: str,
        inputs: Mapping[str, Floats],
        names: Sequence[str],
    ) -> dict[str, Floats]:
        checkpoint()
        try:
            outputs = dict(zip(names, graph.run(list(names), dict(inputs)), strict=True))
        except Exception as error:  # onnxruntime's errors have no common base
            reason = f"failed to run ({str(error).splitlines()[0]})"
            raise ModelDamaged(self._path / file, reason, GET_ANOTHER_COPY) from None
        if not all(np.isfinite(output).all() for output in outputs.values()):
            remedy = "train it again, or use another model"
            raise ModelDamaged(self._path / file, "gives values that are not finite", remedy)
        return outputs


def _first(batch: Floats | None) -> Floats | None:
    """The first picture (C, h, w) of a batch (1, C, h, w)."""
    return None if batch is None else batch[0]
