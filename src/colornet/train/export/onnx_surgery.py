"""What is changed in a graph after torch has exported it."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from colornet.train.weights import HALF, SMALL, TRANSPOSED


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
