"""A checkpoint becomes a model folder: ONNX graphs and a card, held to what torch computes."""

from __future__ import annotations

import copy
import json
import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from colornet.color import AB_LIMIT
from colornet.errors import CheckpointError, RecipeError
from colornet.modelfile import (
    CARD,
    DECODER,
    ENCODER,
    GUIDE,
    FileRecord,
    ModelCard,
    ModelFolder,
    Setting,
    TrainingData,
    decoder_outputs,
    guide_outputs,
    open_graphs,
    record_files,
)
from colornet.train.config import read_mapping
from colornet.train.heads import TwinHead
from colornet.train.task import ColorizationTask
from colornet.train.weights import HALF, SMALL, TRANSPOSED, write_rest

OPSET = 18
TOLERANCE = 1e-3
"""How far ONNX Runtime may be from torch, as a share of the ab range."""
LOGIT_UNIT = 10.0
"""Of logits, for the same: then no probability is wrong by more than 1 % of it."""
CARD_FIELDS = {
    *("title", "description", "license", "data", "recipe", "settings", "figures", "weaknesses")
}


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
        self.guided = bool(guide_outputs(describe(task)))

    def forward(self, *inputs: Any) -> tuple[Tensor, ...]:
        """Decode."""
        *features, prior = inputs if self.network.prior_channels else (*inputs, None)
        trunk = self.network.decode(list(features), prior)
        output = self.head(trunk)
        outputs = tuple(self.head.decodings(output).values())
        return (*outputs, trunk) if self.guided else outputs


class GuideGraph(nn.Module):
    """Feature maps, trunk -> what `guide_outputs` names, in its order."""

    def __init__(self, task: ColorizationTask) -> None:
        super().__init__()
        self.network: Any = task.network
        self.head: Any = task.head

    def forward(self, *inputs: Any) -> tuple[Tensor, ...]:
        """What more is known of the colors."""
        *features, trunk = inputs
        known = [self.head.logits(self.head(trunk))] if len(self.head.bins) else []
        affinity = self.network.relate(features, trunk)
        return tuple(known) if affinity is None else (*known, affinity)


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
        output: the model folder; replaced if it is one already.
        card: fields of the card, such as title, license, data, figures, weaknesses.
        input_size: side S of the pictures that the network will be run on; as trained if None.
        head: options of the head that replace those it was trained with, such as `temperature`.

    Raises:
        RecipeError: the head has no such option.
        CheckpointError: the checkpoint is not usable, ONNX Runtime and torch differ by more than
            TOLERANCE of the ab range, or `output` holds something else than a model.
    """
    if output.exists() and not (output / CARD).exists() and any(output.iterdir()):
        raise CheckpointError(output, "is not empty and no model folder", "choose another")
    trained = ColorizationTask.from_checkpoint(checkpoint, **head)
    task = as_stored(trained)
    size = input_size or task.recipe.crop
    building = output.with_name(f".{output.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        write_graphs(task, building, size)
        write_rest(building, trained.state_dict(), batch_norm_factors(trained))
        try:
            described = describe(
                task, output.resolve().name, size, card, files=record_files(building)
            )
        except TypeError as error:
            mend = "see the cards of the shipped models"
            raise CheckpointError("card", str(error), mend) from error
        described.to_file(building / CARD)
        folder = ModelFolder(building, described)
        difference = compare(task, folder)
        if not difference <= TOLERANCE:  # or NaN
            raise CheckpointError(
                checkpoint,
                f"ONNX Runtime and torch differ by {difference:.2g} of the ab range",
                f"at most {TOLERANCE} is allowed",
            )
        shutil.rmtree(output, ignore_errors=True)
        building.rename(output)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return ModelFolder(output, folder.card)


def write_graphs(task: ColorizationTask, folder: Path, size: int) -> None:
    """Write the graphs of a task from `as_stored`."""
    card = describe(task)
    known = {"lightness": torch.rand(2, 1, size, size) * 100}
    for file, graph, inputs, outputs in graphs(task, card):
        given = tuple(known[name] for name in inputs)
        with torch.no_grad():
            known |= zip(outputs, graph(*given), strict=True)
        write_graph(graph, given, inputs, outputs, folder / file)


def graphs(
    task: ColorizationTask, card: ModelCard
) -> Iterator[tuple[str, nn.Module, list[str], list[str]]]:
    """File, module, and names of what it takes and gives, of each graph in the order they run."""
    encoded = encoder_outputs(task)
    yield ENCODER, EncoderGraph(task).eval(), ["lightness"], encoded
    yield DECODER, DecoderGraph(task).eval(), encoded, list(decoder_outputs(card))
    if given := guide_outputs(card):
        yield GUIDE, GuideGraph(task).eval(), [*card.features, "trunk"], list(given)


def encoder_outputs(task: ColorizationTask) -> list[str]:
    """Names of the encoder's outputs: features_0 .. and, last, prior if there is one."""
    names = [f"features_{i}" for i in range(task.network.feature_maps)]
    return [*names, "prior"] if task.network.prior_channels else names


