"""The prediction of a model for one picture, under its own prior or a reference.

Each graph runs once, in the thread that needs it first, and its outputs do not change, so several
threads may share a prediction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from colornet.errors import ModelLacks
from colornet.guidance import Prior
from colornet.guidance.reference import Reference, match
from colornet.guidance.variants import softmax
from colornet.model.session import Decoded, Encoded, Guided, Session
from colornet.resample import averaged, resample

Floats = NDArray[np.float32]


class Prediction:
    """The prediction of a model for one picture under one reference.

    Attributes:
        reference: the reference; None: the picture's own prior.
        card: the model's card.
        matched: the reference's colors (2, h, w) in Lab units, and the trust in each (h, w), 0..1;
            None: there are none.
    """

    def __init__(
        self,
        session: Session,
        lightness: Floats,
        encoded: Encoded,
        reference: Prior | Reference | None,
    ) -> None:
        self.reference, self.card = reference, session.card
        self._session, self._lightness, self._encoded = session, lightness, encoded
        self._lock = threading.RLock()
        self._decoded = session.decode(encoded, self._prior())
        self._guided: Guided | None = None
        self._remembered: tuple[Hashable, Floats] | None = None
        self.matched: tuple[Floats, Floats] | None = None
        if isinstance(reference, Reference) and reference.has_color:
            self.matched = self._match(reference)

    @property
    def decoded(self) -> Decoded:
        """The decoder's output."""
        return self._decoded

    @property
    def guided(self) -> Guided:
        """The guidance head's output; once it has run, the decoder's features are dropped."""
        with self._lock:
            if self._guided is None:
                self._guided = self._session.guide(self._encoded, self._decoded)
                self._decoded = self._decoded._replace(features=None)
        return self._guided

    @property
    def affinity(self) -> Floats:
        """The affinity (2 + 2 D, h, w), by which colors are smoothed and hints spread."""
        affinity = self.guided.affinity
        assert affinity is not None  # the card says so, and opening held the graph to it
        return affinity

    @property
    def lightness(self) -> Floats:
        """The lightness (h, w) of the cells of ab, 0..100."""
        return averaged(self._lightness, *self.decoded.ab.shape[1:])

    @property
    def distribution(self) -> tuple[Floats, Floats]:
        """The probability (Q, h, w) of each bin, and the bins (Q, 2) in Lab units.

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        self.card.check_distribution()
        logits = self.guided.logits
        assert logits is not None
        return softmax(logits), np.array(self.card.bins, np.float32)

    def remember(self, key: Hashable, compute: Callable[[], Floats]) -> Floats:
        """Colors that depend only on the key; those of the latest key are kept."""
        with self._lock:
            if self._remembered is None or self._remembered[0] != key:
                self._remembered = key, compute()
            return self._remembered[1]

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        remembered = (self._remembered[1],) if self._remembered else ()
        arrays = (*remembered, *(self.matched or ()))
        guided = self._guided.nbytes if self._guided else 0
        return self._decoded.nbytes + guided + sum(array.nbytes for array in arrays)

    def _match(self, reference: Reference) -> tuple[Floats, Floats]:
        _, height, width = self._decoded.ab.shape
        locations = self._session.locations(self._encoded, height, width)
        if len(locations) != len(reference.locations):
            self._refuse_reference()
        lightness = resample(self._lightness, height, width).reshape(-1)
        ab, trust = match(reference, locations, lightness)
        return ab.reshape(2, height, width), trust.reshape(height, width)

    def _prior(self) -> Floats | None:
        """The prior (1, P) that replaces the picture's own; None: none does."""
        if self.reference is None:
            return None
        reference, own = self.reference, self.card.prior
        values = reference.values if isinstance(reference, Prior) else reference.prior
        if values is None and not own and isinstance(reference, Reference) and reference.has_color:
            return None
        if not own:
            reason = "has no global prior, so that this reference cannot guide it"
            raise ModelLacks(self.card.name, reason, "give one in color")
        if values is None or values.size != own:
            self._refuse_reference()
        return values[np.newaxis]

    def _refuse_reference(self) -> NoReturn:
        remedy = "take the reference's from it"
        raise ModelLacks(self.card.name, "has another kind of prior", remedy)
