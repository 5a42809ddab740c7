from typing import Any

import pytest
import torch
from torch import nn

from colornet.errors import RecipeError
from colornet.train.heads import RegressionHead
from colornet.train.networks.iizuka import Iizuka

# The founding table: (output channels, stride) of each 3x3 convolution.
LOW_LEVEL = [(64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1)]
MID_LEVEL = [(512, 1), (256, 1)]
GLOBAL = [(512, 2), (512, 1), (512, 2), (512, 1)]
GLOBAL_FC = [1024, 512, 256]
COLORIZATION = [(128, 1), (64, 1), (64, 1), (32, 1)]


def convolutions(module: nn.Module) -> list[nn.Conv2d]:
    found = [m for m in module.modules() if isinstance(m, nn.Conv2d)]
    assert all(m.kernel_size == (3, 3) and m.padding == (1, 1) for m in found)
    return found


def plan(module: nn.Module) -> list[tuple[int, int]]:
    return [(m.out_channels, m.stride[0]) for m in convolutions(module)]


def test_every_layer_is_that_of_the_table() -> None:
    network = Iizuka()
    assert network.global_features is not None
    assert plan(network.low_level) == LOW_LEVEL
    assert plan(network.mid_level) == MID_LEVEL
    assert plan(network.global_features.convolutions) == GLOBAL
    linear = [m for m in network.global_features.modules() if isinstance(m, nn.Linear)]
    assert [m.out_features for m in linear] == GLOBAL_FC
    assert [m.in_channels for m in convolutions(network.fusion)] == [512]
    assert plan(network.fusion) == [(256, 1)]
    assert plan(network.colorization) == COLORIZATION
    assert sum(isinstance(m, nn.Upsample) for m in network.colorization) == 2
    head = RegressionHead(network.trunk_channels)
    assert plan(head) == [(2, 1)]


def test_every_convolution_and_hidden_layer_has_batch_norm_and_relu() -> None:
    network = Iizuka(classes=10)
    blocks = [m for m in network.modules() if isinstance(m, nn.Sequential)]
    blocks = [m for m in blocks if isinstance(m[0], nn.Conv2d | nn.Linear)]
    kinds = [[type(layer) for layer in block] for block in blocks]
    assert all(k[1] in (nn.BatchNorm2d, nn.BatchNorm1d) and k[2] is nn.ReLU for k in kinds)
    assert len(blocks) == len(LOW_LEVEL + MID_LEVEL + GLOBAL + GLOBAL_FC + COLORIZATION) + 2


def test_it_has_the_published_number_of_parameters() -> None:
    network = Iizuka()
    head = RegressionHead(network.trunk_channels)
    count = sum(p.numel() for m in (network, head) for p in m.parameters())
    assert round(count / 1e6, 1) == 43.2


def test_the_classifier_reads_the_512_of_the_global_network() -> None:
    classifier = Iizuka(classes=7).classifier
    linear = [m for m in classifier.modules() if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in linear] == [(512, 256), (256, 7)]


def test_one_class_needs_no_classifier() -> None:
    assert Iizuka(classes=1).classifier is None


def test_the_baseline_fuses_the_local_features_alone() -> None:
    network = Iizuka(global_features=False).eval()
    encoded = network.encode(torch.rand(1, 1, 64, 64) * 100)
    assert encoded.prior is None
    assert [m.in_channels for m in convolutions(network.fusion)] == [256]
    assert network.decode(encoded.features, None).shape == (1, 32, 32, 32)


def test_the_prior_of_another_photograph_changes_the_colors() -> None:
    network = Iizuka(width=0.1, global_size=64).eval()
    for norm in (m for m in network.modules() if isinstance(m, nn.BatchNorm1d)):
        nn.init.ones_(norm.bias)
    ours, other = (network.encode(torch.rand(1, 1, 64, 64) * 100) for _ in range(2))
    assert not torch.equal(
        network.decode(ours.features, ours.prior), network.decode(ours.features, other.prior)
    )


@pytest.mark.parametrize("options", [{"global_size": 100}, {"global_size": 0}, {"width": 0}])
def test_impossible_shapes_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        Iizuka(**options)
