"""Values of a wrong type are errors that name the argument, for films as for pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from colornet import Colorizer, Guidance, GuidanceError, OptionError
from colornet.errors import UnreadableFilm
from colornet.video import FilmGuidance, FilmOptions, ShotGuidance, Steady, colorize

FRAMES = [np.full((48, 64), 90, np.uint8)] * 4
NONE_SUCH: tuple[Any, ...] = (0, {}, [], "", "x", 5, object())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("every", (0, 2.5, "5", None, True)),
        ("jobs", (0, 1.5, "2", None, True)),
        ("side_by_side", ("no", 1, None)),
        ("partial", ("no", 1, None)),
        ("overwrite", ("no", 1, None)),
        ("start", ("0", -1, float("nan"), None, True, 10**400)),
        ("end", ("1", -1, float("nan"), True, 10**400, float("inf"))),
        ("crf", ("20", 20.5, True)),
        ("sheet", (5, "", b"x")),
        ("deinterlace", ("yes", True, None)),
    ],
)
def test_options(name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(OptionError) as told:
            FilmOptions(**{name: value})
        assert told.value.subject == name


def test_numbers_of_numpy_are_numbers() -> None:
    given: dict[str, Any] = {"every": np.int64(2), "crf": np.int32(20), "start": np.float32(0.5)}
    options = FilmOptions(**given, partial=np.True_, sheet="s.jpg")  # type: ignore[arg-type]
    assert options == FilmOptions(every=2, crf=20, start=0.5, partial=True, sheet=Path("s.jpg"))
    assert type(ShotGuidance(np.int64(3), Guidance()).at) is int  # type: ignore[arg-type]


def test_guidance_and_options_of_other_types(tiny: Colorizer) -> None:
    value: Any
    for value in NONE_SUCH:
        with pytest.raises(GuidanceError, match=r"guidance: .* is not a Guidance"):
            colorize("a.mp4", "b.mp4", value, colorizer=tiny)
        with pytest.raises(GuidanceError, match=r"guidance: .* is not a Guidance"):
            Steady(tiny, value)
        with pytest.raises(OptionError, match=r"options: .* is not a FilmOptions"):
            colorize("a.mp4", "b.mp4", colorizer=tiny, options=value)
        with pytest.raises(GuidanceError, match=r"guidance: .* is not a Guidance"):
            ShotGuidance(0, value)
    for value in ((Guidance(),), None, "x", 5):
        with pytest.raises(GuidanceError, match="shots: are not all a ShotGuidance"):
            FilmGuidance(shots=value)
    for value in ("0:01", None, True, [], float("nan")):
        with pytest.raises(GuidanceError, match=r"at: .* is not a time"):
            ShotGuidance(value, Guidance())
    for value in (5, b"x", None):
        with pytest.raises(OptionError, match=r"source: .* is not a path"):
            colorize(value, "b.mp4", colorizer=tiny)


def test_frames_and_rates(tiny: Colorizer) -> None:
    guidance = FilmGuidance(shots=(ShotGuidance(0, Guidance(strength=0.5)),))
    assert list(Steady(tiny, guidance).run([])) == []
    for frame in (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), np.zeros((0, 4), np.uint8)):
        with pytest.raises(UnreadableFilm, match="frame 0: is not a gray frame"):
            list(Steady(tiny, guidance).run([frame]))
    rate: Any
    for rate in (0, -1, "25", float("nan"), True):
        with pytest.raises(OptionError, match=r"rate: .* is not a number of frames"):
            list(Steady(tiny).run(FRAMES, rate))
    with pytest.raises(OptionError, match="every: 0 is not a whole number above 0"):
        Steady(tiny, every=0)
