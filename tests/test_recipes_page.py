"""docs/recipes.md is made from the code and has all of it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

from colornet.train.config import Recipe

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_script_makes(tmp_path: Path) -> None:
    command = [sys.executable, "scripts/recipe_fields.py", str(tmp_path / "recipes.md")]
    subprocess.run(command, cwd=ROOT, check=True)
    made = (tmp_path / "recipes.md").read_text(encoding="utf-8")
    assert made == PAGE, "make it anew: python scripts/recipe_fields.py docs/recipes.md"


def test_the_page_has_every_field_and_option() -> None:
    options = ["width", "frozen_stride", "lean", "temperature", "regression_weight"]
    for name in [*(field.name for field in dataclasses.fields(Recipe)), *options]:
        assert f"\n| `{name}` " in PAGE, name
