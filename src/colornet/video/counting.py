"""What a container that holds no times can hold of a film: AVI counts its frames and its sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from colornet.errors import OptionError
from colornet.video.codecs import COUNTING, Coder
from colornet.video.names import codec_of
from colornet.video.packets import Span, time_of, wanted
from colornet.video.source import Source
from colornet.video.supported import containers_of, kept

GAP = Fraction(1, 10)
"""Seconds without sound that are not made up for: all that follows is early by them."""


def check(source: Source, coder: Coder, pts: Sequence[int], span: Span) -> None:
    """See whether the times of a film are those that come out by counting.

    Args:
        source: the film.
        coder: how it is written.
        pts: of each frame.
        span: what of it is wanted.

    Raises:
        OptionError: they are not.
    """
    if coder.container not in COUNTING:
        return
    if not _even(source, pts):
        reason = f"has a variable frame rate, which {coder.container} cannot hold"
        raise OptionError(source.path, reason, _remedy(source))
    if (late := _silent(source, coder, span)) > GAP:
        reason = f"has sound that would be {float(late):.1f} s early in {coder.container}"
        why = "which cannot hold that it begins late or has gaps"
        raise OptionError(source.path, f"{reason}, {why}", _remedy(source))


def _even(source: Source, pts: Sequence[int]) -> bool:
    """Whether the frames come at times of a clock that ticks at the film's rate."""
    step = 1 / (source.rate * source.time_base)
    counts = [(time - pts[0]) / step for time in pts]
    at_ticks = all(abs(count - round(count)) < 1 / 4 for count in counts)
    return at_ticks and len(set(map(round, counts))) == len(counts)


def _silent(source: Source, coder: Coder, span: Span) -> Fraction:
    """The most seconds without a packet that there are in a stream of sound."""
    silent, due = Fraction(0), dict[int, Fraction]()
    with source.opened() as given:
        sound = [s.index for s in kept(given, coder) if s.type == "audio"]
        gaps = dict.fromkeys(sound, Fraction(0))
        for packet in wanted(given, sound, span):
            index, now = packet.stream_index, time_of(packet)
            gap = now - due.get(index, Fraction(0))
            gaps[index] += gap if gap > GAP else 0
            due[index] = now + (packet.duration or 0) * packet.time_base
            silent = max(silent, gaps[index])
    return silent


def _remedy(source: Source) -> str:
    with source.opened() as given:
        names = {codec_of(stream) for stream in given.streams.audio}
    fits = [suffix for suffix, name in containers_of(names).items() if name not in COUNTING]
    return f"use {' or '.join(fits[:2])}" if fits else "convert its sound, and use .mkv or .mp4"
