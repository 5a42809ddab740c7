"""Export of a checkpoint as a model folder: ONNX graphs and a card, compared with torch."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from colornet.errors import CHECK_FOLDER, CheckpointError, OptionError, system_reason
from colornet.model import (
    CARD,
    DECODER,
    ENCODER,
    GUIDANCE_HEAD,
    ModelFolder,
    record_files,
)
from colornet.paths import refuse_current, refuse_file
from colornet.train.export.card import describe
from colornet.train.export.folding import as_stored, batch_norm_factors
from colornet.train.export.graphs import model_graphs, write_graph
from colornet.train.export.verify import compare
from colornet.train.networks import sizes_near
from colornet.train.task import ColorizationTask
from colornet.train.weights import REST, write_rest
from colornet.train.whole_folders import OLD, building

OWN = {CARD, ENCODER, DECODER, GUIDANCE_HEAD, REST}
"""The files of a model folder."""
TOLERANCE = 1e-3
"""Largest difference between ONNX Runtime and torch, as a share of the ab range."""


def export_checkpoint(
    checkpoint: Path,
    output: Path,
    card: Mapping[str, Any] | None = None,
    input_size: int | None = None,
    **head: Any,
) -> ModelFolder:
    """Write the model folder of a checkpoint.

    Args:
        checkpoint: from `colornet train`.
        output: the model folder; replaced if it is one already, and holds nothing else.
        card: fields of the card, such as title, license, data, figures, weaknesses.
        input_size: side S of the pictures that the network will be run on; as trained if None.
        head: options of the head that replace those it was trained with, such as `temperature`.

    Raises:
        RecipeError: the head has no such option.
        OptionError: the network does not take pictures of this side, or `output` is the current
            folder.
        CheckpointError: the checkpoint is not usable, ONNX Runtime and torch differ by more than
            TOLERANCE of the ab range, or `output` holds something other than a model or cannot be
            written.
        UnwritablePicture: another process is exporting to the same folder.
    """
    refuse_file(output)
    refuse_current(output)
    _refuse_other_files(output)
    trained = ColorizationTask.from_checkpoint(checkpoint, **head)
    task = as_stored(trained)
    size = input_size or task.recipe.crop
    network = task.recipe.network["name"]
    if near := sizes_near(network, size):
        remedy = f"use {' or '.join(map(str, near))}"
        raise OptionError(
            "--input-size", f"is {size}, and network {network} does not take it", remedy
        )
    place = Path(os.path.realpath(output))  # a link stays one
    try:
        with building(place) as new:
            write_graphs(task, new, size)
            write_rest(new, trained.state_dict(), batch_norm_factors(trained))
            try:
                described = describe(task, place.name, size, card, files=record_files(new))
            except TypeError as error:
                remedy = "see the cards of the shipped models"
                raise CheckpointError("card", str(error), remedy) from error
            described.to_file(new / CARD)
            folder = ModelFolder(new, described)
            difference = compare(task, folder)
            if not difference <= TOLERANCE:  # or NaN
                raise CheckpointError(
                    checkpoint,
                    f"ONNX Runtime and torch differ by {difference:.2g} of the ab range",
                    f"at most {TOLERANCE} is allowed",
                )
            _replace(place, new)
    except OSError as error:
        reason = f"cannot be written ({system_reason(error)})"
        raise CheckpointError(output, reason, CHECK_FOLDER) from error
    return ModelFolder(output, folder.card)


def _refuse_other_files(output: Path) -> None:
    """Raise `CheckpointError` if a folder, which is to be replaced, holds more than a model."""
    names = {path.name for path in output.iterdir()} if output.exists() else set()
    if names and CARD not in names:
        raise CheckpointError(output, "is not empty and no model folder", "choose another")
    if others := names - OWN:
        reason = "is no file of the model in its folder, which would be replaced"
        remedy = "move it elsewhere, or choose another folder"
        raise CheckpointError(output / min(others), reason, remedy)


def _replace(place: Path, new: Path) -> None:
    """Put a folder of `building` in the place of another, which is removed with what else is there.

    Raises:
        CheckpointError: that fails, as where another process has put one there meanwhile.
    """
    try:
        with contextlib.suppress(FileNotFoundError):
            place.rename(new.with_name(OLD))
        new.rename(place)
    except OSError as error:
        reason = f"cannot be replaced ({system_reason(error)})"
        raise CheckpointError(place, reason, "export it again") from None


def write_graphs(task: ColorizationTask, folder: Path, size: int) -> None:
    """Write the graphs of a task from `as_stored`."""
    card = describe(task)
    known = {"lightness": torch.rand(2, 1, size, size) * 100}
    for file, graph, inputs, outputs in model_graphs(task, card):
        given = tuple(known[name] for name in inputs)
        with torch.no_grad():
            known |= zip(outputs, graph(*given), strict=True)
        write_graph(graph, given, inputs, outputs, folder / file)
