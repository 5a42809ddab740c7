"""Model folders: find them, list the shipped ones, and verify their files.

Nothing is downloaded and nothing is unpickled.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from colornet.errors import ModelDamaged, ModelNotFound, how_to_read, why_unreadable
from colornet.model.card import (
    CARD,
    DECODER,
    ENCODER,
    GET_ANOTHER_COPY,
    GUIDANCE_HEAD,
    ModelCard,
    guidance_outputs,
)
from colornet.model.fields import FileRecord
from colornet.notices import Notice
from colornet.paths import exists, is_folder, path_of

SHIPPED = Path(__file__).parents[1] / "models"
DEFAULT_MODEL = "general"


class ModelFolder(NamedTuple):
    """A model's folder and card; its graphs are verified by `open_graphs`."""

    path: Path
    card: ModelCard

    @property
    def name(self) -> str:
        """By which processes that work elsewhere find it: of a shipped one, or the path in full."""
        return self.path.name if self.path.parent == SHIPPED else str(self.path.resolve())


def find(model: str | Path) -> ModelFolder:
    """Find a shipped model by its name, or any model by its folder.

    A folder that has the name of a shipped one is found as ./NAME.

    Raises:
        OptionError: it is neither a name nor a path.
        ModelNotFound: there is neither.
        ModelDamaged: its card is missing or unreadable.
    """
    shipped = _shipped()
    path = shipped.get(str(model)) or path_of("model", model)
    if is_folder(path):
        return ModelFolder(path, ModelCard.from_file(path / CARD))
    if path.suffix == ".ckpt":
        remedy = f"make a model of it: colornet export {path} -o FOLDER"
        raise ModelNotFound(model, "is a checkpoint of the training, not a model folder", remedy)
    if exists(path):
        raise ModelNotFound(model, "is a file, not a model folder", "name the folder")
    remedy = f"use {' or '.join(shipped)}, or a model folder" if shipped else "name a model folder"
    raise ModelNotFound(model, "there is no model of that name and no such folder", remedy)


def like_a_shipped_one(model: str | Path) -> Notice | None:
    """What a user should know who names a shipped model beside a model folder of that name."""
    if str(model) not in _shipped() or not exists(Path(model, CARD)):
        return None
    text = f"the shipped model is used, not the folder of that name; ./{model} names the folder"
    return Notice("shipped-model-used", text, str(model))


def list_models() -> list[ModelCard]:
    """The cards of the shipped models, by name."""
    return [ModelCard.from_file(path / CARD) for path in _shipped().values()]


def _shipped() -> dict[str, Path]:
    return {card.parent.name: card.parent for card in sorted(SHIPPED.glob(f"*/{CARD}"))}


def record_files(folder: Path) -> dict[str, FileRecord]:
    """The records of the graphs in a folder, for its card."""
    return {path.name: _record(path.read_bytes()) for path in sorted(folder.glob("*.onnx"))}


def _record(data: bytes) -> FileRecord:
    return FileRecord(hashlib.sha256(data).hexdigest(), len(data))


def verify(folder: ModelFolder) -> None:
    """Compare all graphs with their checksums.

    Raises:
        ModelDamaged: a graph is missing or was changed.
    """
    for name in graph_files(folder.card):
        read_verified(folder, name)


def graph_files(card: ModelCard) -> tuple[str, ...]:
    """The file names of a model's graphs."""
    return (ENCODER, DECODER, GUIDANCE_HEAD) if guidance_outputs(card) else (ENCODER, DECODER)


def read_verified(folder: ModelFolder, name: str) -> bytes:
    """Read a file of the folder, and compare it with its checksum.

    Raises:
        ModelDamaged: it is missing or was changed.
    """
    path, expected = folder.path / name, folder.card.files.get(name)
    if expected is None:
        raise ModelDamaged(folder.path / CARD, f"says nothing of '{name}'", GET_ANOTHER_COPY)
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = how_to_read(error, GET_ANOTHER_COPY)
        raise ModelDamaged(path, why_unreadable(error), remedy) from None
    found = _record(data)
    if found.bytes != expected.bytes:
        reason = f"has {found.bytes:,} bytes instead of the card's {expected.bytes:,}"
        raise ModelDamaged(path, reason, GET_ANOTHER_COPY)
    if found.sha256 != expected.sha256:
        raise ModelDamaged(path, "was changed: its checksum is not the card's", GET_ANOTHER_COPY)
    return data
