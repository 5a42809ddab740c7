"""Recipes: the validated YAML files that configure training runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from colornet.errors import RecipeError, system_reason
from colornet.paths import read_small
from colornet.train.old_names import HEADS, RECIPE_KEYS
from colornet.train.options import is_finite

PRECISIONS = ("auto", "bf16-mixed", "32-true")
SCHEDULES = ("constant", "cosine", "cooldown")


@dataclass(frozen=True)
class Recipe:
    """A training recipe. The defaults are the founding document's values, except for `lr`."""

    network: dict[str, Any] = field(default_factory=lambda: {"name": "iizuka"})
    """The `name` of the network, and its options. By default, options that determine its layers are
    those of the weights that the run starts from."""
    head: dict[str, Any] = field(default_factory=lambda: {"name": "regression"})
    """The `name` of the head, and its options."""
    size: int = 128
    """Side in pixels of the squares that pictures are decoded to."""
    crop: int = 0
    """Side in pixels of the random crops that the network sees, at most `size`; 0: as `size`. A
    multiple of 8, and of 32 for the network `fusion`."""
    min_crop_scale: float = 1.0
    """Below 1, the side of each crop is drawn from this share of the picture's side up to all of
    it, and scaled to `crop`. At 1, crops are not scaled."""
    epochs: int = 500
    """Passes over the data."""
    minutes: float = 0.0
    """Length of the run in minutes, in place of `epochs`; the schedule follows the time. 0: by
    `epochs`."""
    batch: int = 32
    """Pictures per step."""
    lr: float = 0.001
    """Learning rate of Adam; the highest one of a schedule."""
    encoder_lr_scale: float = 1.0
    """Factor on the learning rate for a pretrained encoder."""
    weight_decay: float = 0.0
    """Decoupled weight decay, as in AdamW; 0 is Adam."""
    grad_clip: float = 0.0
    """Largest norm of the gradient over all weights; 0 does not clip."""
    schedule: str = "constant"
    """How the learning rate changes. `constant`; `cosine`: warm-up over 5 % of the run, then down
    to 0; `cooldown`: the same warm-up, constant, and linearly down to 0 in the last fifth."""
    source_caps: dict[str, float] = field(default_factory=dict)
    """Largest share of an epoch by name of source; `*` holds for each source that is not named.
    A source is a folder or tar file, or the set in names such as `flickr8k-8a17cb6d92.avif`."""
    hold_out: int = 0
    """One in this many pictures, always the same ones, is kept for validation; 0: none."""
    degradations: bool = False
    """Whether the network sees the lightness as old photographs have it: faded, blurred, grainy,
    scratched, dark at the corners, compressed, printed in dots, and with borders of prints."""
    mixed: float = 0.0
    """Share of the pictures that get a rectangle of another picture of the batch; their class stays
    their own."""
    color_jitter: float = 1.0
    """Largest factor on the colors to be learned, drawn from 1 up for each picture; 1: none."""
    ema_decay: float = 0.0
    """Decay of the moving average of the weights that is kept, such as 0.999; 0 keeps the last."""
    feature: float = 0.0
    """Weight of the feature loss, which needs the network's `encoder`."""
    distillation: float = 0.0
    """Weight of the distillation of the pretrained `encoder`, which sees pictures in color."""
    skin: float = 0.0
    """Weight of the color error where the true color is that of skin."""
    teacher_share: float = 0.25
    """Share of the batches with the losses `feature`, `distillation` and `skin`, which cost as much
    as all others."""
    adversarial: float = 0.0
    """Weight of the adversarial loss; 0: there is no discriminator."""
    validation_preview: int = 500
    """Steps between contact sheets of validation pictures; 0: none."""
    trainable: str = ""
    """Only weights whose names begin like this are trained, such as `network.affinity`; empty:
    all."""
    alpha: float = 1 / 300
    """Weight of the cross-entropy of the joint classifier of scenes."""
    precision: str = "auto"
    """`bf16-mixed` or `32-true`; `auto`: the faster one where the run begins."""
    workers: int = 10
    """Threads that decode pictures."""
    seed: int = 0
    """Seed of all random numbers."""

    def __post_init__(self) -> None:
        for f in fields(self):
            valid, remedy = CHECKS[f.name]
            value = getattr(self, f.name)
            if not valid(value):
                raise RecipeError(f.name, f"is {value!r}", remedy)
        if not self.crop:
            object.__setattr__(self, "crop", self.size)
        if self.crop > self.size or self.crop % 8:
            raise RecipeError("crop", f"is {self.crop}", f"use a multiple of 8 up to {self.size}")
        if former := HEADS.get(self.head["name"]):
            raise RecipeError("head", f"is named {self.head['name']}", f"it is called {former} now")
        for name in ("feature", "distillation"):
            if getattr(self, name) and not self.network.get("encoder"):
                raise RecipeError(name, "needs an encoder", "name its weights in network")

    def changed(self, **changes: Any) -> Recipe:
        """The recipe with other values; those that are None do not change.

        A crop as large as the pictures follows a change of their size.
        """
        changes = {k: v for k, v in changes.items() if v is not None}
        if "size" in changes and self.crop == self.size:
            changes.setdefault("crop", 0)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain types, for a checkpoint or a file."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any], subject: object = "recipe") -> Recipe:
        """Build a recipe from these values.

        Raises:
            RecipeError: an unknown key, or a value out of range.
        """
        known = {f.name for f in fields(Recipe)}
        if unknown := sorted(map(str, set(values) - known)):
            renamed = [f"{k} is called {RECIPE_KEYS[k]} now" for k in unknown if k in RECIPE_KEYS]
            remedy = "; ".join(renamed) or f"known: {', '.join(sorted(known))}"
            raise RecipeError(subject, f"unknown key {', '.join(unknown)}", remedy)
        try:
            return Recipe(**values)
        except RecipeError as error:
            raise RecipeError(f"{subject}: {error.subject}", error.reason, error.remedy) from error

    @staticmethod
    def from_file(path: Path) -> Recipe:
        """Read a recipe from a YAML file.

        Raises:
            RecipeError: the file is missing, is not a YAML mapping, or has a wrong key or value.
        """
        return Recipe.from_dict(read_mapping(path), path)


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str)


