"""The card of an exported model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from colornet.errors import RecipeError
from colornet.model import FileRecord, ModelCard, Setting
from colornet.model.fields import DESCRIBING, describing
from colornet.train.config import read_mapping
from colornet.train.heads import DualHead
from colornet.train.lineage import NOT_STATED
from colornet.train.task import ColorizationTask


def describe(
    task: ColorizationTask,
    name: str = "",
    size: int = 0,
    fields: Mapping[str, Any] | None = None,
    files: Mapping[str, FileRecord] | None = None,
) -> ModelCard:
    """The card: what the graphs take and give, what `fields` says, and what the training knows."""
    network, head = task.recipe.network["name"], task.recipe.head["name"]
    recipe = task.recipe.to_dict()
    lineage = task.lineage
    start = " and ".join(lineage.get("start", []))
    further = f", trained further from {start}" if start else ""
    fields = {
        "title": f"{network} network with the {head} head{further}",
        "description": "Trained with colornet.",
        "license": lineage.get("license", NOT_STATED),
        "data": lineage.get("data", []),
        "recipe": json.dumps([*lineage.get("runs", []), task.run or {"recipe": recipe}]),
        "figures": task.figures,
        "weaknesses": [],
        "settings": lineage.get("settings", {}) if isinstance(task.head, DualHead) else {},
        **(fields or {}),
    }
    told = describing(fields)
    if isinstance(task.head, DualHead) and not told["settings"]:
        told["settings"] = {"default": Setting(vividness=1 - task.head.blend, saturation=1.0)}
    return ModelCard(
        name=name,
        input_size=size,
        features=tuple(n for n in encoder_outputs(task) if n != "prior"),
        prior=task.network.prior_channels,
        hints=getattr(task.network, "affinity", None) is not None,
        bins=tuple((float(a), float(b)) for a, b in task.head.bins),
        files=files or {},
        **told,
    )


def read_card_fields(path: Path) -> dict[str, Any]:
    """The fields of a card in a YAML file: title, description, license, data, figures, weaknesses.

    Raises:
        RecipeError: the file is missing, is not a YAML mapping, or has other keys or values.
    """
    fields = read_mapping(path)
    if unknown := sorted(str(name) for name in fields if name not in DESCRIBING):
        remedy = f"known: {', '.join(sorted(DESCRIBING))}"
        raise RecipeError(path, f"unknown key {', '.join(unknown)}", remedy)
    try:
        describing(fields)
    except TypeError as error:
        remedy = "see the cards of the shipped models"
        raise RecipeError(path, f"is not a card: {error}", remedy) from None
    return fields


def encoder_outputs(task: ColorizationTask) -> list[str]:
    """Names of the encoder's outputs: features_0 .. and, last, prior if there is one."""
    names = [f"features_{i}" for i in range(task.network.feature_maps)]
    return [*names, "prior"] if task.network.prior_channels else names
