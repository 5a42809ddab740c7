"""The model that is shipped, on photographs in the public domain.

What hints make of them is held to pictures in tests/golden. Where a change is meant, look at what
`python -m tests.test_general` makes of them anew.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colornet import Canvas, Colorizer, Guidance, Hint, color
from colornet.model import CARD, DEFAULT_MODEL, find

pytestmark = pytest.mark.acceptance

GOLDEN = Path(__file__).parent / "golden"
SIDE = 128
TOLD = {
    "eye": ("chelsea", Hint(((160, 118),), "#006c3c", reach=0.5)),
    "flag": ("astronaut", Hint(((60, 200),), "#5e000e")),
    "suit": ("astronaut", Hint(((100, 400),), "#b0602a", reach=1.3)),
    "saucer": ("coffee", Hint(((150, 250),), "#003273")),
    "suit-stroke": ("astronaut", Hint(((130, 330), (100, 480)), "#b0602a", radius=12)),
    "cat-stroke": ("chelsea", Hint(((150, 60), (220, 60), (240, 150)), "#7a6a5a", radius=10)),
    "table-stroke": ("coffee", Hint(((440, 40), (560, 110), (560, 200)), "#27452f", radius=10)),
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


def with_shadow(shadow: float, folder: Path) -> Colorizer:
    """The shipped model, with another `Setting.shadow`."""
    copied = Path(shutil.copytree(find(DEFAULT_MODEL).path, folder))
    card = json.loads((copied / CARD).read_text(encoding="utf-8"))
    card["settings"] = {"one": {"vividness": 1.0, "saturation": 1.0, "shadow": shadow}}
    (copied / CARD).write_text(json.dumps(card), encoding="utf-8")
    return Colorizer(copied, threads=1)


def test_shadows_keep_less_of_the_models_color_and_all_of_a_references(tmp_path: Path) -> None:
    photograph = np.asarray(Image.fromarray(data.chelsea()).resize((256, 256)))
    gray = np.asarray(Image.fromarray(photograph).convert("L")) // 2
    lightness = color.rgb_to_lab(gray[..., np.newaxis].repeat(3, -1) / 255.0)[..., 0]
    shade = lightness.reshape(64, 4, 64, 4).mean((1, 3))
    dark, light = shade < 15, shade > 40
    models = [with_shadow(shadow, tmp_path / str(shadow)) for shadow in (0.0, 15.0)]

    def kept(guidance: Guidance) -> list[float]:
        """Shares of the chroma that dark and light places keep."""
        given = [np.hypot(*model.open(gray).ab(guidance)) for model in models]
        return [float(given[1][where].mean() / given[0][where].mean()) for where in (dark, light)]

    in_dark, in_light = kept(Guidance())
    assert in_dark < 0.5
    assert in_light > 0.85
    assert min(kept(Guidance(reference=photograph // 2))) > 0.85


def test_keep_holds_a_color_back(cat: Canvas) -> None:
    sienna, keep = Hint(((240, 60),), "sienna"), Hint(((255, 150),), "keep")
    assert change(cat, sienna, keep)[NOSE].mean() < change(cat, sienna)[NOSE].mean() / 3


def test_a_stroke_that_is_to_reach_nothing_stays_where_it_is_drawn(cat: Canvas) -> None:
    stroke = Hint(((0.3, 0.2), (0.5, 0.2)), "crimson", 0.02, "fractions", reach=0)
    apart = np.linalg.norm(cat.ab(Guidance(hints=[stroke])) - cat.ab(), axis=0)
    assert apart.max() > 20
    side = len(apart)
    rows, columns = (
        slice(int(0.12 * side), int(0.28 * side)),
        slice(int(0.23 * side), int(0.57 * side)),
    )
    apart[rows, columns] = 0
    assert apart.max() < 1


def test_a_stroke_over_a_suit_leaves_what_is_beyond_alone() -> None:
    canvas = Colorizer(threads=1).open(np.asarray(Image.fromarray(data.astronaut()).convert("L")))
    stroke = Hint(((130, 330), (100, 480)), "crimson", radius=12)
    for reach in (1, 0.5):
        changed = change(canvas, dataclasses.replace(stroke, reach=reach))
        assert changed[330:480, 60:160].mean() > (40 if reach == 1 else 20)
        assert changed[20:240, 340:500].mean() < 5  # the shuttle behind her
        assert changed[100:150, 200:250].mean() < 5  # her face


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
