"""The model that is shipped, on photographs in the public domain.

What hints make of them is held to pictures in tests/golden. Where a change is meant, look at what
`python -m tests.test_general` makes of them anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colornet import Canvas, Colorizer, Guidance, Hint, color

GOLDEN = Path(__file__).parent / "golden"
SIDE = 128
TOLD = {
    "eye": ("chelsea", Hint(((160, 118),), "#006c3c", reach=0.5)),
    "flag": ("astronaut", Hint(((60, 200),), "#5e000e")),
    "suit": ("astronaut", Hint(((100, 400),), "#b0602a", reach=1.3)),
    "saucer": ("coffee", Hint(((150, 250),), "#003273")),
}
"""A photograph of scikit-image, and a hint for it."""


@pytest.fixture(scope="module")
def cat() -> Canvas:
    return Colorizer(threads=1).open(np.asarray(Image.fromarray(data.chelsea()).convert("L")))


def ab(canvas: Canvas, *hints: Hint) -> NDArray[Any]:
    """Of the full picture, (h, w, 2)."""
    return color.rgb_to_lab(canvas.save(None, Guidance(hints=hints)) / 255.0)[..., 1:]


def change(canvas: Canvas, *hints: Hint) -> NDArray[Any]:
    """By hints, in Lab units (h, w)."""
    return np.linalg.norm(ab(canvas, *hints) - ab(canvas), axis=-1)


EYE, NOSE = (slice(90, 130), slice(140, 200)), (slice(120, 190), slice(240, 270))


def test_skin_is_warm_and_hair_is_not_blue() -> None:
    astronaut = np.asarray(Image.fromarray(data.astronaut()).convert("L"))
    found = ab(Colorizer(threads=1).open(astronaut))
    a, b = found[100:150, 200:250].mean(axis=(0, 1))  # the cheeks
    assert 5 < a < 35
    assert 0 < b < 40
    assert found[20:60, 190:250, 1].mean() > 0


def test_its_fur_takes_a_color_that_its_eyes_do_not(cat: Canvas) -> None:
    changed = change(cat, Hint(((240, 60),), "sienna"))
    assert changed[NOSE].mean() > 2 * changed[EYE].mean()


def test_an_eye_takes_a_color_that_its_face_does_not_if_it_is_to_reach_less(cat: Canvas) -> None:
    whole, eye = (change(cat, Hint(((160, 118),), "seagreen", reach=reach)) for reach in (1, 0.5))
    assert eye[105:125, 150:170].mean() > 10
    assert eye[NOSE].mean() < whole[NOSE].mean() / 10


def test_keep_holds_a_color_back(cat: Canvas) -> None:
    sienna, keep = Hint(((240, 60),), "sienna"), Hint(((255, 150),), "keep")
    assert change(cat, sienna, keep)[NOSE].mean() < change(cat, sienna)[NOSE].mean() / 3


def told(name: str) -> Image.Image:
    """The photograph, colored with its hint, small."""
    photograph, hint = TOLD[name]
    gray = np.asarray(Image.fromarray(getattr(data, photograph)()).convert("L"))
    colored = Colorizer(threads=1).open(gray).colorize(Guidance(hints=[hint])).array()
    picture = Image.fromarray(colored)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return picture


@pytest.mark.parametrize("name", TOLD)
def test_a_hint_colors_its_thing_and_ends_at_its_edge_as_was_looked_at(name: str) -> None:
    with Image.open(GOLDEN / f"{name}.png") as golden:
        apart = np.abs(np.asarray(golden, float) - np.asarray(told(name), float))
    assert apart.mean() < 1
    assert np.quantile(apart, 0.99) < 8


if __name__ == "__main__":
    for name in TOLD:
        told(name).save(GOLDEN / f"{name}.png", optimize=True)
