"""The colors at the end of a shot, computed from its last frames alone.

A shot that shows the picture of an earlier one is drawn to the colors of that one's end. They are
those of its last frames, colored as a shot of its own: by every process and every run alike, in
whatever order shots are colored, and also where the earlier one is not wanted at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from colornet.errors import GuidanceError
from colornet.guidance import Guidance
from colornet.video.fusion import FINER, Fusion
from colornet.video.inherited import Ending, Floats
from colornet.video.motion import reduced
from colornet.video.scenes import KEPT

if TYPE_CHECKING:
    from colornet.video.coloring import FrameColors

TAIL = 24
"""Frames, at most, that they are computed from."""


class Endings:
    """Those of the shots of a film, of which the last that were asked for are kept."""

    def __init__(self, colors: FrameColors, looks: Callable[[range], Iterable[Floats]]) -> None:
        """Of a film.

        Args:
            colors: the model.
            looks: gives the lightness (S, S), 0..100, of some frames.
        """
        self._colors, self._looks = colors, looks
        self._known: dict[tuple[range, Guidance], Ending | None] = {}

    def of(self, frames: range, guidance: Guidance) -> Ending | None:
        """The end of a shot.

        Args:
            frames: its last ones.
            guidance: how to color it; its hints are of another shot, and left out.

        Returns:
            None: it has no colors under this guidance.
        """
        key = frames, replace(guidance, hints=())
        if key in self._known:
            self._known[key] = self._known.pop(key)  # the latest
        else:
            self._known[key] = self._computed(*key)
        for old in list(self._known)[:-KEPT]:
            del self._known[old]
        return self._known[key]

    def _computed(self, frames: range, guidance: Guidance) -> Ending | None:
        fusion = Fusion(self._colors, cuts=(0,))
        colored = []
        try:
            for lightness in self._looks(frames):
                colored += fusion.push(lightness, guidance=guidance)
            last = [*colored, *fusion.finish()][-1]
        except GuidanceError:  # as a variant that these frames do not have
            return None
        fine = reduced(lightness, *(round(FINER * side) for side in self._colors.grid))
        return Ending(last.ab, last.shade, fine)
