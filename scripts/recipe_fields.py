"""Write docs/recipes.md: every field of a recipe, and every option of its networks and heads.

    python scripts/recipe_fields.py docs/recipes.md

The descriptions are the docstrings in the code, so that the page says what the code does. A test
holds the page up to date.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from colornet.train import config
from colornet.train.config import Recipe
from colornet.train.heads import HEADS
from colornet.train.networks import network_class
from colornet.train.options import option_defaults

NETWORKS = ("iizuka", "fusion")
INTRODUCTION = """# Recipes

Made by `python scripts/recipe_fields.py docs/recipes.md` from the code; do not edit.

A recipe is a YAML file of the fields below; those that it does not name have their defaults. It
decides what `colornet train --recipe RECIPE` learns. An unknown key or a value out of range is an
error before anything is read. The options of the command that are named here override the recipe.

The recipes in [recipes](../recipes) each begin with the command that runs them.
"""
OVERRIDES = {
    "epochs": "--epochs",
    "minutes": "--minutes",
    "batch": "-b",
    "lr": "--lr",
    "workers": "-j",
}
"""Option of `colornet train` for a field."""


def attribute_docs(source: str, name: str) -> dict[str, str]:
    """The docstrings below the annotated fields of a class in Python source."""
    (body,) = (
        node.body
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == name
    )
    found = {}
    for statement, below in pairwise(body):
        if isinstance(statement, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(statement.target, ast.Name)
            assert isinstance(below.value, ast.Constant)
            found[statement.target.id] = " ".join(str(below.value.value).split())
    return found


def argument_docs(documented: type) -> dict[str, str]:
    """The `Args:` of a class's docstring."""
    text = inspect.cleandoc(documented.__doc__ or "").partition("Args:\n")[2]
    found = {}
    for names, words in re.findall(r"^    ([\w, ]+): (.+(?:\n {5,}.+)*)", text, re.MULTILINE):
        for name in names.split(", "):
            found[name] = " ".join(words.split())
    return found


def fields_table() -> str:
    """Every field of a recipe."""
    docs = attribute_docs(inspect.getsource(config), "Recipe")
    rows = []
    for field in dataclasses.fields(Recipe):
        default: Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        option = f" `{OVERRIDES[field.name]}`" if field.name in OVERRIDES else ""
        _, remedy = config.CHECKS[field.name]
        value = remedy.removeprefix("use ").partition(", such as")[0]
        rows.append((f"`{field.name}`{option}", written(default), value, docs[field.name]))
    return table(("field, option", "default", "value", "what it is"), rows)


def options_table(documented: type) -> str:
    """Every option of a network or head."""
    docs = argument_docs(documented)
    options = option_defaults(documented)
    if not options:
        return "No options."
    rows = [(f"`{name}`", written(default), docs[name]) for name, default in options.items()]
    return table(("option", "default", "what it is"), rows)


def written(value: Any) -> str:
    """A default as a recipe would have it."""
    if isinstance(value, dict):
        return f"`{{{', '.join(f'{k}: {v}' for k, v in value.items())}}}`"
    if isinstance(value, float):
        return f"`{value:.4g}`"
    if value is None or value == "":
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def first_sentence(documented: type) -> str:
    """What a class is."""
    return inspect.cleandoc(documented.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, "## Fields\n", fields_table(), ""]
    kinds = [("network", name, network_class(name)) for name in NETWORKS]
    for kind, name, documented in [*kinds, *(("head", n, h) for n, h in HEADS.items())]:
        parts += [f"## `{kind}: {{name: {name}}}`\n", f"{first_sentence(documented)}\n"]
        parts += [options_table(documented), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
