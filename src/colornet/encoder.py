"""Reading and encoding of photographs, to be colored or as references."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colornet.errors import ModelLacks, OptionError, UnreadablePicture
from colornet.guidance import Guidance, Prior
from colornet.guidance.reference import SIDE, Reference
from colornet.levels import AS_STORED, AskedLevels, Levels, find_levels, leveled
from colornet.model.session import Encoded, Session
from colornet.notices import Notice
from colornet.picture import (
    Limits,
    Picture,
    model_ab,
    model_lightness,
    model_opacity,
    read,
    too_dark,
)
from colornet.provenance import identify
from colornet.resample import resample

if TYPE_CHECKING:
    from colornet.picture import Source

Floats = NDArray[np.float32]

COLOR_DISCARDED = Notice("color-discarded", "is in color already; its own colors are discarded")
DARK = 60.0
"""Lightness. A 16-bit picture that is nowhere brighter may have values of fewer bits."""
ANOTHER = "get another copy of it, or take another photograph as the reference"


class EncodedPicture(NamedTuple):
    """A picture that was encoded.

    Attributes:
        picture: the picture.
        stored: (S, S), 0..100, the lightness of the picture squashed to a square.
        levels: that it was encoded under.
        lightness: (S, S), 0..100, the same under these levels.
        encoded: the encoder's output.
    """

    picture: Picture
    stored: Floats
    levels: Levels
    lightness: Floats
    encoded: Encoded

    @property
    def nbytes(self) -> int:
        """Bytes of memory, without those of the picture."""
        return self.stored.nbytes + self.lightness.nbytes + self.encoded.nbytes

    def find_notices(self) -> tuple[Notice, ...]:
        """What may not be as expected in the picture. This decodes one that is dark once more.

        Raises:
            UnreadablePicture: the picture is damaged or cut off.
        """
        picture = self.picture
        found = [*picture.notices, *([COLOR_DISCARDED] * picture.had_color), *picture.doubts]
        if self.stored.max() < DARK and (suspicion := too_dark(picture)):
            found.append(suspicion)
        return tuple(notice.about(picture.name) for notice in found)


def needed_levels(picture: Picture, stored: Floats) -> Levels:
    """The levels that a picture needs, see `colornet.levels.find_levels`."""
    return find_levels(stored, model_opacity(picture, len(stored)))


class Encoder:
    """A reader of photographs, which encodes them with a model.

    Attributes:
        session: the model, loaded.
        limits: limits on the pictures; None: the defaults.
    """

    def __init__(self, session: Session, limits: Limits | None = None) -> None:
        if not isinstance(limits, Limits | None):
            raise OptionError("limits", f"{limits!r} is not a Limits", "use Limits(pixels=..)")
        self.session, self.limits = session, limits

    def read(self, source: Source, partial: bool = False, page: int | None = None) -> Picture:
        """Open a picture, see `colornet.picture.read`."""
        return read(source, self.limits, partial, page)

    def encode(self, picture: Picture, asked: AskedLevels = None) -> EncodedPicture:
        """Encode a picture under the levels that were asked for."""
        stored = model_lightness(picture, self.session.card.input_size)  # (S, S)
        levels = needed_levels(picture, stored) if asked == "auto" else asked or AS_STORED
        return self.encode_under(levels, picture, stored)

    def encode_under(self, levels: Levels, picture: Picture, stored: Floats) -> EncodedPicture:
        """Encode a picture under levels.

        Args:
            levels: its black and white point.
            picture: the picture.
            stored: (S, S), 0..100, its lightness without them, from `model_lightness`.
        """
        lightness = leveled(stored, levels)
        return EncodedPicture(picture, stored, levels, lightness, self.session.encode(lightness))

    def prior(self, source: Source) -> Prior:
        """The global prior of a photograph.

        Raises:
            ModelLacks: the model has no global prior.
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.
        """
        card = self.session.card
        if not card.prior:
            reason = "has no global prior, so that no reference can guide it"
            raise ModelLacks(card.name, reason, "leave the reference out")
        with _errors_about_a_reference():
            prior = self.encode(self.read(source)).encoded.prior
        assert prior is not None
        return Prior(prior[0])

    def refer(self, source: Source) -> Reference:
        """Encode a photograph as a reference.

        Raises:
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.
        """
        with _errors_about_a_reference():
            reference = self.refer_encoded(self.encode(self.read(source)))
        return replace(reference, origin=identify(source))

    def refer_encoded(self, encoded: EncodedPicture) -> Reference:
        """A reference from an encoded picture; its origin has only the name.

        Raises:
            UnreadablePicture: the file was removed or changed.
        """
        picture, prior = encoded.picture, encoded.encoded.prior
        ab = model_ab(picture, self.session.card.input_size)
        reference = Reference(
            prior=None if prior is None else prior[0],
            locations=self.session.locations(encoded.encoded, SIDE, SIDE),
            lightness=resample(encoded.lightness, SIDE, SIDE).reshape(-1),
            ab=resample(ab, SIDE, SIDE).reshape(2, -1),
            origin={"name": Path(picture.name).name},
        )
        if reference.has_color:
            return reference
        reason = "has no colors to take over; only its overall impression counts"
        notice = Notice("reference-without-color", reason, picture.name)
        return replace(reference, notices=(notice,))

    def prepare(self, guidance: Guidance | None) -> tuple[Guidance, tuple[Notice, ...]]:
        """Encode the reference of a guidance; returns the guidance and notices about the reference.

        A reference that is encoded already gives no notices. None is the usual guidance.

        Raises:
            GuidanceError: it is not a guidance.
            ModelLacks: the model has no such setting, or takes no hints.
            UnreadablePicture, PictureTooLarge: the reference cannot be read.
        """
        guidance = Guidance.of(guidance)
        self.session.card.check(guidance)
        source = guidance.reference
        if source is None or isinstance(source, Prior | Reference):
            return guidance, ()
        reference = self.refer(source)
        return replace(guidance, reference=reference), reference.notices


@contextmanager
def _errors_about_a_reference() -> Iterator[None]:
    """Errors whose remedy holds for a reference, of which a part is not enough."""
    try:
        yield
    except UnreadablePicture as error:
        remedy = ANOTHER if "--partial" in error.remedy else error.remedy
        raise UnreadablePicture(error.subject, error.reason, remedy) from None
