import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from colornet.errors import GuidanceError
from colornet.guidance import Guidance, Hint, for_picture
from colornet.guidance.css_colors import CSS_COLORS, parse_color

POINT = {"points": [[3, 4]], "color": "teal"}


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_strength_in_range(value: float) -> None:
    assert Guidance(strength=value).strength == value


@pytest.mark.parametrize("value", [-0.1, 1.01, math.nan, math.inf])
def test_strength_out_of_range(value: float) -> None:
    with pytest.raises(GuidanceError, match=r"strength: .* is out of range; use 0 to 1"):
        Guidance(strength=value)


@pytest.mark.parametrize("value", [-1, 4.5, math.nan])
def test_saturation_out_of_range(value: float) -> None:
    with pytest.raises(GuidanceError, match="use 0 to 4"):
        Guidance(saturation=value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#2A5a2a", "#2a5a2a"),
        ("#0f8", "#00ff88"),
        (" Teal ", "#008080"),
        ("gray", "#808080"),
        ("rebeccapurple", "#663399"),
        ("Keep", "keep"),
    ],
)
def test_colors(text: str, expected: str) -> None:
    assert Hint(((1, 2),), text).color == expected


@pytest.mark.parametrize("text", ["", "#12345", "2a5a2a", "greenish", "rgb(1,2,3)", None, 7])
def test_no_colors(text: Any) -> None:
    with pytest.raises(GuidanceError, match=r"color: .* is not a color; use #RRGGBB, a CSS name "):
        parse_color(text)


def test_color_names_are_those_of_css() -> None:
    known = {name: "#" + bytes(ImageColor.getrgb(name)[:3]).hex() for name in ImageColor.colormap}
    assert known == CSS_COLORS


def test_hints_are_brought_into_one_form() -> None:
    hint = Hint([[1, np.float32(2)], [3, 4]], "TEAL", np.int64(5))  # type: ignore[list-item, arg-type]
    assert hint == Hint(((1.0, 2.0), (3.0, 4.0)), "#008080", 5.0, "pixels")
    assert Guidance(hints=[hint]).hints == (hint,)
    assert hash(Guidance(hints=[hint]))


def test_guidances_with_arrays_as_references_can_be_compared() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    one = Guidance(reference=pixels)
    assert one == Guidance(reference=pixels.copy())
    assert hash(one) == hash(Guidance(reference=pixels.copy()))
    assert one != Guidance(reference=pixels + 1)
    assert one != Guidance(reference=pixels.astype(float))
    assert one != Guidance(reference="a.jpg") != Guidance(reference="b.jpg")
    assert Guidance(reference="a.jpg") == Guidance(reference="a.jpg")
    assert one != Guidance(reference=pixels, strength=0.5)
    assert one != Guidance()
    assert one != "a.jpg"


def test_a_guidance_is_shown_in_a_line_whatever_its_reference_is() -> None:
    shown = repr(Guidance(strength=0.5, reference=bytes(10**6)))
    assert shown.startswith("Guidance(strength=0.5, saturation=1.0, reference=b'")
    assert len(shown) < 300
    assert "reference=None, setting='vivid'" in repr(Guidance(setting="vivid"))
    hinted = Guidance(hints=[Hint([(1, 2)], "red")])
    assert eval(repr(hinted)) == hinted


points = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
hints = st.builds(
    Hint,
    points=st.lists(points, min_size=1, max_size=4),
    color=st.sampled_from(["teal", "#2a5a2a", "#abc"]),
    radius=st.floats(0, 1e4),
    unit=st.sampled_from(["pixels", "fractions"]),
    reach=st.floats(0, 4),
)


