"""The colors at the end of a shot, computed from its last frames alone.

A shot that shows the picture of an earlier one is drawn to the colors of that one's end. They are
those of its last frames, colored as a shot of its own: by every process and every run alike, in
whatever order shots are colored, and also where the earlier one is not wanted at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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

    def __init__(
        self,
        colors: FrameColors,
        looks: Callable[[range], Iterable[Floats]],
        asked: Mapping[range, Iterable[Guidance]] | None = None,
    ) -> None:
        """Of a film.

        Args:
            colors: the model.
            looks: gives the lightness (S, S), 0..100, of some frames.
            asked: the last frames of the shots whose ends will be asked for, and how to color them.
        """
        self._colors, self._looks, self._asked = colors, looks, asked or {}
        self._known: dict[range, dict[Guidance, Ending | None]] = {}
        self._of = {number: frames for frames in self._asked for number in frames}
        self._seen: list[Floats] = []  # of one of these

    def see(self, number: int, lightness: Floats) -> None:
        """Take a frame (S, S) as the film goes by.

        What will be asked for is computed then: films that cannot be searched would be read from
        their beginning for each.
        """
        if (frames := self._of.get(number)) is None:
            return
        self._seen.append(lightness)
        if number == frames[-1]:
            if len(self._seen) == len(frames):  # otherwise the work began within them
                self._keep(frames, self._asked[frames], self._seen)
            self._seen = []

    def of(self, frames: range, guidance: Guidance) -> Ending | None:
        """The end of a shot.

        Args:
            frames: its last ones.
            guidance: how to color it; its hints are of another shot, and left out.

        Returns:
            None: it has no colors under this guidance.
        """
        guidance = replace(guidance, hints=())
        if guidance not in self._known.get(frames, {}):
            wanted = {guidance, *self._asked.get(frames, ())}
            self._keep(frames, wanted, list(self._looks(frames)))
        self._known[frames] = self._known.pop(frames)  # the latest
        return self._known[frames][guidance]

    def _keep(self, frames: range, guidance: Iterable[Guidance], looks: Sequence[Floats]) -> None:
        self._known[frames] = {one: self._computed(looks, one) for one in guidance}
        for old in list(self._known)[:-KEPT]:
            del self._known[old]

    def _computed(self, looks: Iterable[Floats], guidance: Guidance) -> Ending | None:
        fusion = Fusion(self._colors, cuts=(0,))
        colored = []
        try:
            for lightness in looks:
                colored += fusion.push(lightness, guidance=guidance)
            last = [*colored, *fusion.finish()][-1]
        except GuidanceError:  # as a variant that these frames do not have
            return None
        fine = reduced(lightness, *(round(FINER * side) for side in self._colors.grid))
        return Ending(last.ab, last.shade, fine)
