"""The first look at a film: its shots, and any of its frames as a picture."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from colornet import Colorizer
from colornet.errors import FilmTooLarge
from colornet.video import colorize
from colornet.video.overview import Overview, look, still
from colornet.video.source import Source
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
    survey = look(source).survey
    for number in (0, 1, 7, 11, 19, 29):
        found = still(source, survey, number)
        shown = np.rot90(frames[number], rotation // 90)
        assert np.abs(found.astype(int) - shown).max() <= 2


def test_an_overview_spares_a_look(tiny_model: Path, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(10, cuts=[4]))
    known = look(Source(source))
    known = Overview(known.survey, (0, 7))
    report = colorize(
        source,
        tmp_path / "out.mp4",
        colorizer=Colorizer(tiny_model, threads=1),
        overview=known,
    )
    assert report.cuts == (0, 7)
    assert len(decoded(tmp_path / "out.mp4")) == 10