@given(
    st.builds(
        Guidance,
        strength=st.floats(0, 1),
        saturation=st.floats(0, 4),
        setting=st.sampled_from([None, "vivid"]),
        hints=st.lists(hints, max_size=3),
        variant=st.integers(0, 9),
        levels=st.sampled_from([None, "auto", (12.5, 85.0)]),
    )
)
def test_json_keeps_all(guidance: Guidance) -> None:
    assert Guidance.from_json(json.loads(json.dumps(guidance.to_json()))) == guidance


def test_least_json() -> None:
    assert Guidance.from_json({"version": 1}) == Guidance()
    guidance = Guidance.from_json({"version": 1, "hints": [POINT]})
    assert guidance.hints == (Hint(((3, 4),), "teal"),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version: is 2; use 1"),
        ({"strength": "much"}, "strength: 'much' is not a number"),
        ({"strength": True}, "strength: true is not a number"),
        ({"strength": None}, "strength: null is not a number"),
        ({"saturation": 9}, "saturation: 9 is out of range; use 0 to 4"),
        ({"setting": 3}, "setting: 3 is not a name"),
        ({"variant": -1}, "variant: -1 is out of range"),
        ({"variant": 1.5}, "variant: 1.5 is out of range"),
        ({"reference": "a.jpg"}, "reference: is unknown; use hints, levels, saturation, setting"),
        ({"hints": 3}, "hints: is not a list"),
        ({"hints": [POINT] * 10_001}, "hints: are 10,001; use up to 10,000"),
        ({"hints": [3]}, r"hints\[0\]: is not a JSON object"),
        ({"hints": [{"color": "teal"}]}, r"hints\[0\].points: is missing"),
        ({"hints": [{"points": [[1, 2]]}]}, r"hints\[0\].color: is missing"),
        ({"hints": [POINT, POINT | {"color": "tealish"}]}, r"hints\[1\].color: 'tealish' is no"),
        ({"hints": [POINT | {"colour": "teal"}]}, r"hints\[0\].colour: is unknown; use color"),
        ({"hints": [POINT | {"points": []}]}, r"hints\[0\].points: is not a list of points"),
        ({"hints": [POINT | {"points": [[1]]}]}, r"hints\[0\].points\[0\]: \[1\] is not a point"),
        ({"hints": [POINT | {"points": [[1, "2"]]}]}, r"points\[0\]: '2' is not a number"),
        ({"hints": [POINT | {"points": [[1, math.nan]]}]}, r"points\[0\]: 1.0, nan is not a point"),
        ({"hints": [POINT | {"points": [[1, None]]}]}, r"points\[0\]: null is not a number"),
        ({"hints": [POINT | {"color": None}]}, r"hints\[0\].color: null is not a color"),
        ({"hints": [POINT | {"radius": -1}]}, r"hints\[0\].radius: -1 is out of range"),
        ({"hints": [POINT | {"reach": 5}]}, r"hints\[0\].reach: 5 is out of range; use 0 to 4"),
        ({"hints": [POINT | {"reach": "far"}]}, r"hints\[0\].reach: 'far' is not a number"),
        ({"hints": [POINT | {"unit": "inches"}]}, r"hints\[0\].unit: 'inches' is unknown"),
    ],
)
def test_bad_json_names_the_field(change: dict[str, Any], message: str) -> None:
    with pytest.raises(GuidanceError, match=message):
        Guidance.from_json({"version": 1} | change)


@pytest.mark.parametrize("value", [None, [], "{}", {}])
def test_what_is_no_guidance(value: Any) -> None:
    with pytest.raises(GuidanceError, match=r"is not a JSON object|version: is missing; use 1"):
        Guidance.from_json(value)


