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
from pathlib import Path
from typing import Any

from colornet.errors import ModelDamaged, ModelLacks, why_unreadable

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
class FileRecord:
    """The checksum and size of a file."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class TrainingData:
    """A set of pictures that a model was trained on."""

    name: str
    pictures: int
    license: str


@dataclass(frozen=True)
class Setting:
    """Named parameters of decoding: saturation x ((1 - vividness) x "ab" + vividness x "vivid")."""

    vividness: float
    """Share of the decoder's "vivid"; the rest is its "ab". Values above 1 extrapolate."""
    saturation: float
    """Factor on the chroma."""
    description: str = ""
    """The purpose of the setting."""


@dataclass(frozen=True)
class ModelCard:
    """What a model is, where it comes from and how good it is."""

    name: str
    title: str
    description: str
    license: str
    data: tuple[TrainingData, ...]
    recipe: str
    input_size: int
    """S: the side, in pixels, of the square that the encoder sees."""
    features: tuple[str, ...]
    """The encoder's outputs that are inputs of the decoder."""
    prior: int = 0
    """Length of the global prior; 0: the model has none."""
    hints: bool = False
    """Whether the guidance head has "affinity", by which hints spread and colors are smoothed."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """Settings by name, the default first; empty: the decoder has no "vivid"."""
    bins: tuple[tuple[float, float], ...] = ()
    """ab of each bin of the guidance head's "logits"; empty: it has no such output."""
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Figures by test set and measure."""
    weaknesses: tuple[str, ...] = ()
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    """The files of all graphs, by name."""

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

    @property
    def sha256(self) -> str:
        """The SHA-256 of all that affects a result: graphs' checksums, settings and bins."""
        files = {name: record.sha256 for name, record in sorted(self.files.items())}
        settings = [(n, s.vividness, s.saturation) for n, s in self.settings.items()]
        shaping = json.dumps([files, settings, self.bins])
        return hashlib.sha256(shaping.encode()).hexdigest()

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
            fields = json.loads(path.read_bytes())
            if fields["format"] == FORMAT:
                return cls._from_fields(fields)
        except OSError as error:
            raise ModelDamaged(path, why_unreadable(error), GET_ANOTHER_COPY) from None
        except KeyError as error:
            raise ModelDamaged(path, f"says nothing of {error}", GET_ANOTHER_COPY) from None
        except (TypeError, ValueError, AttributeError) as error:
            reason = f"is not a model card ({error})"
            raise ModelDamaged(path, reason, GET_ANOTHER_COPY) from None
        reason = f"is a card of format {fields['format']}, not {FORMAT}"
        raise ModelDamaged(path, reason, "use the version of colornet that made it")

    @classmethod
    def _from_fields(cls, fields: dict[str, Any]) -> ModelCard:
        return cls(
            name=str(fields["name"]),
            title=str(fields["title"]),
            description=str(fields["description"]),
            license=str(fields["license"]),
            data=tuple(TrainingData(**source) for source in fields["data"]),
            recipe=str(fields["recipe"]),
            input_size=int(fields["input_size"]),
            features=tuple(map(str, fields["features"])),
            prior=int(fields["prior"]),
            hints=bool(fields["hints"]),
            settings={n: Setting(**s) for n, s in fields.get("settings", {}).items()},
            bins=tuple((float(a), float(b)) for a, b in fields["bins"]),
            figures={name: dict(figures) for name, figures in fields["figures"].items()},
            weaknesses=tuple(map(str, fields["weaknesses"])),
            files={name: FileRecord(**record) for name, record in fields["files"].items()},
        )

    def to_file(self, path: Path) -> None:
        """Write the card."""
        text = json.dumps({"format": FORMAT} | asdict(self), indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def decoder_outputs(card: ModelCard) -> tuple[str, ...]:
    """The names of the decoder's outputs."""
    optional = {VIVID: card.settings, DECODER_FEATURES: guidance_outputs(card)}
    return (AB, *(name for name, there in optional.items() if there))


def guidance_outputs(card: ModelCard) -> tuple[str, ...]:
    """The names of the guidance head's outputs; empty: there is no such head."""
    optional = {LOGITS: card.bins, AFFINITY: card.hints}
    return tuple(name for name, there in optional.items() if there)
