"""The same things on other prints are found, and others are not taken for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Canvas, Colorizer, GuidanceError, Match, OptionError
from colornet.guidance import Hint

ASTRONAUT = np.asarray(Image.fromarray(data.astronaut()).convert("L"))
THINGS = {"suit": (0.3, 0.72), "face": (0.44, 0.25), "rocket": (0.84, 0.3), "helmet": (0.75, 0.8)}
HINTS = [Hint([place], "teal", unit="fractions") for place in THINGS.values()]


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


@pytest.fixture(scope="module")
def source(colorizer: Colorizer) -> Canvas:
    return colorizer.open(ASTRONAUT)


@pytest.mark.parametrize("print_", ["mirrored", "cropped", "faded"])
def test_the_same_things_on_another_print(
    colorizer: Colorizer, source: Canvas, print_: str
) -> None:
    pixels = {
        "mirrored": ASTRONAUT[:, ::-1],
        "cropped": ASTRONAUT[60:460, 40:480],
        "faded": (60 + ASTRONAUT * 0.5).astype(np.uint8),
    }[print_]
    found = colorizer.open(np.ascontiguousarray(pixels)).matches(HINTS, source)
    assert [match.hint for match in found] == [0, 1, 2, 3]
    for match, (x, y) in zip(found, THINGS.values(), strict=True):
        if print_ == "mirrored":
            x = 1 - x
        elif print_ == "cropped":
            x, y = (x * 512 - 40) / 440, (y * 512 - 60) / 400
        assert np.hypot(match.x - x, match.y - y) < 0.12
        assert 0.6 < match.similarity <= 1


def test_other_things_are_not_taken_for_them(colorizer: Colorizer, source: Canvas) -> None:
    for other in (data.coffee(), data.chelsea(), data.camera()):
        gray = np.asarray(Image.fromarray(other).convert("L"))
        found = colorizer.open(gray).matches(HINTS, source)
        assert all(match.similarity < 0.6 for match in found)
        assert len(found) <= 1  # a face is like another


def test_a_stroke_is_matched_by_all_that_it_covers(colorizer: Colorizer, source: Canvas) -> None:
    stroke = Hint([(0.2, 0.7), (0.35, 0.8)], "teal", radius=0.05, unit="fractions")
    (match,) = source.matches([stroke], source)
    assert isinstance(match, Match)
    assert 0.15 < match.x < 0.4
    assert 0.6 < match.y < 0.9


def test_a_hint_outside_of_the_source_is_an_error(source: Canvas) -> None:
    with pytest.raises(GuidanceError, match=r"hint 2 .* lies outside the picture"):
        source.matches([HINTS[0], Hint([(600, 10)], "teal")], source)


@pytest.mark.parametrize(
    ("hints", "subject"),
    [(None, "hints"), ("teal", "hints"), (3, "hints"), (HINTS[0], "hints"), ([(0, 1)], "hints[0]")],
)
def test_what_is_no_hint_is_an_error(source: Canvas, hints: Any, subject: str) -> None:
    with pytest.raises(GuidanceError) as caught:
        source.matches(hints, source)
    assert caught.value.subject == subject


def test_a_source_is_a_canvas_of_the_same_model(source: Canvas) -> None:
    for other in (None, ASTRONAUT, "photo.jpg"):
        with pytest.raises(OptionError, match=r"source: .* is not a Canvas; use Colorizer\.open"):
            source.matches(HINTS, other)  # type: ignore[arg-type]
    faces = Colorizer("faces").open(ASTRONAUT[:64, :64])
    with pytest.raises(OptionError, match="was opened with another model"):
        source.matches(HINTS, faces)