def test_file_keeps_all(tmp_path: Path) -> None:
    guidance = Guidance(0.5, hints=[Hint(((0.1, 0.2),), "teal", 0.05, "fractions")], variant=2)
    guidance.save(tmp_path / "a.hints.json")
    assert Guidance.load(tmp_path / "a.hints.json") == guidance


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"cannot be read \(no such file or directory\); check the name"),
        ("hello", r"is not JSON \(.*line 1"),
        ("\ud800", "is not JSON"),
        ('{"version": 1, "hints": [{"points": [[1, 2]]}]}', r": hints\[0\].color: is missing"),
        ('{"version": 1, "strength": 1, "strength": 0}', ": strength: is given more than once"),
        ('{"version": true}', ": version: is true"),
        ("null", ": guidance: is not a JSON object"),
        ("", "is not JSON"),
    ],
)
def test_bad_file_is_named(text: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    if text is not None:
        path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(GuidanceError, match=rf"a\.json.*{message}"):
        Guidance.load(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_file_as_editors_save_it(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"version": 1, "strength": 0.5}', encoding=encoding)
    assert Guidance.load(tmp_path / "a.json") == Guidance(0.5)


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    with path.open("wb") as file:
        file.truncate(33 << 20)
    with pytest.raises(GuidanceError, match=r"long\.json: cannot be read \(it has over 32 MB\)"):
        Guidance.load(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_what_is_no_file_in_the_place_of_hints(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.hints.json")
    (tmp_path / "b.hints.json").mkdir()
    for name in ("a", "b"):
        with pytest.raises(
            GuidanceError, match=rf"{name}\.hints\.json: is not a file, in the place"
        ):
            for_picture(tmp_path / f"{name}.jpg", Guidance())


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(GuidanceError, match=r"none.a\.json: cannot be written"):
        Guidance().save(tmp_path / "none" / "a.json")


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of files")
def test_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    Guidance(0.5).save(path)
    code = """
import sys
from colornet import Guidance, GuidanceError, Hint
from tests.full_disk import full_disk
many = Guidance(hints=[Hint([(k, k)], "teal") for k in range(100)])
try:
    with full_disk(4096):
        many.save(sys.argv[1])
except GuidanceError as error:
    print(error)
"""
    run = [sys.executable, "-c", code, str(path)]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{path}: cannot be written (file too large); check the folder")
    assert Guidance.load(path) == Guidance(0.5)
    assert list(tmp_path.iterdir()) == [path]


TEAL, RED = Hint(((3, 4),), "teal"), Hint(((5, 6),), "red")


def test_over_says_what_it_says() -> None:
    below = Guidance(0.5, 1.5, setting="vivid", hints=[TEAL], variant=2)
    assert Guidance().over(below) == below
    assert below.over(Guidance()) == below
    both = Guidance(0.8, reference="a.jpg", hints=[TEAL, RED]).over(below)
    assert both == Guidance(0.8, 1.5, "a.jpg", "vivid", [TEAL, RED], 2)


def test_a_hint_that_is_said_again_lies_over_the_others() -> None:
    below = Guidance(hints=[TEAL, RED])
    assert Guidance(hints=[TEAL]).over(below).hints == (RED, TEAL)
    assert below.over(below) == below


@pytest.mark.parametrize(
    ("name", "usual", "other"),
    [("strength", 1.0, 0.5), ("saturation", 1, 2.0), ("variant", 0, 3), ("levels", None, "auto")],
)
def test_what_is_said_counts_even_if_it_is_the_usual(name: str, usual: Any, other: Any) -> None:
    below = Guidance.from_json({"version": 1, name: other})
    said = Guidance.from_json({"version": 1, name: usual})
    assert getattr(said.over(below), name) == usual
    assert getattr(Guidance().over(said).over(below), name) == usual, "what was merged says it too"
    assert getattr(Guidance(said=frozenset({name})).over(below), name) == usual
    assert getattr(Guidance(said=frozenset()).over(below), name) == other


def test_hints_beside_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "my.photo.jpg"
    assert for_picture(picture, Guidance(0.5)) == Guidance(0.5)
    Guidance(saturation=2, hints=[TEAL]).save(tmp_path / "my.photo.hints.json")
    assert for_picture(picture, Guidance(0.5)) == Guidance(0.5, 2, hints=[TEAL])