def as_stored(task: ColorizationTask) -> ColorizationTask:
    """A copy with batch norm folded, and weights rounded to fp16 where the graphs store that."""
    task = fold_batch_norm(task)
    for weights in task.parameters():
        if weights.numel() >= SMALL:
            weights.data = weights.data.half().float()
    return task


def fold_batch_norm(task: ColorizationTask) -> ColorizationTask:
    """A copy whose convolutions and linear layers have absorbed the batch norm behind them."""
    task = copy.deepcopy(task).float().eval()
    for layer, norm in before_batch_norm(task):
        first, second = task.get_submodule(layer), task.get_submodule(norm)
        fuse: Any = fuse_conv_bn_eval if isinstance(first, nn.Conv2d) else fuse_linear_bn_eval
        task.set_submodule(layer, fuse(first, second))
        task.set_submodule(norm, nn.Identity())
    return task


def batch_norm_factors(task: ColorizationTask) -> dict[str, Tensor]:
    """By what `fold_batch_norm` multiplies the outputs (C) of a layer, by its weight's name."""
    norms: dict[str, Any] = {
        layer: task.get_submodule(norm) for layer, norm in before_batch_norm(task)
    }
    return {
        f"{layer}.weight": (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
        for layer, norm in norms.items()
    }


def before_batch_norm(task: ColorizationTask) -> list[tuple[str, str]]:
    """Names of the layers that can absorb a batch norm, and of that batch norm."""
    absorbs = ((nn.Conv2d, nn.BatchNorm2d), (nn.Linear, nn.BatchNorm1d))
    return [
        (f"{parent}.{name}", f"{parent}.{next_name}")
        for parent, module in task.named_modules()
        for (name, first), (next_name, second) in pairwise(module.named_children())
        if any(isinstance(first, a) and isinstance(second, b) for a, b in absorbs)
    ]


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


def forget_origin(model: onnx.ModelProto) -> None:
    """Take out the exporter's notes, among them source lines with the paths of this machine."""
    del model.metadata_props[:]
    for item in (*model.graph.node, *model.graph.value_info, *model.graph.initializer):
        item.doc_string = ""
        del item.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]


def name_transposed(graph: onnx.GraphProto, module: nn.Module) -> None:
    """Give linear layers' weights, which the exporter transposes, their names back."""
    weights = {n: p.detach().numpy() for n, p in module.named_parameters() if p.dim() == 2}
    for tensor in graph.initializer:
        weights.pop(tensor.name, None)
    renamed = {}
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if name := next((n for n, w in weights.items() if np.array_equal(values, w.T)), None):
            del weights[name]
            renamed[tensor.name] = f"{name}{TRANSPOSED}"
            tensor.name = renamed[tensor.name]
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    for value in graph.value_info:
        value.name = renamed.get(value.name, value.name)


