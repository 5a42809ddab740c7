"""Recipes: everything that decides what a training run learns, in one validated YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from colornet.errors import RecipeError

PRECISIONS = ("auto", "bf16-mixed", "32-true")
SCHEDULES = ("constant", "cosine", "cooldown")


@dataclass(frozen=True)
class Recipe:
    """A training recipe. The defaults are the founding document's values, but for the rate."""

    network: dict[str, Any] = field(default_factory=lambda: {"name": "iizuka"})
    """`name` of the network and its options."""
    head: dict[str, Any] = field(default_factory=lambda: {"name": "regression"})
    """`name` of the head and its options."""
    size: int = 128
    """Side of the decoded squares in pixels."""
    crop: int = 128
    """Side of the random crops in pixels; a multiple of 8."""
    zoom: float = 1.0
    """Below 1: crops have a random side, from this share of the picture's up to all of it, and are
    scaled to `crop`."""
    epochs: int = 500
    minutes: float = 0.0
    """How long to train, instead of so many epochs; the schedule follows the time. 0: epochs."""
    batch: int = 32
    """Pictures per step and process."""
    rate: float = 0.001
    """Learning rate of Adam; the highest one of a schedule."""
    encoder_rate: float = 1.0
    """Factor on the rate for a pretrained encoder."""
    weight_decay: float = 0.0
    """Decoupled from the gradient, as in AdamW; 0 is Adam."""
    clip: float = 0.0
    """Longest gradient (its norm over all weights); 0 does not clip."""
    schedule: str = "constant"
    """`constant`; `cosine`: warm up over 5 % of the run, then down to 0; `cooldown`: constant after
    the same rise, and down to 0 in the last fifth."""
    at_most: dict[str, float] = field(default_factory=dict)
    """Largest share of an epoch that a source may have, by its name; `*` is each without a name
    here. Sources are folders and tar files, or what names like `flickr8k-8a17cb6d92.avif` tell."""
    hold_out: int = 0
    """One in so many pictures, always the same, is for validation, never trained on; 0: none."""
    aging: bool = False
    """Whether the network sees the lightness as old photographs have it."""
    color_jitter: float = 1.0
    """Largest factor on the colors to be learned, drawn from 1 up for each picture; 1 is none."""
    average: float = 0.0
    """Decay of the moving average of the weights that is kept, 0.999 say; 0 keeps the last."""
    feature: float = 0.0
    """Weight of the feature loss; it needs the network's `encoder`."""
    recognition: float = 0.0
    """Weight of seeing in gray what the network's `encoder` sees in color."""
    skin: float = 0.0
    """Weight of the colors where they are those of skin in truth."""
    teacher_share: float = 0.25
    """Share of the batches that have the three losses before, which cost as much as all else."""
    adversary: float = 0.0
    """Weight of fooling the adversary; 0: there is none."""
    watch: int = 500
    """Steps from one contact sheet of validation pictures to the next; 0: none."""
    only: str = ""
    """Train only the weights whose names begin so, `network.affinity` say; the rest stays."""
    alpha: float = 1 / 300
    """Weight of the joint classifier's cross-entropy."""
    precision: str = "auto"
    """`bf16-mixed` or `32-true`; `auto`: the faster one on this machine."""
    workers: int = 10
    """Threads that decode pictures."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("network", "head"):
            value = getattr(self, name)
            if not isinstance(value, dict) or "name" not in value:
                raise RecipeError(name, "needs a mapping with a `name`")
        for name in ("size", "crop", "epochs", "batch", "workers"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise RecipeError(name, f"is {value!r}", "use a whole number above 0")
        for name in (
            *("rate", "encoder_rate", "weight_decay", "clip", "alpha"),
            *("feature", "recognition", "skin", "adversary", "minutes"),
        ):
            value = getattr(self, name)
            if not isinstance(value, int | float) or value < 0:
                raise RecipeError(name, f"is {value!r}", "use a number, as 0.001 or 1.0e-3")
        shares = self.at_most.values() if isinstance(self.at_most, dict) else [-1]
        if any(not isinstance(s, int | float) or not 0 < s < 1 for s in shares):
            raise RecipeError("at_most", f"is {self.at_most!r}", "use name: share, below 1")
        if not isinstance(self.hold_out, int) or self.hold_out < 0 or self.hold_out == 1:
            raise RecipeError("hold_out", f"is {self.hold_out!r}", "use 0, or 2 and more")
        if not isinstance(self.teacher_share, int | float) or not 0 <= self.teacher_share <= 1:
            raise RecipeError("teacher_share", f"is {self.teacher_share!r}", "use a share, 0 to 1")
        if not isinstance(self.color_jitter, int | float) or not 1 <= self.color_jitter <= 2:
            raise RecipeError("color_jitter", f"is {self.color_jitter!r}", "use a number, 1 to 2")
        if not isinstance(self.zoom, int | float) or not 0 < self.zoom <= 1:
            raise RecipeError("zoom", f"is {self.zoom!r}", "use a share above 0, up to 1")
        if not isinstance(self.average, int | float) or not 0 <= self.average < 1:
            raise RecipeError("average", f"is {self.average!r}", "use a number from 0 to below 1")
        if not isinstance(self.aging, bool):
            raise RecipeError("aging", f"is {self.aging!r}", "use true or false")
        for name in ("feature", "recognition"):
            if getattr(self, name) and not self.network.get("encoder"):
                raise RecipeError(name, "needs an encoder", "name its weights in network")
        if not isinstance(self.watch, int) or self.watch < 0:
            raise RecipeError("watch", f"is {self.watch!r}", "use a number of steps, or 0")
        if not isinstance(self.only, str):
            raise RecipeError("only", f"is {self.only!r}", "use the beginning of a weight's name")
        if not isinstance(self.seed, int) or self.seed < 0:
            raise RecipeError("seed", f"is {self.seed!r}", "use a whole number of 0 or more")
        if self.crop > self.size or self.crop % 8:
            raise RecipeError("crop", f"is {self.crop}", f"use a multiple of 8 up to {self.size}")
        if self.precision not in PRECISIONS:
            raise RecipeError("precision", f"is {self.precision!r}", f"use one of {PRECISIONS}")
        if self.schedule not in SCHEDULES:
            raise RecipeError("schedule", f"is {self.schedule!r}", f"use one of {SCHEDULES}")

    def changed(self, **changes: Any) -> Recipe:
        """The same recipe with other values; those that are None stay."""
        return replace(self, **{k: v for k, v in changes.items() if v is not None})

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, for a checkpoint or a file."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any], subject: object = "recipe") -> Recipe:
        """The recipe of these values.

        Raises:
            RecipeError: an unknown key, or a value out of range.
        """
        known = {f.name for f in fields(Recipe)}
        if unknown := sorted(set(values) - known):
            mend = f"known: {', '.join(sorted(known))}"
            raise RecipeError(subject, f"unknown key {', '.join(map(str, unknown))}", mend)
        try:
            return Recipe(**values)
        except RecipeError as error:
            raise RecipeError(f"{subject}: {error.subject}", error.reason, error.mend) from error

    @staticmethod
    def from_file(path: Path) -> Recipe:
        """The recipe of a YAML file.

        Raises:
            RecipeError: the file is missing, is no YAML mapping, or has a wrong key or value.
        """
        return Recipe.from_dict(read_mapping(path), path)


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        RecipeError: the file is missing or is no YAML mapping.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise RecipeError(path, f"cannot be read ({reason})") from error
    if not isinstance(values, dict):
        raise RecipeError(path, "is no mapping of keys to values")
    return values
