"""The ends of shots that later ones are drawn to: always the same, and computed once."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from colornet import Colorizer, Guidance
from colornet.video import FilmOptions, colorize
from colornet.video.coloring import FrameColors
from colornet.video.endings import Endings
from colornet.video.overview import look
from colornet.video.planes import Coding, small_lightness
from colornet.video.source import Source
from tests.video.films import write_film
from tests.video.test_scenes import film

Floats = NDArray[np.float32]


def test_an_end_is_the_same_read_or_seen_as_it_goes_by(tiny_model: Path) -> None:
    colors = FrameColors(Colorizer(tiny_model, threads=1), 160, 120)
    coding = Coding(8, full=True)
    looks = [small_lightness(frame, colors.side, coding) for frame in film("ab", 6)]
    usual, vivid = Guidance(), Guidance(saturation=1.2)
    asked = {range(2, 6): [usual, vivid], range(8, 12): [usual]}
    read: list[range] = []

    def again(frames: range) -> Iterator[Floats]:
        read.append(frames)
        return (looks[k] for k in frames)

    by_reading, by_seeing = Endings(colors, again), Endings(colors, again, asked)
    for number in range(9):  # within the second, the work is stopped
        by_seeing.see(number, looks[number])
    later = Endings(colors, again, asked)
    for number in range(9, 12):
        later.see(number, looks[number])
    assert not read
    assert by_seeing.of(range(2, 6), usual)
    assert by_seeing.of(range(2, 6), vivid)
    assert not read
    assert later.of(range(8, 12), usual)
    assert read == [range(8, 12)]
    for guidance in (usual, vivid):
        one, other = (each.of(range(2, 6), guidance) for each in (by_reading, by_seeing))
        assert one
        assert other
        assert np.array_equal(one.ab, other.ab)


def test_a_film_that_cuts_back_is_read_once(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Films of some formats can only be read from their beginning."""
    frames = film("abab", 8)
    base, path = Fraction(1, 25), tmp_path / "a.mpg"
    source = write_film(path, frames, codec="mpeg2video", base=base, pts=range(len(frames)))
    overview = look(Source(source))
    assert len(overview.scenes) == 2
    assert not overview.survey.seekable
    begun: list[int] = []
    read = Source.frames

    def counted(self: Source, survey: Any, first: int, deinterlace: bool) -> Any:
        begun.append(first)
        return read(self, survey, first, deinterlace)

    monkeypatch.setattr(Source, "frames", counted)
    options, tiny = FilmOptions(codec="ffv1"), Colorizer(tiny_model, threads=1)
    colorize(source, tmp_path / "b.mkv", colorizer=tiny, options=options, overview=overview)
    assert begun == [0]
