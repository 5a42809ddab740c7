import math
from dataclasses import fields
from pathlib import Path

import pytest

from colornet.errors import RecipeError
from colornet.train.config import CHECKS, Recipe
from colornet.train.networks import check_network

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_recipe_is_valid_and_opens_with_its_command(path: Path) -> None:
    Recipe.from_file(path)
    lines = path.read_text().splitlines()
    assert any(line.startswith("#   colornet train ") for line in lines[:8])


def test_every_field_has_its_check() -> None:
    assert CHECKS.keys() == {field.name for field in fields(Recipe)}


def test_the_founding_recipe_has_the_documents_values() -> None:
    recipe = Recipe.from_file(RECIPES / "founding.yaml")
    assert (recipe.workers, recipe.epochs, recipe.batch, recipe.lr) == (10, 500, 32, 0.1)
    assert recipe.alpha == pytest.approx(1 / 300, rel=1e-3)
    assert recipe.network == {"name": "iizuka", "width": 1.0, "global_features": True,
                              "global_size": 224}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("learning_rate: 0.1", "unknown key learning_rate"),
        ("epochs: 0", "epochs"),
        ("epochs: many", "epochs"),
        ("lr: fast", "lr"),
        ("crop: 12", "crop"),
        ("size: 64\ncrop: 128", "crop"),
        ("source_caps: {a: 1.5}", "source_caps"),
        ("source_caps: {1: 0.5}", "source_caps"),
        ("size: 100000", "size: is 100000; use a whole number, 8 to 4096"),
        ("workers: 1000000", "workers: is 1000000; use a whole number, 1 to 1024"),
        ("seed: 18446744073709551616", "seed: is .*below 2"),
        ("weight_decay: -1", "weight_decay: is -1; use a number of 0 or more"),
        ("hold_out: 1", "hold_out"),
        ("teacher_share: 2", "teacher_share"),
        ("minutes: long", "minutes"),
        ("lr: .nan", "lr"),
        ("batch: true", "batch"),
        ("head: dual", "head"),
        ("degradations: 1", "degradations"),
        ("precision: fp8", "precision"),
        ("network: iizuka", "network"),
        ("- a list", "mapping"),
        ("a: [", r"cannot be read \(line 1: "),
        ("epochs: 2\nsize: 64\nepochs: 3", r"cannot be read \(line 3: epochs is given twice\)"),
        ("head: {name: dual, name: regression}", "line 1: name is given twice"),
        ("\0", "cannot be read"),
        ("size: 2001-99-99", r"cannot be read \(it is not valid YAML: month must be in 1..12\)"),
        ("size: " + "9" * 5000, "cannot be read"),
        ("size: !!int x", "cannot be read"),
        ("size: !!timestamp x", "cannot be read"),
        ("[" * 3000, "cannot be read"),
        ("lr: 1" + "0" * 400, "lr: is 10"),
    ],
)
def test_wrong_recipes_are_refused_with_file_and_key(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=said) as raised:
        Recipe.from_file(path)
    assert "wrong.yaml" in str(raised.value)


def test_a_crop_follows_the_size_unless_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("size: 256\n")
    assert Recipe.from_file(path).crop == 256
    assert Recipe(size=256, crop=160).crop == 160
    assert Recipe().changed(size=96).crop == 96
    assert Recipe(size=256, crop=160).changed(size=512).crop == 160
    assert Recipe.from_dict(Recipe(size=64).to_dict()) == Recipe(size=64)


def test_changes_that_are_none_are_no_changes() -> None:
    assert Recipe().changed(epochs=None, batch=4) == Recipe(batch=4)


@pytest.mark.parametrize("width", [math.nan, math.inf, 10**400])
def test_options_that_are_no_numbers(width: float) -> None:
    with pytest.raises(RecipeError, match=r"network iizuka: width is .*; use a number"):
        check_network("iizuka", width=width)
