"""The first look at a film: its shots, and any of its frames as a picture."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from colornet import Colorizer
from colornet.errors import FilmTooLarge, Stopped
from colornet.stopping import stoppable
from colornet.video import colorize
from colornet.video.overview import Overview, look
from colornet.video.source import Source
from colornet.video.stills import Stills
from tests.video.films import STEP, decoded, gray_frames, write_film


def test_is_the_same_from_json(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", gray_frames(12, cuts=[6]), tags={"color_range": 1})
    source = Source(path)
    overview = look(source)
    assert overview.cuts == (0, 6)
    assert overview.length(source) == Fraction(12, 25)
    assert Overview.from_json(json.loads(json.dumps(overview.to_json()))) == overview


def test_a_film_that_is_too_long(tmp_path: Path) -> None:
    source = Source(write_film(tmp_path / "a.mp4", gray_frames(12)))
    assert look(source, most_seconds=0.5).cuts == (0,)
    with pytest.raises(FilmTooLarge, match=r"lasts longer than 0\.3 seconds"):
        look(source, most_seconds=0.3)


@pytest.mark.parametrize("rotation", [0, 90])
def test_stills_are_the_frames_of_those_numbers(tmp_path: Path, rotation: int) -> None:
    """Also where times vary and frames depend on others, before and after them."""
    times = np.cumsum([STEP * (1 + k % 5) for k in range(30)]).tolist()
    frames = gray_frames(30, cuts=[11])
    path = write_film(
        tmp_path / "a.mkv",
        [(16 + frame.astype(int) * 219 // 255).astype(np.uint8) for frame in frames],
        pts=times,
        options={"crf": "0", "g": "10", "bf": "3"},
        rotation=rotation,
        codec="libx264",
    )
    source = Source(path)
    stills = Stills(source, look(source).survey)
    for number in (0, 1, 7, 11, 19, 29, 29, 3, 4, 12, 11):
        found = stills.still(number)
        shown = np.rot90(frames[number], rotation // 90)
        assert np.abs(found.astype(int) - shown).max() <= 2


def test_an_overview_spares_a_look(tiny_model: Path, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(10, cuts=[4]))
    known = look(Source(source))
    known = replace(known, cuts=(0, 7))
    report = colorize(
        source,
        tmp_path / "out.mp4",
        colorizer=Colorizer(tiny_model, threads=1),
        overview=known,
    )
    assert report.cuts == (0, 7)
    assert len(decoded(tmp_path / "out.mp4")) == 10


def counted(source: Source, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts, from now on, the frames that are read of a film."""
    read, near = [0], source.near

    def count(frame: Any) -> Any:
        read[0] += 1
        return frame

    def counting(*arguments: Any) -> Any:
        begin, frames = near(*arguments)
        return begin, (count(frame) for frame in frames)

    monkeypatch.setattr(source, "near", counting)
    return read


def test_stills_in_their_order_cost_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a film of one key frame, and where a still was not waited for."""
    source = Source(
        write_film(
            tmp_path / "a.mp4", gray_frames(200), options={"x264-params": "keyint=1000:scenecut=0"}
        )
    )
    stills = Stills(source, look(source).survey)
    read = counted(source, monkeypatch)
    for number in range(10, 100, 10):
        stills.still(number)
    assert read == [91]
    with pytest.raises(Stopped), stoppable(lambda: read == [150]):
        stills.still(199)
    stills.still(199)
    assert read == [200]


def test_shots_in_their_order_cost_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a film that can only be read from its beginning, with first frames twice."""
    frames, base = gray_frames(60), Fraction(1, 25)
    path = write_film(tmp_path / "a.mpg", frames, codec="mpeg2video", base=base, pts=range(60))
    source = Source(path)
    overview = look(source)
    assert not overview.survey.seekable
    all_at_once = list(overview.looks(source, False, 32)(0, 60))
    read = counted(source, monkeypatch)
    looks = overview.looks(source, False, 32)
    for first, end in ((0, 1), (0, 20), (30, 31), (30, 40)):
        for one, other in zip(looks(first, end), all_at_once[first:end], strict=True):
            assert np.array_equal(one, other)
    assert read == [40]
    assert np.array_equal(next(looks(5, 6)), all_at_once[5])
