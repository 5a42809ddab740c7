"""A model's card, and the names of its graphs' inputs and outputs.

encoder.onnx    "lightness" (1, 1, S, S) 0..100 -> the card's features, and "prior" (1, P)
decoder.onnx    those features, and "prior"     -> "ab" (1, 2, h, w) in Lab units, where the
                card says so "vivid" (another ab), and for guide.onnx "trunk" (1, C, h, w)
guide.onnx      those features, and "trunk"     -> "logits" (1, Q, h, w) of the card's bins,
                and "affinity" (1, 2 + 2 D, h, w), by which colors are smoothed and hints
                spread (see `colornet.guidance.propagation`); a model that has neither has no
                such file
card.json       where it comes from, what it was measured to do, and the files' checksums
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet.errors import ModelDamaged, ModelLacks, how_to_read, why_unreadable
from colornet.model.fields import DESCRIBING, FileRecord, Setting, TrainingData, as_text, describing
from colornet.paths import read_small

if TYPE_CHECKING:
    from colornet.guidance import Guidance

FORMAT = 1
"""Version of the card, and of the names below. A card of another version is refused."""
CARD = "card.json"
ENCODER, DECODER, GUIDANCE_HEAD = "encoder.onnx", "decoder.onnx", "guide.onnx"
"""Files of the graphs."""
LIGHTNESS, PRIOR = "lightness", "prior"
AB, VIVID, DECODER_FEATURES = "ab", "vivid", "trunk"
LOGITS, AFFINITY = "logits", "affinity"
"""Names of the graphs' inputs and outputs; those of feature maps are in the card."""

GET_ANOTHER_COPY = "get another copy of the model"


@dataclass(frozen=True)
class ModelCard:
    """What a model is, where it comes from and how good it is.

    Attributes:
        name: that of the model's folder.
        title, description, license: in words.
        data: what it learned from.
        recipe: how it was trained, as JSON.
        input_size: S: the side, in pixels, of the square that the encoder sees.
        features: the encoder's outputs that are inputs of the decoder.
        prior: length of the global prior; 0: the model has none.
        hints: whether the guidance head has "affinity", by which hints spread and colors are
            smoothed.
        settings: by name, the default first; empty: the decoder has no "vivid".
        bins: ab of each bin of the guidance head's "logits"; empty: it has no such output.
        figures: by test set and measure.
        weaknesses: what it is known to do wrong, in words.
        files: of all graphs, by name.
    """

    name: str
    title: str
    description: str
    license: str
    data: tuple[TrainingData, ...]
    recipe: str
    input_size: int
    features: tuple[str, ...]
    prior: int = 0
    hints: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)
    bins: tuple[tuple[float, float], ...] = ()
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    weaknesses: tuple[str, ...] = ()
    files: Mapping[str, FileRecord] = field(default_factory=dict)

    def setting(self, name: str | None = None) -> Setting:
        """The setting with this name, or the default one.

        Raises:
            ModelLacks: there is no such setting.
        """
        if name is None:
            return next(iter(self.settings.values()), Setting(0.0, 1.0))
        if name in self.settings:
            return self.settings[name]
        remedy = f"use {' or '.join(self.settings)}" if self.settings else "leave it out"
        raise ModelLacks(self.name, f"has no setting {name}", remedy)

    def check(self, guidance: Guidance) -> None:
        """Hold the model to a guidance.

        Raises:
            ModelLacks: there is no such setting, or the model takes no hints.
        """
        self.setting(guidance.setting)
        if guidance.hints and not self.hints:
            remedy = "leave them out, or use a model that does"
            raise ModelLacks(self.name, "takes no hints", remedy)

    def check_distribution(self) -> None:
        """Hold the model to variants and suggestions.

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        if not self.bins:
            reason = "has no distribution over colors, and so no suggestions and no variants"
            raise ModelLacks(self.name, reason, "use a model that has one")

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of all that affects a result: graphs' checksums, settings and bins."""
        files = {name: record.sha256 for name, record in sorted(self.files.items())}
        settings = [
            (n, s.vividness, s.saturation, *([s.shadow] if s.shadow else []))
            for n, s in self.settings.items()
        ]
        return hashlib.sha256(json.dumps([files, settings, self.bins]).encode()).hexdigest()

    @property
    def bytes(self) -> int:
        """The size of all graphs."""
        return sum(record.bytes for record in self.files.values())

    @classmethod
    def from_file(cls, path: Path) -> ModelCard:
        """Read a card.

        Raises:
            ModelDamaged: it cannot be read, is not a card, or is of another format.
        """
        try:
            given = json.loads(read_small(path))
            if given["format"] == FORMAT:
                return cls._from_fields(given)
        except OSError as error:
            remedy = how_to_read(error, GET_ANOTHER_COPY)
            raise ModelDamaged(path, why_unreadable(error), remedy) from None
        except KeyError as error:
            raise ModelDamaged(path, f"says nothing of {error}", GET_ANOTHER_COPY) from None
        except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            reason = f"is not a model card ({error})"
            raise ModelDamaged(path, reason, GET_ANOTHER_COPY) from None
        reason = f"is a card of format {given['format']}, not {FORMAT}"
        raise ModelDamaged(path, reason, "use the version of colornet that made it")

    @classmethod
    def _from_fields(cls, given: dict[str, Any]) -> ModelCard:
        told = describing({"settings": {}, **given})
        return cls(
            name=as_text(given["name"]),
            input_size=int(given["input_size"]),
            features=tuple(map(str, given["features"])),
            prior=int(given["prior"]),
            hints=bool(given["hints"]),
            bins=tuple((float(a), float(b)) for a, b in given["bins"]),
            files={name: FileRecord(**record) for name, record in given["files"].items()},
            **{name: told[name] for name in DESCRIBING},
        )

    def to_file(self, path: Path) -> None:
        """Write the card. Names that are not UTF-8 become JSON's escapes."""
        text = json.dumps({"format": FORMAT} | asdict(self), indent=2, ensure_ascii=False)
        path.write_bytes(text.encode(errors="backslashreplace") + b"\n")


def decoder_outputs(card: ModelCard) -> tuple[str, ...]:
    """The names of the decoder's outputs."""
    optional = {VIVID: card.settings, DECODER_FEATURES: guidance_outputs(card)}
    return (AB, *(name for name, there in optional.items() if there))


def guidance_outputs(card: ModelCard) -> tuple[str, ...]:
    """The names of the guidance head's outputs; empty: there is no such head."""
    optional = {LOGITS: card.bins, AFFINITY: card.hints}
    return tuple(name for name, there in optional.items() if there)
