"""A model's graphs, run: a picture is encoded once, and decoded under as many priors as needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from colornet.errors import ModelDamaged
from colornet.grid import resample
from colornet.modelfile import (
    DECODER,
    ENCODER,
    GUIDE,
    ModelCard,
    ModelFolder,
    decoder_outputs,
    guide_outputs,
    open_graphs,
)
from colornet.reference import describe
from colornet.stopping import checkpoint

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
Tensors = dict[str, Floats]

PLACES = 16
"""Pixels of the model's input to a place, at least, by which references match."""


class Network:
    """The graphs of a model, loaded; from several threads they may be run without a lock.

    Attributes:
        card: what the model is.
    """

    def __init__(self, folder: ModelFolder, threads: int | None = None) -> None:
        """Load them.

        Raises:
            ModelDamaged: see `colornet.modelfile.open_graphs`.
        """
        self.card: ModelCard = folder.card
        self._path: Path = folder.path
        self._graphs = open_graphs(folder, threads)

    def encode(self, lightness: Floats) -> Tensors:
        """The features of a picture, and its prior if there is one: lightness (S, S), 0..100."""
        names = [*self.card.features, "prior"] if self.card.prior else list(self.card.features)
        inputs = {"lightness": lightness[np.newaxis, np.newaxis]}  # (1, 1, S, S)
        return self._run(self._graphs.encoder, ENCODER, inputs, names)

    def decode(self, encoded: Tensors) -> Tensors:
        """What `decoder_outputs` names, each (channels, h, w); colors in Lab units."""
        names = list(decoder_outputs(self.card))
        outputs = self._run(self._graphs.decoder, DECODER, encoded, names)
        return {name: output[0] for name, output in outputs.items()}

    def guide(self, encoded: Tensors, trunk: Floats) -> Tensors:
        """What `guide_outputs` names, each (channels, h, w)."""
        inputs = {name: encoded[name] for name in self.card.features} | {"trunk": trunk[None]}
        assert self._graphs.guide  # it is what the trunk is given out for
        outputs = self._run(self._graphs.guide, GUIDE, inputs, list(guide_outputs(self.card)))
        return {name: output[0] for name, output in outputs.items()}

    def places(self, encoded: Tensors, height: int, width: int) -> Floats:
        """(C, height width) unit vectors, of the features deep enough to know things."""
        maps = [encoded[name][0] for name in self.card.features]  # (c, side, side) each
        most = max(self.card.input_size // PLACES, min(features.shape[1] for features in maps))
        deep = [features for features in maps if features.shape[1] <= most]
        described = [describe(resample(features, height, width)) for features in deep]
        return np.concatenate(described) / np.float32(np.sqrt(len(deep)))

    def _run(
        self, graph: InferenceSession, file: str, inputs: Tensors, names: list[str]
    ) -> Tensors:
        checkpoint()
        try:
            outputs = dict(zip(names, graph.run(names, inputs), strict=True))
        except Exception as error:  # onnxruntime's errors have no common base
            reason = f"failed to run ({str(error).splitlines()[0]})"
            raise ModelDamaged(self._path / file, reason) from None
        if not all(np.isfinite(output).all() for output in outputs.values()):
            mend = "train it again, or use another model"
            raise ModelDamaged(self._path / file, "gives values that are no numbers", mend)
        return outputs
