"""What a user says of a model in a YAML file, checked before anything is exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from colornet.errors import RecipeError
from colornet.model import list_models
from colornet.model.fields import describing
from colornet.train.export.card import read_card_fields

CARDS = Path(__file__).parents[3] / "recipes" / "cards"


@pytest.mark.parametrize("name", ["faces", "general-shipped"])
def test_those_of_the_shipped_models(name: str) -> None:
    assert {"license", "data", "figures"} <= read_card_fields(CARDS / f"{name}.yaml").keys()


def test_what_every_general_model_says_is_not_about_one_of_them() -> None:
    """The script that makes such models uses it whatever they learned from."""
    assert read_card_fields(CARDS / "general.yaml").keys() == {"title", "description", "settings"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2: a\nx: b", "unknown key 2, x; known: data, description"),
        ("title: 5", "title: 5 is not text"),
        ("license: 2020-01-01", r"license: datetime.date\(2020, 1, 1\) is not text"),
        ("weaknesses: it is slow", "weaknesses: 'it is slow' is not a list"),
        ("figures: 5", "figures: 5 is not a mapping"),
        ("figures: {Kodak: {psnr: high}}", "figures: 'high' is not a number"),
        ("settings: [natural]", r"settings: \['natural'\] is not a mapping"),
        ("settings: {a: {vividness: x, saturation: 1}}", "settings: vividness is 'x'"),
        ("settings: {a: {vividness: .inf, saturation: 1}}", "settings: vividness is inf"),
        ("settings: {a: {vividness: 1, saturation: 1, shadow: x}}", "settings: shadow is 'x'"),
        ("settings: {a: {vivid: 1}}", "settings: .*unexpected keyword argument 'vivid'"),
        ("data: [Kodak]", "data: 'Kodak' is not a mapping"),
        ("data: [{name: Kodak, pictures: 24.5, license: free}]", "data: pictures is 24.5"),
    ],
)
def test_fields_of_another_type_are_named(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=rf"card\.yaml: .*{reason}"):
        read_card_fields(path)


@pytest.mark.parametrize(
    ("name", "cards"), [("faces", ["faces"]), ("general", ["general", "general-shipped"])]
)
def test_the_shipped_cards_are_made_from_them(name: str, cards: list[str]) -> None:
    """Whoever changes one has to change the other, too."""
    said: dict[str, Any] = {}
    for each in cards:
        said |= read_card_fields(CARDS / f"{each}.yaml")
    (shipped,) = [card for card in list_models() if card.name == name]
    for field, value in describing(said).items():
        assert getattr(shipped, field) == value, field
