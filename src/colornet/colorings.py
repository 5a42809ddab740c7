"""`Colorings`, which has a picture's colors under each black and white point."""

from __future__ import annotations

import functools
import threading

from colornet.coloring import Coloring
from colornet.encoder import EncodedPicture, Encoder, needed_levels
from colornet.errors import OptionError
from colornet.guidance import Guidance
from colornet.guidance.checks import checked_levels, shown
from colornet.levels import AS_STORED, AskedLevels, Levels
from colornet.picture import Picture, Pixels
from colornet.upsample import KeptPlanes

KEPT = 2
"""Levels under which a picture stays encoded: those used last. With fewer, alternating between
some and none would run the encoder each time."""


class Colorings:
    """The colors of one picture under any levels. Several threads may use it."""

    def __init__(self, encoder: Encoder, encoded: EncodedPicture) -> None:
        self._encoder, self._picture, self._stored = encoder, encoded.picture, encoded.stored
        self._planes = KeptPlanes(encoded.picture)
        self._lock = threading.Lock()
        first = Coloring(encoder.session, encoded)
        self._latest: tuple[Coloring, ...] = (first,)  # the one used last is the first

    def under(self, asked: AskedLevels) -> Coloring:
        """The colors under these levels; the picture is encoded if that was not done.

        Raises:
            GuidanceError: these are no levels.
        """
        asked = checked_levels(asked)
        levels = self.auto_levels if asked == "auto" else asked or AS_STORED
        with self._lock:
            found = next((one for one in self._latest if one.encoded.levels == levels), None)
            if found is None:
                encoded = self._encoder.encode_under(levels, self._picture, self._stored)
                found = Coloring(self._encoder.session, encoded)
            others = (one for one in self._latest if one is not found)
            self._latest = (found, *others)[:KEPT]
        return found

    def pixels(self, guidance: Guidance, picture: Picture | None = None) -> Pixels:
        """The colored picture, with notices of its colors alone; see `Canvas.render`.

        Args:
            guidance: how to color it, its reference encoded.
            picture: the picture in another size; None: full size.

        Raises:
            OptionError: it is not a picture.
        """
        if picture is not None and not isinstance(picture, Picture):
            remedy = "use colornet.picture.shrunk(canvas.picture, side)"
            raise OptionError("picture", f"{shown(picture)} is not a Picture", remedy)
        planes = self._planes.whole if picture is None else None
        coloring = self.under(guidance.levels)
        return coloring.pixels(guidance, picture or self._picture, planes)

    @functools.cached_property
    def auto_levels(self) -> Levels:
        """The levels that the picture needs."""
        return needed_levels(self._picture, self._stored)

    @property
    def nbytes(self) -> int:
        """Bytes of memory of what is kept."""
        return self._planes.nbytes + sum(one.nbytes for one in self._latest)
