"""The colors of a film's frames, held still along what moves.

Each frame that the network colors is an observation. Their running mean, and the weight of what it
rests on, are carried from frame to frame along the motion, forward from the cut before and backward
from the frames ahead; the two are joined by weight. So a thing has the color that was seen on it in
dozens of frames, and the network runs only every few frames, or where little is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.guidance import Guidance
from colornet.resample import averaged
from colornet.video.coloring import FrameColors
from colornet.video.inherited import Ending, begun, carried_on, drawn, extended
from colornet.video.likeness import Likeness
from colornet.video.lookahead import from_ahead
from colornet.video.motion import between, carried, reduced
from colornet.video.priors import Priors
from colornet.video.shots import CutFinder
from colornet.video.strength import Strength
from colornet.video.sums import MOST, dimmed, mean, none, seen, step
from colornet.video.waiting import Waiting, below, under

Floats = NDArray[np.float32]

AHEAD = 72
"""Frames looked at beyond the one that is colored: with 32, colors drift where a camera zooms."""
LEAST_AHEAD = 24
"""As many at least, however large the frames are."""
WAITING = 200e6
"""Bytes that the frames that wait take, unless these are very large."""
TOGETHER = 24
"""Frames colored at a time, which share the way back from the frames ahead."""
EVERY = 5
"""The network runs on one of so many frames of a shot, and on all that have hints."""
GOLDEN = (5**0.5 - 1) / 2
"""Makes the distances of these frames vary. At equal ones, a camera that moves evenly may show the
network the same pixel grid each time, and the errors that come of it would not average out."""
KNOWN, UNKNOWN_SHARE = 0.5, 0.1
"""And where more than this share of the cells rest on less than so much of a frame."""
FLASH = 3
"""Frames, at most, of something else within a shot, as a flash: each is colored by itself."""
FINER = 1.5
"""Motion is looked for on a grid that is as many times finer: cells are large for it. Twice as fine
takes twice the time, and colors hold stiller only where much turns or crosses."""


@dataclass(frozen=True)
class Colored:
    """A frame's colors.

    Attributes:
        what: what was pushed with the frame.
        ab: (2, h, w), Lab units.
        shade: (h, w), lightness of what these are the colors of, 0..100.
        begins: whether it begins a shot, also one whose cut was not told.
        observed: whether the network ran on it.
    """

    what: Any
    ab: Floats
    shade: Floats
    begins: bool
    observed: bool


class Fusion:
    """Frames of a film go in one by one; the same frames come out, colored, some frames later."""

    def __init__(
        self,
        colors: FrameColors,
        every: int = EVERY,
        cuts: Collection[int] | None = None,
        frame_bytes: int = 0,
    ) -> None:
        """Begin a film.

        Args:
            colors: the model.
            every: the network runs on one of so many frames of a shot at least.
            cuts: the numbers of the frames that begin a shot; None: they are to be found.
            frame_bytes: what is pushed beside a frame takes in memory.
        """
        self._colors, self._every, self._cuts = colors, every, cuts
        fitting = int(WAITING / max(frame_bytes, 1)) - TOGETHER
        self._ahead = min(max(fitting, LEAST_AHEAD), AHEAD)
        self._finder = CutFinder()
        self._pushed = 0
        self._fine: Floats | None = None  # the lightness of the one entered last, finer
        self._likeness: Likeness | None = None
        self._inherited: Floats | None
        self._undecided: deque[Waiting] = deque()
        self._odd: deque[Waiting] = deque()  # that show something else than the shot
        self._shot: deque[Waiting] = deque()
        self._begin_shot()

    def push(
        self,
        lightness: Floats,
        what: Any = None,
        guidance: Guidance | None = None,
        ending: Ending | None = None,
    ) -> list[Colored]:
        """Take the next frame.

        Args:
            lightness: (S, S), 0..100.
            what: comes back with its colors.
            guidance: how to color it; its hints are where their things are in this frame.
            ending: of an earlier shot that showed the same, for the frame of a cut that is told.

        Returns:
            Frames that are colored by now, in order.

        Raises:
            GuidanceError, ModelLacks, ModelDamaged: see `FrameColors.colors`.
        """
        shade = averaged(lightness, *self._colors.grid)
        frame = Waiting(what, shade, lightness, guidance or Guidance(), ending=ending)
        self._undecided.append(frame)
        number, self._pushed = self._pushed, self._pushed + 1
        if self._cuts is None:
            decided = self._finder.push(shade)
        else:
            decided = [number == 0 or number in self._cuts]
        return self._entered(decided)

    def _entered(self, decided: Sequence[bool]) -> list[Colored]:
        colored = []
        for begins in decided:
            colored += self._enter(self._undecided.popleft(), begins)
        return colored

    @property
    def waiting(self) -> int:
        """Frames that were pushed and are not colored yet."""
        return len(self._shot) + len(self._odd) + len(self._undecided)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it knows, but what was pushed beside the frames, as arrays with names."""
        state: dict[str, NDArray[Any]] = {
            "numbers": np.array([self._number, self._pushed, self._decoded]),
            "expected": self._expected,
            "sums": self._sums,
        } | under("strength", self._strength.state())
        if self._inherited is not None:
            state["inherited"] = self._inherited
        if self._fine is not None and self._likeness is not None:
            state |= {"fine": self._fine} | under("likeness", self._likeness.state())
        for number, frame in enumerate((*self._shot, *self._odd, *self._undecided)):
            state |= under(str(number), frame.state())
        state |= under("finder", self._finder.state()) | under("priors", self._priors.state())
        return state | {"lengths": np.array([len(self._shot), len(self._odd)])}

    def restore(
        self, state: Mapping[str, NDArray[Any]], frames: Sequence[tuple[Any, Guidance]]
    ) -> None:
        """Go on where `state` was asked for.

        Args:
            state: what it gave.
            frames: what was pushed with each frame that waits.
        """
        self._number, self._pushed, self._decoded = state["numbers"].tolist()
        self._expected, self._sums = state["expected"], state["sums"]
        self._inherited = state.get("inherited")
        self._strength = Strength.restored(below("strength", state))
        self._priors = Priors.restored(below("priors", state))
        self._fine = state.get("fine")
        if self._fine is not None:
            self._likeness = Likeness.restored(below("likeness", state))
        self._finder = CutFinder.restored(below("finder", state))
        known = []
        for number, (what, guidance) in enumerate(frames):
            known.append(Waiting.restored(below(str(number), state), what, guidance))
            encoded = known[-1].encoded_lightness
            if encoded is not None:
                known[-1].encoded, known[-1].lightness = self._colors.encode(encoded), None
        shot, odd = state["lengths"].tolist()
        self._shot, self._odd = deque(known[:shot]), deque(known[shot : shot + odd])
        self._undecided = deque(known[shot + odd :])

    def finish(self) -> list[Colored]:
        """The last frames."""
        colored = self._entered(self._finder.finish() if self._cuts is None else [])
        while self._odd:
            colored += self._begin_with_odd()
        return colored + self._color(len(self._shot))

    def _begin_shot(self) -> None:
        self._number = 0  # of the next frame in its shot
        self._expected = np.zeros(self._colors.grid, np.float32)  # weight forward, at that frame
        self._sums = none(*self._colors.grid)  # forward, at the last colored
        self._fine = None
        self._likeness = None
        self._priors = Priors()
        self._decoded = 0  # of those that wait, those whose prior was told
        self._handed_on: list[Floats] = []  # see `from_ahead`
        self._inherited = None  # sums as these, from an earlier shot
        self._strength = Strength()

    def _enter(self, frame: Waiting, begins: bool) -> list[Colored]:
        """Add a frame to its shot, and run the encoder if the network is to see it."""
        colored = []
        while begins and self._odd:
            colored += self._begin_with_odd()
        assert frame.lightness is not None
        fine = reduced(frame.lightness, *(round(FINER * side) for side in self._colors.grid))
        if begins:
            colored += self._color(len(self._shot))
            self._begin_shot()
            self._likeness = Likeness(frame.shade)
            frame.begins = True
            self._inherited = begun(frame.ending, fine) if frame.ending else None
        elif self._fine is not None and self._likeness is not None:
            motion = between(self._fine, fine, FINER)
            if motion.leads_elsewhere:  # a flash, or a cut that was not found
                self._odd.append(frame)
                return self._begin_with_odd() if len(self._odd) > FLASH else []
            self._number += len(self._odd)
            for odd in self._odd:
                odd.put_aside(self._colors)
            self._shot += self._odd
            self._odd.clear()
            frame.motion = self._likeness.compared(frame.shade, motion)
            moved = carried(self._expected[np.newaxis], frame.motion.back)[0]
            self._expected = np.minimum(moved, MOST) * frame.motion.back_trust
        unknown = float((self._expected < KNOWN).mean())
        if self._is_turn() or unknown > UNKNOWN_SHARE or frame.guidance.hints:
            frame.encoded = self._colors.encode(frame.lightness)
            self._expected = self._expected + 1
        frame.lightness, self._fine = None, fine
        self._number += 1
        self._shot.append(frame)
        if len(self._shot) >= self._ahead + TOGETHER:
            colored += self._color(TOGETHER)
        return colored

    def _begin_with_odd(self) -> list[Colored]:
        """Begin a shot with the first frame that showed something else."""
        odd, self._odd = self._odd, deque()
        entered = [self._enter(frame, begins=not k) for k, frame in enumerate(odd)]
        return [one for colored in entered for one in colored]

    def _is_turn(self) -> bool:
        """Whether the network is to see the next frame, whatever it shows."""
        group, place = divmod(self._number, self._every)
        return place == int(self._every * (group * GOLDEN % 1))

    def _color(self, count: int) -> list[Colored]:
        """Color the first frames of those that wait."""
        new = list(self._shot)[self._decoded :]
        for frame, prior in zip(new, self._priors.of(new), strict=True):
            if frame.encoded is not None:
                ab = self._colors.colors(frame.encoded, prior, frame.guidance)
                if frame.guidance.hints and self._inherited is not None:
                    frame.hinted = self._colors.hinted(ab, frame.encoded, prior, frame.guidance)
                frame.observed, frame.encoded = ab.astype(np.float16), None
        behind, self._handed_on = from_ahead(
            list(self._shot), count, self._decoded, TOGETHER, self._handed_on
        )
        self._decoded = len(self._shot) - count
        told = [frame.guidance for frame in list(self._shot)[:count]]
        colored, pulls = [], []
        for later in behind:
            frame = self._shot.popleft()
            if frame.motion is None:
                self._sums = np.zeros_like(self._sums)
            else:
                self._sums = step(self._sums, frame.motion.back, frame.motion.back_trust)
                self._inherited = carried_on(self._inherited, frame.motion)
            self._sums = seen(self._sums, frame.told, frame.shade)
            sums = self._sums + later
            ab, dim = mean(sums), dimmed(sums, frame.shade)
            if frame.motion is None:
                self._inherited = extended(self._inherited, ab, frame.shade)
            observed, own = frame.observed is not None, frame.shown(ab * dim)
            colored.append(Colored(frame.what, own, frame.shade, frame.begins, observed))
            if frame.told is not None:
                self._strength.see(frame.told, ab)
            if frame.hinted is not None and self._inherited is not None:
                self._inherited = self._inherited * ~frame.hinted  # and from here on
            pulls.append((sums[-1], None if frame.aside else self._inherited, dim))
        each = zip(colored, self._strength.factors(count), pulls, told, strict=True)
        finished = []
        for one, factor, pull, guidance in each:
            ab = drawn(one.ab * np.float32(factor), *pull)
            ab, shade = self._colors.smoothed(ab, one.shade, guidance)
            finished.append(replace(one, ab=ab, shade=shade))
        return finished
