"""What a model is: a folder with two or three ONNX graphs and a card.

    encoder.onnx    "lightness" (1, 1, S, S) 0..100 -> the card's features, and "prior" (1, P)
    decoder.onnx    those features, and "prior"     -> "ab" (1, 2, h, w) in Lab units, where the
                    card says so "vivid" (another ab), and for guide.onnx "trunk" (1, C, h, w)
    guide.onnx      those features, and "trunk"     -> "logits" (1, Q, h, w) of the card's bins,
                    and "affinity" (1, 2 + 2 D, h, w), by which blotches are removed and hints
                    spread (see `propagation`); a model that has neither has no such file
    card.json       where it comes from, what it was measured to do, and the files' checksums

Nothing is downloaded and nothing is unpickled. A graph is checked against its card before it runs.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from colornet.errors import ModelDamaged, ModelLacks, ModelNotFound
from colornet.privacy import import_onnxruntime

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FORMAT = 1
"""Of the card and of the graphs' inputs and outputs."""
ENCODER, DECODER, GUIDE = "encoder.onnx", "decoder.onnx", "guide.onnx"
CARD = "card.json"
SHIPPED = Path(__file__).parent / "models"
DEFAULT_MODEL = "general"

GET_ANOTHER_COPY = "get another copy of the model"


@dataclass(frozen=True)
class FileRecord:
    """What a file was when the model was made."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class TrainingData:
    """A set of pictures that a model learned from."""

    name: str
    pictures: int
    license: str


@dataclass(frozen=True)
class Setting:
    """A named way to decode: saturation x ((1 - vividness) x "ab" + vividness x "vivid")."""

    vividness: float
    """Share of the decoder's "vivid", the rest is its "ab"; above 1, beyond "vivid"."""
    saturation: float
    """Factor on the chroma."""
    description: str = ""
    """When to choose it."""


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
    """The encoder's outputs that the decoder takes."""
    prior: int = 0
    """Length of the global prior; 0: the model has none."""
    hints: bool = False
    """Whether the guide gives the "affinity" by which hints spread and blotches are removed."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """By name, the default first; empty: the decoder has no "vivid"."""
    bins: tuple[tuple[float, float], ...] = ()
    """ab of each bin of the guide's "logits"; empty: it gives none."""
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By test set: by measure."""
    weaknesses: tuple[str, ...] = ()
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    """By file name, of all graphs."""

    def setting(self, name: str | None = None) -> Setting:
        """The decoding of that name, or the default one.

        Raises:
            ModelLacks: there is none of that name.
        """
        if name is None:
            return next(iter(self.settings.values()), Setting(0.0, 1.0))
        if name in self.settings:
            return self.settings[name]
        mend = f"use {' or '.join(self.settings)}" if self.settings else "leave it out"
        raise ModelLacks(self.name, f"has no setting {name}", mend)

    @property
    def sha256(self) -> str:
        """Of all that shapes a result: the graphs' SHA-256s, the settings and the bins."""
        files = {name: record.sha256 for name, record in sorted(self.files.items())}
        settings = [(n, s.vividness, s.saturation) for n, s in self.settings.items()]
        shaping = json.dumps([files, settings, self.bins])
        return hashlib.sha256(shaping.encode()).hexdigest()

    @property
    def bytes(self) -> int:
        """Size of all graphs."""
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
            raise ModelDamaged(path, _system_reason(error), GET_ANOTHER_COPY) from None
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


@dataclass(frozen=True)
class ModelFolder:
    """A model that was found; its graphs are not looked at before `open_graphs`."""

    path: Path
    card: ModelCard


def find(model: str | Path) -> ModelFolder:
    """Find a shipped model by its name, or any model by its folder.

    Raises:
        ModelNotFound: neither is there.
        ModelDamaged: its card is missing or unreadable.
    """
    shipped = _shipped()
    path = shipped.get(str(model), Path(model))
    if path.is_dir():
        return ModelFolder(path, ModelCard.from_file(path / CARD))
    if path.suffix == ".ckpt":
        mend = f"make a model of it: colornet export {path} -o FOLDER"
        raise ModelNotFound(model, "is a checkpoint of the training, not a model folder", mend)
    if path.exists():
        raise ModelNotFound(model, "is a file, not a model folder", "name the folder")
    mend = f"use {' or '.join(shipped)}, or a model folder" if shipped else "name a model folder"
    raise ModelNotFound(model, "there is no model of that name and no such folder", mend)


def list_models() -> list[ModelCard]:
    """The cards of the shipped models, by name."""
    return [ModelCard.from_file(path / CARD) for path in _shipped().values()]


def _shipped() -> dict[str, Path]:
    return {card.parent.name: card.parent for card in sorted(SHIPPED.glob(f"*/{CARD}"))}


def record_files(folder: Path) -> dict[str, FileRecord]:
    """What a card says of the graphs in its folder."""
    return {path.name: _record(path.read_bytes()) for path in sorted(folder.glob("*.onnx"))}


def _record(data: bytes) -> FileRecord:
    return FileRecord(hashlib.sha256(data).hexdigest(), len(data))


def verify(folder: ModelFolder) -> None:
    """Compare all graphs with their checksums.

    Raises:
        ModelDamaged: one is missing or was changed.
    """
    for name in (ENCODER, DECODER, *((GUIDE,) if guide_outputs(folder.card) else ())):
        _read_verified(folder, name)


