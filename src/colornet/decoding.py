"""What a model says of one picture, under its own prior or a reference: computed when asked for.

Each is computed once, by the thread that asks first, and never changes; so threads that share a
picture get what belongs together, whatever the others ask for meanwhile.
"""

from __future__ import annotations

import threading
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from colornet import alternatives
from colornet.blotches import remove_blotches
from colornet.errors import GuidanceError, ModelLacks
from colornet.grid import averaged, resample
from colornet.guidance import Prior
from colornet.network import Network, Tensors
from colornet.reference import Reference, match

Floats = NDArray[np.float32]

KEPT = 2
"""References, none being one of them, whose decodings a picture keeps: those used last."""


class Decodings:
    """The decodings of one picture that were used last."""

    def __init__(self, network: Network, lightness: Floats, encoded: Tensors) -> None:
        self._network, self._lightness, self._encoded = network, lightness, encoded
        self._lock = threading.Lock()
        self._latest: tuple[Decoding, ...] = ()  # the one used last is the first

    def under(self, reference: Prior | Reference | None) -> Decoding:
        """The decoding by a reference; None: by the picture's own prior.

        Raises:
            ModelLacks: the model cannot use this reference.
            ModelDamaged: the model fails, or gives values that are no numbers.
        """
        with self._lock:
            found = next((one for one in self._latest if _same(one.reference, reference)), None)
            if found is None:
                found = Decoding(self._network, self._lightness, self._encoded, reference)
            others = (one for one in self._latest if one is not found)
            self._latest = (found, *others)[:KEPT]
        return found

    @property
    def nbytes(self) -> int:
        """Memory that they take."""
        return sum(one.nbytes for one in self._latest)


class Decoding:
    """What a model says of one picture under one reference.

    Attributes:
        reference: None: the picture's own prior.
        ab: (2, h, w), the model's surest colors in Lab units.
    """

    def __init__(
        self,
        network: Network,
        lightness: Floats,
        encoded: Tensors,
        reference: Prior | Reference | None,
    ) -> None:
        self.reference = reference
        self._network, self._lightness, self._encoded = network, lightness, encoded
        self._lock = threading.RLock()
        self._decoded = network.decode(encoded | self._prior())
        self._guided: Tensors | None = None
        self._own: tuple[tuple[float, int], Floats] | None = None
        self._matched: tuple[Floats, Floats] | None = None
        self.ab = self._decoded["ab"]
        if isinstance(reference, Reference) and reference.has_color:
            self._matched = self._match(reference)

    @property
    def shade(self) -> Floats:
        """The lightness (h, w) of the cells of ab, 0..100."""
        return averaged(self._lightness, *self.ab.shape[1:])

    @property
    def affinity(self) -> Floats:
        """(2 + 2 D, h, w), by which hints spread and blotches are removed."""
        return self._guide()["affinity"]

    @property
    def distribution(self) -> tuple[Floats, Floats]:
        """The probability (Q, h, w) of each bin, and the bins (Q, 2) in Lab units.

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        card = self._network.card
        if not card.bins:
            reason = "has no distribution over colors, and so no suggestions and no variants"
            raise ModelLacks(card.name, reason, "use a model that has one")
        return alternatives.softmax(self._guide()["logits"]), np.array(card.bins, np.float32)

    def colors(self, vividness: float = 0.0, variant: int = 0) -> Floats:
        """The colors (2, h, w) without hints, blotches removed, and the reference's in them.

        Args:
            vividness: share of the decoder's "vivid".
            variant: 0: the likeliest colors; k: the k-th other plausible ones.

        Raises:
            GuidanceError: there are not so many variants.
            ModelLacks: the model has none.
        """
        with self._lock:
            if self._own is None or self._own[0] != (vividness, variant):
                self._own = (vividness, variant), self._colors(vividness, variant)
            ab = self._own[1]
        if self._matched:
            matched, trust = self._matched
            ab = ab + trust * (matched - ab)
        return ab

    def variants(self, count: int) -> list[Floats]:
        """Other plausible colors (2, h, w), see `colornet.alternatives.variants`.

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        return alternatives.variants(self.ab, *self.distribution, count)

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        own = (self._own[1],) if self._own else ()
        arrays = (*self._decoded.values(), *(self._guided or {}).values(), *own)
        return sum(array.nbytes for array in (*arrays, *(self._matched or ())))

    def _colors(self, vividness: float, variant: int) -> Floats:
        ab = self.ab
        if vividness:
            ab = ab + np.float32(vividness) * (self._decoded["vivid"] - ab)
        if variant:
            others = self.variants(variant)
            if len(others) < variant:
                reason = f"{variant} is more than the {len(others)} that this picture allows"
                raise GuidanceError("variant", reason, f"use 0 to {len(others)}")
            ab = ab + (others[-1] - self.ab)
        if self._network.card.hints:
            ab = remove_blotches(ab, self.affinity, self.shade)
        return ab

    def _guide(self) -> Tensors:
        """What the guide gives, for which the trunk is needed no longer."""
        with self._lock:
            if self._guided is None:
                self._guided = self._network.guide(self._encoded, self._decoded["trunk"])
                self._decoded = {n: v for n, v in self._decoded.items() if n != "trunk"}
        return self._guided

    def _match(self, reference: Reference) -> tuple[Floats, Floats]:
        """The reference's colors (2, h, w), and how far to trust each (h, w)."""
        _, height, width = self.ab.shape
        places = self._network.places(self._encoded, height, width)
        if len(places) != len(reference.places):
            self._refuse_reference()
        lightness = resample(self._lightness, height, width).reshape(-1)
        ab, trust = match(reference, places, lightness)
        return ab.reshape(self.ab.shape), trust.reshape(height, width)

    def _prior(self) -> Tensors:
        """What replaces the picture's own prior."""
        if self.reference is None:
            return {}
        reference, own = self.reference, self._network.card.prior
        values = reference.values if isinstance(reference, Prior) else reference.prior
        if values is None and not own and isinstance(reference, Reference) and reference.has_color:
            return {}
        if not own:
            reason = "has no global prior, so that this reference cannot guide it"
            raise ModelLacks(self._network.card.name, reason, "give one in color")
        if values is None or values.size != own:
            self._refuse_reference()
        return {"prior": values[np.newaxis]}

    def _refuse_reference(self) -> NoReturn:
        name = self._network.card.name
        raise ModelLacks(name, "has another kind of prior", "take the reference's from it")


def _same(one: Prior | Reference | None, other: Prior | Reference | None) -> bool:
    """Whether they tell the same, were they read from the photograph anew or not."""
    if one is other:
        return True
    if isinstance(one, Prior) and isinstance(other, Prior):
        return np.array_equal(one.values, other.values)
    if not (isinstance(one, Reference) and isinstance(other, Reference)):
        return False
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("prior", "ab", "lightness", "places")
    )
