import time
from typing import Any

import pytest

from colornet.errors import GuidanceError
from colornet.guidance import Guidance, Hint
from colornet.guidance.checks import MAX_HINTS, MAX_POINTS, MAX_POINTS_IN_ALL
from colornet.guidance.json_text import parse_json


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
        Hint(((0, 0),) * (MAX_POINTS + 1), "teal")
    strokes = [Hint(((x, 0),) * MAX_POINTS, "teal") for x in range(6)]
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


@pytest.mark.parametrize(
    "name", ["version", "strength", "saturation", "setting", "variant", "levels"]
)
def test_messages_of_other_fields_stay_short(name: str) -> None:
    for value in (-(10**400), deep, ["x" * 10**6], -(10**300)):
        with pytest.raises(GuidanceError) as caught:
            Guidance.from_json({"version": 1, name: value})
        assert caught.value.subject == name
        assert len(str(caught.value)) < 300


HINT = '{"version": 1, "hints": [{"points": [[1, 2]], "color": "teal", %s}]}'


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ('{"version": 1, "version": 1}', "version"),
        ('{"version": 1, "strength": 1, "strength": 0}', "strength"),
        ('{"version": 1, "hints": [], "hints": []}', "hints"),
        (HINT % '"color": "red"', "hints[0].color"),
        (HINT % '"points": [[3, 4]]', "hints[0].points"),
    ],
)
def test_json_that_says_something_twice(text: str, subject: str) -> None:
    with pytest.raises(GuidanceError, match="is given more than once; keep one") as caught:
        Guidance.from_json(parse_json(text))
    assert caught.value.subject == subject


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        ('"version": true', "version"),
        ('"version": 1.0', "version"),
        ('"version": "1"', "version"),
        ('"version": null', "version"),
        *((f'"version": 1, "strength": {it}', "strength") for it in ("null", "true", '"1"', "NaN")),
        *((f'"version": 1, "saturation": {it}', "saturation") for it in ("Infinity", "-Infinity")),
        *((f'"version": 1, "variant": {it}', "variant") for it in ("null", "true", '"1"', "1.0")),
        *((f'"version": 1, "hints": {it}', "hints") for it in ("null", "true", "{}", '"teal"')),
        *((f'"version": 1, "setting": {it}', "setting") for it in ("true", "0", "[]")),
        ('"version": 1, "strength": ' + "9" * 100_000, "strength"),
        ('"version": 1, "variant": ' + "9" * 100_000, "variant"),
    ],
)
def test_json_of_another_type(field: str, subject: str) -> None:
    with pytest.raises(GuidanceError) as caught:
        Guidance.from_json(parse_json(f"{{{field}}}"))
    assert caught.value.subject == subject


@pytest.mark.parametrize("value", ["true", "null", '"1"', "NaN", "9" * 100_000, "[]", "{}"])
@pytest.mark.parametrize("name", ["points", "color", "radius", "unit", "reach"])
def test_hints_of_another_type(name: str, value: str) -> None:
    fields = {"points": "[[1, 2]]", "color": '"teal"'} | {name: value}
    text = ", ".join(f'"{key}": {field}' for key, field in fields.items())
    with pytest.raises(GuidanceError) as caught:
        Guidance.from_json(parse_json(f'{{"version": 1, "hints": [{{{text}}}]}}'))
    assert caught.value.subject == f"hints[0].{name}"