def _read_verified(folder: ModelFolder, name: str) -> bytes:
    path, expected = folder.path / name, folder.card.files.get(name)
    if expected is None:
        raise ModelDamaged(folder.path / CARD, f"says nothing of '{name}'", GET_ANOTHER_COPY)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelDamaged(path, _system_reason(error), GET_ANOTHER_COPY) from None
    found = _record(data)
    if found.bytes != expected.bytes:
        reason = f"has {found.bytes:,} bytes instead of the card's {expected.bytes:,}"
        raise ModelDamaged(path, reason, GET_ANOTHER_COPY)
    if found.sha256 != expected.sha256:
        raise ModelDamaged(path, "was changed: its checksum is not the card's", GET_ANOTHER_COPY)
    return data


class Graphs(NamedTuple):
    """Verified, ready to run, from several threads if need be."""

    encoder: InferenceSession
    decoder: InferenceSession
    guide: InferenceSession | None


def open_graphs(folder: ModelFolder, threads: int | None = None) -> Graphs:
    """The graphs of a model.

    Args:
        folder: the model.
        threads: that one run uses; None: one for each core that this process may use.

    Raises:
        ModelDamaged: a graph is missing, was changed, or is not what the card says.
    """
    begun = _begun.pop((folder.path, threads), None)
    _begun.clear()  # what was begun in vain
    return begun.result() if begun else _open_graphs(folder, threads)


def open_ahead(model: str | Path, threads: int | None = None) -> None:
    """Begin to open a model's graphs aside, while what will ask for them is still being made ready.

    What fails is raised by `open_graphs`; if that asks for others, these are dropped.

    Raises:
        ModelNotFound, ModelDamaged: see `find`.
    """
    import_onnxruntime()  # here: two threads must not import the same module at once
    folder = find(model)
    if (folder.path, threads) not in _begun:
        aside = ThreadPoolExecutor(1)
        _begun[folder.path, threads] = aside.submit(_open_graphs, folder, threads)
        aside.shutdown(wait=False)


_begun: dict[tuple[Path, int | None], Future[Graphs]] = {}


def _open_graphs(folder: ModelFolder, threads: int | None) -> Graphs:
    card, guide = folder.card, None
    prior = ("prior",) if card.prior else ()
    outputs = decoder_outputs(card)
    names = (ENCODER, DECODER, GUIDE) if guide_outputs(card) else (ENCODER, DECODER)
    with ThreadPoolExecutor(2) as two:
        opening = [two.submit(_open_graph, folder, name, threads) for name in names]
        encoder, decoder = opening[0].result(), opening[1].result()
        _check_names(folder, ENCODER, encoder, ("lightness",), (*card.features, *prior))
        _check_names(folder, DECODER, decoder, (*card.features, *prior), outputs)
        if guide_outputs(card):
            guide = opening[2].result()
            _check_names(folder, GUIDE, guide, (*card.features, "trunk"), guide_outputs(card))
    side = encoder.get_inputs()[0].shape[-1]
    if side != card.input_size:
        reason = f"takes pictures of side {side}, not the card's {card.input_size}"
        raise ModelDamaged(folder.path / ENCODER, reason, GET_ANOTHER_COPY)
    return Graphs(encoder, decoder, guide)


def decoder_outputs(card: ModelCard) -> tuple[str, ...]:
    """Names of what the decoder gives."""
    optional = {"vivid": card.settings, "trunk": guide_outputs(card)}
    return ("ab", *(name for name, there in optional.items() if there))


def guide_outputs(card: ModelCard) -> tuple[str, ...]:
    """Names of what the guide gives; empty: there is none."""
    optional = {"logits": card.bins, "affinity": card.hints}
    return tuple(name for name, there in optional.items() if there)


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _open_graph(folder: ModelFolder, name: str, threads: int | None) -> InferenceSession:
    onnxruntime = import_onnxruntime()  # takes 0.1 s, which listing the models need not
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.enable_cpu_mem_arena = False  # it keeps the most that any run ever needed
    # a graph's threads would spin for some time after it, and take the cores from what comes next
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what fails is raised; the log would say it again
    known = onnxruntime.get_available_providers()
    wanted = [p for p in ("CUDAExecutionProvider", "CPUExecutionProvider") if p in known]
    data = _read_verified(folder, name)
    try:
        return onnxruntime.InferenceSession(data, options, providers=wanted)
    except Exception as error:  # onnxruntime's errors have no common base
        reason = f"is not a graph that can be run ({str(error).splitlines()[0]})"
        raise ModelDamaged(folder.path / name, reason, GET_ANOTHER_COPY) from None


def _check_names(
    folder: ModelFolder,
    name: str,
    graph: InferenceSession,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
) -> None:
    found = sorted(node.name for node in (*graph.get_inputs(), *graph.get_outputs()))
    if found != sorted((*inputs, *outputs)):
        reason = f"has the inputs and outputs {', '.join(found)}, not those of its card"
        raise ModelDamaged(folder.path / name, reason, GET_ANOTHER_COPY)


def _system_reason(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "is missing" if missing else f"cannot be read ({error.strerror})"
