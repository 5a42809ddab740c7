"""A model's graphs, opened in ONNX Runtime after they are compared with its card."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from colornet.errors import ModelDamaged
from colornet.model.card import (
    DECODER,
    DECODER_FEATURES,
    ENCODER,
    GET_ANOTHER_COPY,
    GUIDANCE_HEAD,
    LIGHTNESS,
    LOGITS,
    PRIOR,
    decoder_outputs,
    guidance_outputs,
)
from colornet.model.folder import ModelFolder, find, graph_files, read_verified
from colornet.privacy import import_onnxruntime

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class Graphs(NamedTuple):
    """A model's verified graphs, which several threads may run."""

    encoder: InferenceSession
    decoder: InferenceSession
    guidance_head: InferenceSession | None


class OpeningGraphs:
    """The same, while they are opened in the background.

    Each attribute waits for its own graph, so that the encoder can run before the others are open.

    Raises:
        ModelDamaged: by an attribute, see `open_graphs`.
    """

    def __init__(self, folder: ModelFolder, threads: int | None) -> None:
        two = ThreadPoolExecutor(2)
        names = graph_files(folder.card)
        self._opening = {name: two.submit(_open_graph, folder, name, threads) for name in names}
        two.shutdown(wait=False)

    @property
    def encoder(self) -> InferenceSession:
        """The encoder."""
        return self._opening[ENCODER].result()

    @property
    def decoder(self) -> InferenceSession:
        """The decoder."""
        return self._opening[DECODER].result()

    @property
    def guidance_head(self) -> InferenceSession | None:
        """The guidance head, if there is one."""
        opening = self._opening.get(GUIDANCE_HEAD)
        return opening.result() if opening else None

    def all(self) -> Graphs:
        """All of them, open."""
        return Graphs(self.encoder, self.decoder, self.guidance_head)


def open_graphs(folder: ModelFolder, threads: int | None = None) -> Graphs:
    """Open the graphs of a model.

    Args:
        folder: the model.
        threads: threads of one run; None: one for each core that this process may use.

    Raises:
        ModelDamaged: a graph is missing, was changed, or is not what the card says.
    """
    return begun_graphs(folder, threads).all()


def begun_graphs(folder: ModelFolder, threads: int | None = None) -> OpeningGraphs:
    """The graphs that `open_ahead` began to open, or else all of them, open.

    What is wrong with one that is not open yet is raised when it is needed.

    Raises:
        ModelDamaged: see `open_graphs`.
    """
    begun = _begun.pop((folder.path, threads), None)
    _begun.clear()  # models that were not needed
    if begun is None:
        begun = OpeningGraphs(folder, threads)
        begun.all()
    return begun


def open_ahead(model: str | Path) -> None:
    """Start to open a model's graphs, for all cores, in the background, for a later `begun_graphs`.

    If that is asked for another model, these graphs are dropped.

    Raises:
        ModelNotFound, ModelDamaged: see `find`.
    """
    import_onnxruntime()  # here: two threads must not import the same module at once
    folder = find(model)
    if (folder.path, None) not in _begun:
        _begun[folder.path, None] = OpeningGraphs(folder, None)


_begun: dict[tuple[Path, int | None], OpeningGraphs] = {}


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _open_graph(folder: ModelFolder, name: str, threads: int | None) -> InferenceSession:
    onnxruntime = import_onnxruntime()  # takes 0.1 s, and is not needed to list models
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.enable_cpu_mem_arena = False  # it would keep the most memory that any run needed
    # otherwise, threads keep cores busy for some time after each run
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # errors are raised, and need not be logged
    known = onnxruntime.get_available_providers()
    wanted = [p for p in ("CUDAExecutionProvider", "CPUExecutionProvider") if p in known]
    data = read_verified(folder, name)
    try:
        graph = onnxruntime.InferenceSession(data, options, providers=wanted)
    except Exception as error:  # onnxruntime's errors have no common base
        reason = f"is not a graph that can be run ({str(error).splitlines()[0]})"
        raise ModelDamaged(folder.path / name, reason, GET_ANOTHER_COPY) from None
    _check(folder, name, graph)
    return graph


def _check(folder: ModelFolder, name: str, graph: InferenceSession) -> None:
    """Raise `ModelDamaged` unless a graph is what the card says."""
    card = folder.card
    features = (*card.features, PRIOR) if card.prior else card.features
    expected = {
        ENCODER: (LIGHTNESS, *features),
        DECODER: (*features, *decoder_outputs(card)),
        GUIDANCE_HEAD: (*card.features, DECODER_FEATURES, *guidance_outputs(card)),
    }[name]
    found = sorted(node.name for node in (*graph.get_inputs(), *graph.get_outputs()))
    if found != sorted(expected):
        reason = f"has the inputs and outputs {', '.join(found)}, not those of its card"
        raise ModelDamaged(folder.path / name, reason, GET_ANOTHER_COPY)
    lengths = {PRIOR: card.prior, LOGITS: len(card.bins)}
    for node in graph.get_outputs():
        found_length = node.shape[1] if node.name in lengths else None
        if isinstance(found_length, int) and found_length != lengths[node.name]:
            reason = f"gives {found_length} values as {node.name}, not the {lengths[node.name]}"
            raise ModelDamaged(folder.path / name, f"{reason} of its card", GET_ANOTHER_COPY)
    side = graph.get_inputs()[0].shape[-1]
    if name == ENCODER and side != card.input_size:
        reason = f"takes pictures of side {side}, not the card's {card.input_size}"
        raise ModelDamaged(folder.path / ENCODER, reason, GET_ANOTHER_COPY)