def _is_whole(value: Any, least: int, most: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: Any, least: float = 0.0, most: float = math.inf) -> bool:
    return is_finite(value) and least <= value <= most


def _are_shares(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and _is_number(share, 0, 1) and 0 < share < 1
        for name, share in value.items()
    )


Check = tuple[Callable[[Any], bool], str]
COUNT: Check = (lambda v: _is_whole(v, 1), "use a whole number above 0")
AMOUNT: Check = (_is_number, "use a number of 0 or more, such as 0.001 or 1.0e-3")
SHARE: Check = (lambda v: _is_number(v, 0, 1), "use a share, 0 to 1")
FROM_0: Check = (lambda v: _is_whole(v, 0), "use a whole number of 0 or more")
FLAG: Check = (lambda v: isinstance(v, bool), "use true or false")
NAMED: Check = (_is_named, "use a mapping with a `name`")
CHECKS: dict[str, Check] = {
    **dict.fromkeys(("network", "head"), NAMED),
    **dict.fromkeys(("epochs", "batch"), COUNT),
    "size": (lambda v: _is_whole(v, 8, 4096), "use a whole number, 8 to 4096"),
    "workers": (lambda v: _is_whole(v, 1, 1024), "use a whole number, 1 to 1024"),
    "seed": (lambda v: _is_whole(v, 0, 2**63 - 1), "use a whole number of 0 or more, below 2^63"),
    **dict.fromkeys(("minutes", "lr", "encoder_lr_scale", "weight_decay", "grad_clip"), AMOUNT),
    **dict.fromkeys(("feature", "distillation", "skin", "adversarial", "alpha"), AMOUNT),
    **dict.fromkeys(("validation_preview", "crop"), FROM_0),
    "min_crop_scale": (lambda v: _is_number(v, 0, 1) and v > 0, "use a share above 0, up to 1"),
    "schedule": (lambda v: v in SCHEDULES, f"use one of {', '.join(SCHEDULES)}"),
    "source_caps": (_are_shares, "use names, each with a share above 0 and below 1"),
    "hold_out": (lambda v: _is_whole(v, 0) and v != 1, "use 0, or 2 and more"),
    "degradations": FLAG,
    "color_jitter": (lambda v: _is_number(v, 1, 2), "use a number, 1 to 2"),
    "ema_decay": (lambda v: _is_number(v, 0, 1) and v < 1, "use a number from 0 to below 1"),
    **dict.fromkeys(("teacher_share", "mixed"), SHARE),
    "trainable": (lambda v: isinstance(v, str), "use the beginning of a weight's name"),
    "precision": (lambda v: v in PRECISIONS, f"use one of {', '.join(PRECISIONS)}"),
}
"""The check of each field's value, and the remedy if it fails; every field has one."""


class _Loader(yaml.SafeLoader):
    """YAML's plain values; a key that is given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                reason = f"{name} is given twice"
                raise yaml.constructor.ConstructorError(problem=reason, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _reason(error: Exception) -> str:
    """What is wrong with a YAML file, and in which line."""
    if isinstance(error, OSError):
        return system_reason(error)
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    told = getattr(error, "problem", None) or "it is not valid YAML"
    # a number or date that there is not, such as 2001-99-99
    return where + (f"{told}: {error}" if isinstance(error, ValueError) else told)


def read_mapping(path: Path) -> dict[str, Any]:
    """Read the mapping in a YAML file.

    Raises:
        RecipeError: the file is missing or is not a YAML mapping.
    """
    try:
        values = yaml.load(read_small(path).decode(), _Loader)
    except (OSError, ValueError, AttributeError, RecursionError, yaml.YAMLError) as error:
        remedy = "check the name, or correct it there"
        raise RecipeError(path, f"cannot be read ({_reason(error)})", remedy) from error
    if not isinstance(values, dict):
        raise RecipeError(
            path, "is not a mapping of keys to values", "write name: value in each line"
        )
    return values
