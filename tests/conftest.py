"""A real model, small enough to be made here, and photographs to color with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
from PIL import Image
from skimage import data

from colornet.colorizer import Colorizer
from colornet.guidance import Guidance
from colornet.model import (
    CARD,
    DECODER,
    ENCODER,
    GUIDANCE_HEAD,
    ModelCard,
    TrainingData,
    record_files,
    usable_cores,
)

SIZE = 32
PRIOR = 256
UNUSUAL = Guidance(strength=0.5, saturation=2.0, setting="vivid", variant=1, levels=(12.5, 85.0))
"""Every value is another than the default."""
BINS = ((60.0, 40.0), (-50.0, 40.0), (0.0, 60.0), (0.0, -50.0))

settings.register_profile("colornet", deadline=None)  # a busy machine is no failure
settings.load_profile("colornet")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, since many a test waits for another process."""
    return usable_cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that no process is left alone with one in the end.

    Raises:
        pytest.UsageError: a test's name holds an address, by which it differs between processes.
    """
    if nameless := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"{nameless[0]}: give its parameters `ids` that stay the same")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with a global prior; not to be written to."""
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny(tiny_model: Path) -> Colorizer:
    """That model, loaded."""
    return Colorizer(tiny_model, threads=1)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A gray JPEG of 160 x 128 pixels."""
    path = tmp_path / "astronaut.jpg"
    Image.fromarray(data.astronaut()).convert("L").resize((160, 128)).save(path)
    return path


@pytest.fixture(scope="session")
def guided_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with prior, hints and a distribution; not to be written to."""
    return write_model(tmp_path_factory.mktemp("models") / "guided", guided=True)


@pytest.fixture(scope="session")
def guided(guided_model: Path) -> Colorizer:
    """That model, loaded."""
    return Colorizer(guided_model, threads=1)


@pytest.fixture
def unreadable_weights(tmp_path: Path) -> list[Path]:
    """Files that are no .npz of arrays: text, nothing, a single array, a missing one."""
    (tmp_path / "text.npz").write_text("not weights")
    (tmp_path / "empty.npz").touch()
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    return [tmp_path / f"{name}.npz" for name in ("text", "empty", "array", "missing")]


def write_model(
    folder: Path,
    prior: bool = True,
    scale: float = 1.0,
    guided: bool = False,
    size: int = SIZE,
    step: int = 2,
) -> Path:
    """Make a model whose colors follow from lightness and, where there is one, from the prior.

    At a pixel of lightness L, and with a prior from a picture of mean lightness M, its ab are
    scale * (0.6 L, 0.4 M). A guided one spreads hints to places of like lightness, and holds
    BINS possible: light places are red, dark ones may be of any color. It sees `size` pixels a
    side, and gives a color for each square of `step`; what is left of one counts as a whole one.
    """
    side = -(-size // step)
    lightness = _value("lightness", 1, 1, size, size)
    features = _value("features_0", 1, 1, side, side)
    ab = _value("ab", 1, 2, side, side)
    priors = [_value("prior", 1, PRIOR)] if prior else []
    encode = [
        _node(
            "AveragePool",
            "lightness",
            "features_0",
            kernel_shape=[step, step],
            strides=[step, step],
            ceil_mode=1,
        )
    ]
    decode = [_node("Mul", "features_0 local", "ab")]
    if prior:
        encode += [
            _node("GlobalAveragePool", "lightness", "mean"),
            _node("Flatten", "mean", "flat"),
            _node("Tile", "flat repeats", "prior"),
        ]
        decode = [
            _node("ReduceMean", "prior axes", "mean"),
            _node("Mul", "mean global", "cast"),  # (1, 1) and (1, 2, 1, 1)
            _node("Mul", "features_0 local", "detail"),
            _node("Add", "detail cast", "ab"),
        ]
    trunk = _value("trunk", 1, 1, side, side)
    folder.mkdir(parents=True)
    if guided:
        decode.append(_node("Identity", "features_0", "trunk"))
        known = [
            _value("logits", 1, len(BINS), side, side),
            _value("affinity", 1, 4, side, side),
        ]
        guide = [
            _node("Mul", "trunk leaning", "logits"),
            _node("Mul", "features_0 amplitude_and_nearness", "both"),
            _node("Add", "both amplitude", "affinity"),
        ]
        _write(folder / GUIDANCE_HEAD, guide, [features, trunk], known)
    _write(folder / ENCODER, encode, [lightness], [features, *priors])
    _write(folder / DECODER, decode, [features, *priors], [ab, trunk] if guided else [ab], scale)
    ModelCard(
        name=folder.name,
        title="A model for tests",
        description="Its colors follow from lightness.",
        license="MIT",
        data=(TrainingData("nothing", 0, "none"),),
        recipe="made by hand",
        input_size=size,
        features=("features_0",),
        prior=PRIOR if prior else 0,
        hints=guided,
        bins=BINS if guided else (),
        figures={"nothing": {"psnr": 21.5}},
        weaknesses=("It has learned nothing.",),
        files=record_files(folder),
    ).to_file(folder / CARD)
    return folder


def _write(
    path: Path,
    nodes: list[NodeProto],
    inputs: list[ValueInfoProto],
    outputs: list[ValueInfoProto],
    scale: float = 1.0,
) -> None:
    constants: dict[str, NDArray[Any]] = {
        "repeats": np.array([1, PRIOR]),
        "axes": np.array([1]),
        "local": np.array([0.6 * scale, 0], np.float32).reshape(1, 2, 1, 1),
        "leaning": np.array([0.1, 0.05, 0, 0], np.float32).reshape(1, -1, 1, 1),
        "amplitude_and_nearness": np.array([0, 0.2, 0, 0], np.float32).reshape(1, 4, 1, 1),
        "amplitude": np.array([1, 0, 0, 0], np.float32).reshape(1, 4, 1, 1),
        "global": np.array([0, 0.4 * scale], np.float32).reshape(1, 2, 1, 1),
    }
    used = {name for node in nodes for name in node.input}
    initializers = [numpy_helper.from_array(constants[n], n) for n in used & constants.keys()]
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _value(name: str, *shape: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _node(operation: str, inputs: str, output: str, **attributes: Any) -> NodeProto:
    return helper.make_node(operation, inputs.split(), [output], **attributes)
