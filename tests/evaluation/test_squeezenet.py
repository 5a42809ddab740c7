from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colornet.errors import CheckpointError
from colornet.evaluation.squeezenet import CLASSES, FEATURES, SqueezeNet
from tests.evaluation import squeezenets


@pytest.fixture(scope="module")
def weights() -> dict[str, Any]:
    torch.manual_seed(0)
    return squeezenets.stored(SqueezeNet())


@pytest.fixture(scope="module")
def npz(weights: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "random.npz"
    np.savez(path, **weights)
    return path


def test_weights_arrive_in_forward_order(npz: Path, weights: dict[str, Any]) -> None:
    network = SqueezeNet.from_npz(npz)
    order: list[np.ndarray] = []
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(lambda m, *_: order.append(m.weight.detach().numpy()))

    network(torch.rand(1, 3, 32, 32))

    assert len(order) == 26
    for number, used in enumerate(order):
        np.testing.assert_array_equal(used, weights[f"conv{number}_weight"])


@pytest.mark.parametrize("size", [(224, 224), (31, 64)])
def test_shapes(npz: Path, size: tuple[int, int]) -> None:
    network = SqueezeNet.from_npz(npz).eval()
    pictures = torch.rand(2, 3, *size)

    assert network.pool(network.deepest(pictures)).shape == (2, FEATURES)
    assert network(pictures).shape == (2, CLASSES)
    assert network.deepest(pictures).shape[-1] == {224: 13, 64: 3}[size[1]]


def test_parameter_count() -> None:
    """1.24 million, as published."""
    assert sum(p.numel() for p in SqueezeNet().parameters()) == 1_235_496


def test_the_mean_picture_is_zero_to_it() -> None:
    network = SqueezeNet()
    for convolution in (m for m in network.modules() if isinstance(m, torch.nn.Conv2d)):
        assert convolution.bias is not None
        torch.nn.init.zeros_(convolution.bias)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1).expand(-1, -1, 64, 64)

    torch.testing.assert_close(network(mean), torch.zeros(1, CLASSES))


def test_unusable_weights(
    tmp_path: Path, unreadable_weights: list[Path], weights: dict[str, Any]
) -> None:
    short = tmp_path / "short.npz"
    np.savez(short, **{name: value for name, value in weights.items() if name != "conv7_bias"})
    misshapen = tmp_path / "misshapen.npz"
    np.savez(misshapen, **{**weights, "conv25_bias": np.zeros(1001)})
    for path in (short, misshapen):
        with pytest.raises(CheckpointError, match=f"{path.name}: does not hold a SqueezeNet"):
            SqueezeNet.from_npz(path)

    for path in unreadable_weights:
        with pytest.raises(CheckpointError, match=f"{path.name}: (cannot be read|is missing)"):
            SqueezeNet.from_npz(path)
