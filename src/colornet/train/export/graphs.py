"""The graphs of a model folder, each as a torch module, and how one is written as ONNX."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from colornet.model import (
    DECODER,
    ENCODER,
    GUIDANCE_HEAD,
    ModelCard,
    decoder_outputs,
    guidance_outputs,
)
from colornet.train.export.card import describe, encoder_outputs
from colornet.train.export.onnx_surgery import forget_origin, name_transposed, store_half
from colornet.train.task import ColorizationTask

OPSET = 18


class EncoderGraph(nn.Module):
    """lightness (B,1,S,S) 0..100 -> feature maps, and the prior (B,256) if the network has one."""

    def __init__(self, task: ColorizationTask) -> None:
        super().__init__()
        self.network = task.network

    def forward(self, lightness: Tensor) -> tuple[Tensor, ...]:
        """Encode."""
        encoded = self.network.encode(lightness)
        prior = () if encoded.prior is None else (encoded.prior,)
        return (*encoded.features, *prior)


class DecoderGraph(nn.Module):
    """Feature maps, prior -> what `decoder_outputs` names, in its order."""

    def __init__(self, task: ColorizationTask) -> None:
        super().__init__()
        self.network: Any = task.network
        self.head: Any = task.head
        self.guided = bool(guidance_outputs(describe(task)))

    def forward(self, *inputs: Any) -> tuple[Tensor, ...]:
        """Decode."""
        *features, prior = inputs if self.network.prior_channels else (*inputs, None)
        trunk = self.network.decode(list(features), prior)
        output = self.head(trunk)
        outputs = tuple(self.head.decodings(output).values())
        return (*outputs, trunk) if self.guided else outputs


class GuideGraph(nn.Module):
    """Feature maps, trunk -> what `guidance_outputs` names, in its order."""

    def __init__(self, task: ColorizationTask) -> None:
        super().__init__()
        self.network: Any = task.network
        self.head: Any = task.head

    def forward(self, *inputs: Any) -> tuple[Tensor, ...]:
        """What more is known of the colors."""
        *features, trunk = inputs
        known = [self.head.logits(self.head(trunk))] if len(self.head.bins) else []
        affinity = self.network.predict_affinity(features, trunk)
        return tuple(known) if affinity is None else (*known, affinity)


def model_graphs(
    task: ColorizationTask, card: ModelCard
) -> Iterator[tuple[str, nn.Module, list[str], list[str]]]:
    """File, module, and names of what it takes and gives, of each graph in the order they run."""
    encoded = encoder_outputs(task)
    yield ENCODER, EncoderGraph(task).eval(), ["lightness"], encoded
    yield DECODER, DecoderGraph(task).eval(), encoded, list(decoder_outputs(card))
    if given := guidance_outputs(card):
        yield GUIDANCE_HEAD, GuideGraph(task).eval(), [*card.features, "trunk"], list(given)


def write_graph(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    input_names: list[str],
    output_names: list[str],
    path: Path,
) -> None:
    """Export one module with a free batch size, its weights stored as fp16."""
    batch = torch.export.Dim("batch", min=1, max=1024)
    shapes: Any = tuple({0: batch} for _ in inputs)
    if not isinstance(module, EncoderGraph):
        shapes = (shapes,)  # their inputs are one variadic argument
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside torch's exporter
        program = torch.onnx.export(
            module,
            inputs,
            input_names=input_names,
            output_names=output_names,
            opset_version=OPSET,
            dynamic_shapes=shapes,
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # dynamo=True always returns one
    model = program.model_proto
    forget_origin(model)
    name_transposed(model.graph, module)
    store_half(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, path)
