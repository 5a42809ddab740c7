"""A model's graphs, opened in ONNX Runtime after they are compared with its card."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
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


def open_graphs(folder: ModelFolder, threads: int | None = None) -> Graphs:
    """Open the graphs of a model.

    Args:
        folder: the model.
        threads: threads of one run; None: one for each core that this process may use.

    Raises:
        ModelDamaged: a graph is missing, was changed, or is not what the card says.
    """
    begun = _begun.pop((folder.path, threads), None)
    _begun.clear()  # models that were not needed
    return begun.result() if begun else _open_graphs(folder, threads)


def open_ahead(model: str | Path, threads: int | None = None) -> None:
    """Start to open a model's graphs in the background, for a later `open_graphs`.

    Errors are raised by `open_graphs`. If that opens another model, these graphs are dropped.

    Raises:
        ModelNotFound, ModelDamaged: see `find`.
    """
    import_onnxruntime()  # here: two threads must not import the same module at once
    folder = find(model)
    if (folder.path, threads) not in _begun:
        background = ThreadPoolExecutor(1)
        _begun[folder.path, threads] = background.submit(_open_graphs, folder, threads)
        background.shutdown(wait=False)


_begun: dict[tuple[Path, int | None], Future[Graphs]] = {}


def _open_graphs(folder: ModelFolder, threads: int | None) -> Graphs:
    card, head = folder.card, None
    prior = (PRIOR,) if card.prior else ()
    outputs = decoder_outputs(card)
    names = graph_files(card)
    with ThreadPoolExecutor(2) as two:
        opening = [two.submit(_open_graph, folder, name, threads) for name in names]
        encoder, decoder = opening[0].result(), opening[1].result()
        _check_names(folder, ENCODER, encoder, (LIGHTNESS,), (*card.features, *prior))
        _check_names(folder, DECODER, decoder, (*card.features, *prior), outputs)
        if outputs_of_head := guidance_outputs(card):
            head = opening[2].result()
            inputs = (*card.features, DECODER_FEATURES)
            _check_names(folder, GUIDANCE_HEAD, head, inputs, outputs_of_head)
    side = encoder.get_inputs()[0].shape[-1]
    if side != card.input_size:
        reason = f"takes pictures of side {side}, not the card's {card.input_size}"
        raise ModelDamaged(folder.path / ENCODER, reason, GET_ANOTHER_COPY)
    return Graphs(encoder, decoder, head)


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