def store_half(graph: onnx.GraphProto) -> None:
    """Keep large weights as fp16, with a cast to fp32 that runtimes fold when they load."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALL:
            continue
        name = tensor.name
        half = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}{HALF}"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    for i in reversed([i for i, v in enumerate(graph.value_info) if _is_initializer(graph, v)]):
        del graph.value_info[i]


def _is_initializer(graph: onnx.GraphProto, value: onnx.ValueInfoProto) -> bool:
    return any(tensor.name in (value.name, f"{value.name}{HALF}") for tensor in graph.initializer)


def describe(
    task: ColorizationTask,
    name: str = "",
    size: int = 0,
    fields: Mapping[str, Any] | None = None,
    files: Mapping[str, FileRecord] | None = None,
) -> ModelCard:
    """The card: what the graphs take and give, and what `fields` says of the model."""
    network, head = task.recipe.network["name"], task.recipe.head["name"]
    fields = {
        "title": f"{network} network with the {head} head",
        "description": "Trained with colornet.",
        "license": "not stated",
        "data": [],
        "recipe": json.dumps(task.recipe.to_dict()),
        "figures": {},
        "weaknesses": [],
        "settings": {},
        **(fields or {}),
    }
    settings = {n: Setting(**s) for n, s in fields["settings"].items()}
    if isinstance(task.head, TwinHead) and not settings:
        settings = {"default": Setting(vividness=1 - task.head.blend, saturation=1.0)}
    return ModelCard(
        name=name,
        title=fields["title"],
        description=fields["description"],
        license=fields["license"],
        data=tuple(TrainingData(**source) for source in fields["data"]),
        recipe=fields["recipe"],
        input_size=size,
        features=tuple(n for n in encoder_outputs(task) if n != "prior"),
        prior=task.network.prior_channels,
        hints=getattr(task.network, "affinity", None) is not None,
        settings=settings,
        bins=tuple((float(a), float(b)) for a, b in task.head.bins),
        figures=fields["figures"],
        weaknesses=tuple(fields["weaknesses"]),
        files=files or {},
    )


def read_card_fields(path: Path) -> dict[str, Any]:
    """What a YAML file says of a model: title, description, license, data, figures, weaknesses.

    Raises:
        RecipeError: the file is missing, is no YAML mapping, or has other keys.
    """
    fields = read_mapping(path)
    if unknown := sorted(set(fields) - CARD_FIELDS):
        mend = f"known: {', '.join(sorted(CARD_FIELDS))}"
        raise RecipeError(path, f"unknown key {', '.join(map(str, unknown))}", mend)
    return fields


def compare(task: ColorizationTask, folder: ModelFolder) -> float:
    """Largest difference between ONNX Runtime and torch; of colors, as a share of the ab range."""
    sessions: dict[str, Any] = dict(
        zip((ENCODER, DECODER, GUIDE), open_graphs(folder), strict=True)
    )
    worst = 0.0
    for lightness in trial_lightness(folder.card.input_size):  # (1,1,S,S) each
        found = {"lightness": lightness}
        expected = {"lightness": torch.from_numpy(lightness)}
        for file, graph, inputs, outputs in graphs(task, folder.card):
            given = {name: found[name] for name in inputs}
            found |= zip(outputs, sessions[file].run(outputs, given), strict=True)
            with torch.no_grad():
                expected |= zip(outputs, graph(*(expected[name] for name in inputs)), strict=True)
        for name in (*decoder_outputs(folder.card), *guide_outputs(folder.card)):
            unit = LOGIT_UNIT if name == "logits" else 2 * AB_LIMIT
            difference = np.abs(found[name] - expected[name].numpy()).max() / unit
            worst = float(np.maximum(worst, difference))  # NaN if there is one
    return worst


def trial_lightness(size: int) -> NDArray[np.float32]:
    """Lightness (4,1,1,S,S) to compare on: black, a ramp, soft blotches, noise."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 100, size)[None].repeat(size, 0)
    coarse = torch.from_numpy(rng.uniform(0, 100, (1, 1, 8, 8)))
    soft = nn.functional.interpolate(coarse, (size, size), mode="bilinear")[0, 0].numpy()
    noise = rng.uniform(0, 100, (size, size))
    return np.stack([np.zeros_like(ramp), ramp, soft, noise])[:, None, None].astype(np.float32)
