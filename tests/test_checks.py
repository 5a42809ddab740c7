import time
from typing import Any

import pytest

from colornet.checks import MAX_HINTS, MAX_POINTS, MAX_POINTS_IN_ALL
from colornet.errors import GuidanceError
from colornet.guidance import Guidance, Hint


def hint(points: int = 1) -> dict[str, Any]:
    return {"points": [[0.5, 0.5]] * points, "color": "teal", "unit": "fractions"}


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ([hint(MAX_POINTS + 1)], r"hints\[0\].points: are 10,001; use up to 10,000, or several"),
        ([hint(MAX_POINTS_IN_ALL * 4)], r"hints: have 200,000 points together; use up to 50,000"),
        ([hint(1001)] * 50, r"hints: have 50,050 points together; use up to 50,000"),
        ([hint()] * (MAX_HINTS + 1), r"hints: are 10,001; use up to 10,000"),
    ],
)
def test_too_many_are_refused_before_anything_is_done(hints: list[Any], message: str) -> None:
    began = time.process_time()
    with pytest.raises(GuidanceError, match=f"^{message}"):
        Guidance.from_json({"version": 1, "hints": hints})
    assert time.process_time() - began < 0.2


def test_python_has_the_same_bounds() -> None:
    with pytest.raises(GuidanceError, match=r"points: are 10,001; use up to 10,000"):
        Hint([(0, 0)] * (MAX_POINTS + 1), "teal")
    strokes = [Hint([(x, 0)] * MAX_POINTS, "teal") for x in range(6)]
    Guidance(hints=strokes[:5])
    with pytest.raises(GuidanceError, match=r"hints: have 60,000 points together"):
        Guidance(hints=strokes)
    with pytest.raises(GuidanceError, match=r"hints: have 60,000 points together"):
        Guidance(hints=strokes[:3]).over(Guidance(hints=strokes[3:]))


deep: Any = []
for _ in range(900):
    deep = [deep]


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"points": [[10**400, 0]]}, "points[0]"),
        ({"points": [[1e10, 0]]}, "points[0]"),
        ({"points": [deep]}, "points[0]"),
        ({"points": ["x" * 10**6]}, "points[0]"),
        ({"points": [[deep, 0]]}, "points[0]"),
        ({"radius": 10**400}, "radius"),
        ({"radius": "9" * 10**6}, "radius"),
        ({"reach": deep}, "reach"),
        ({"color": "c" * 10**6}, "color"),
        ({"color": deep}, "color"),
        ({"unit": "u" * 10**6}, "unit"),
        ({"k" * 10**6: 1}, "k" * 60),
    ],
)
def test_messages_stay_short(change: dict[str, Any], subject: str) -> None:
    with pytest.raises(GuidanceError) as caught:
        Guidance.from_json({"version": 1, "hints": [hint() | change]})
    assert caught.value.subject == f"hints[0].{subject}"
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["version", "strength", "saturation", "setting", "variant"])
def test_messages_of_other_fields_stay_short(name: str) -> None:
    for value in (-(10**400), deep, ["x" * 10**6], -(10**300)):
        with pytest.raises(GuidanceError) as caught:
            Guidance.from_json({"version": 1, name: value})
        assert caught.value.subject == name
        assert len(str(caught.value)) < 300
