"""What weights and the keys of recipes were called before, for reading what was written then.

Checkpoints, model folders and weights files keep the names that they were written with. They are
renamed as they are read, here and nowhere else. A recipe file has to use the present names: its
errors tell them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")

RECIPE_KEYS = {
    "at_most": "source_caps",
    "zoom": "min_crop_scale",
    "only": "trainable",
    "average": "ema_decay",
    "rate": "lr",
    "encoder_rate": "encoder_lr_scale",
    "clip": "grad_clip",
    "aging": "degradations",
    "recognition": "distillation",
    "adversary": "adversarial",
    "watch": "validation_preview",
}
"""Former key of a recipe -> present one."""
HEADS = {"twin": "dual"}
"""Former name of a head -> present one."""

BLOCK = r"(network\.attend\d+\.\d+)"
LAYERS = (
    (rf"{BLOCK}\.position", r"\1.cpe"),
    (rf"{BLOCK}\.before", r"\1.norm1"),
    (rf"{BLOCK}\.ask", r"\1.qkv"),
    (rf"{BLOCK}\.tell", r"\1.proj"),
    (rf"{BLOCK}\.between", r"\1.norm2"),
    (rf"{BLOCK}\.widen", r"\1.fc1"),
    (rf"{BLOCK}\.narrow", r"\1.fc2"),
    (r"network\.meaning", "network.semantic_proj"),
    (r"network\.join8\.see", "network.join8.convs"),
    (r"network\.join4\.join\.see", "network.join4.join.convs"),
    (r"network\.affinity\.narrow", "network.affinity.reduce"),
    (r"network\.affinity\.look", "network.affinity.conv"),
    (r"network\.affinity\.look_around", "network.affinity.dilated_conv"),
    (r"network\.affinity\.add", "network.affinity.dilated_proj"),
)
"""Former name of a layer, as a pattern -> present one. A weight's name begins with its layer's."""


def present_weight_name(name: str) -> str:
    """What a weight is called now, by the name that it was stored under; most never changed."""
    for former, present in LAYERS:
        if match := re.match(rf"{former}(?=\.)", name):
            return match.expand(present) + name[match.end() :]
    return name


def present_weights(weights: Mapping[str, T]) -> dict[str, T]:
    """The same weights under their present names."""
    return {present_weight_name(name): value for name, value in weights.items()}


def present_recipe(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a recipe that a checkpoint holds, under their present keys."""
    values = {RECIPE_KEYS.get(key, key): value for key, value in values.items()}
    head = values.get("head")
    if isinstance(head, Mapping) and head.get("name") in HEADS:
        values["head"] = {**head, "name": HEADS[head["name"]]}
    if isinstance(trainable := values.get("trainable"), str) and trainable:
        values["trainable"] = present_weight_name(f"{trainable}.").rstrip(".")
    return values


def rename_checkpoint(checkpoint: dict[str, Any]) -> None:
    """Give everything in a checkpoint of `colornet train` its present name, in place."""
    for part in ("state_dict", "current_model_state"):
        if part in checkpoint:
            checkpoint[part] = present_weights(checkpoint[part])
    checkpoint["recipe"] = present_recipe(checkpoint["recipe"])
