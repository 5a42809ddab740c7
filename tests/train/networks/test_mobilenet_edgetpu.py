import numpy as np
import pytest
import torch
from scipy.signal import correlate2d

from colornet.errors import CheckpointError
from colornet.train.networks.mobilenet_edgetpu import (
    CLASSES,
    FEATURE_CHANNELS,
    FEATURE_STRIDES,
    MobileNetEdgeTPU,
    SameConv2d,
)


@pytest.fixture(scope="module")
def npz(tmp_path_factory):
    torch.manual_seed(0)
    weights = {k: v.half().numpy() for k, v in MobileNetEdgeTPU().state_dict().items()}
    path = tmp_path_factory.mktemp("weights") / "random.npz"
    np.savez(path, **weights)
    return path


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("size", [(8, 8), (9, 7), (6, 11)])
@pytest.mark.parametrize("stride", [1, 2])
def test_same_padding_as_tensorflow_defines_it(kernel, size, stride):
    torch.manual_seed(0)
    convolution = SameConv2d(1, 1, kernel, stride, bias=False)
    x = torch.randn(1, 1, *size)
    out = [-(-n // stride) for n in size]  # TensorFlow: ceil(n / stride)
    total = [max((o - 1) * stride + kernel - n, 0) for o, n in zip(out, size, strict=True)]
    padded = np.pad(x[0, 0].numpy(), [(t // 2, t - t // 2) for t in total])
    weight = convolution.weight[0, 0].detach().numpy()
    expected = correlate2d(padded, weight, mode="valid")[::stride, ::stride]
    result = convolution(x)[0, 0].detach().numpy()
    assert result.shape == tuple(out)
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("size", [(64, 64), (96, 33)])
def test_features_have_the_strides_and_channels_they_claim(npz, size):
    network = MobileNetEdgeTPU.from_npz(npz).eval()
    x = torch.rand(2, 3, *size)
    shapes = [tuple(m.shape) for m in network.features(x)]
    assert shapes == [
        (2, channels, *(-(-n // stride) for n in size))
        for channels, stride in zip(FEATURE_CHANNELS, FEATURE_STRIDES, strict=True)
    ]
    assert network(x).shape == (2, CLASSES)


def test_parameter_count():
    parameters = dict(MobileNetEdgeTPU().named_parameters())
    assert sum(p.numel() for p in parameters.values()) == 4_073_273
    features = (p for name, p in parameters.items() if name.split(".")[0] not in ("last", "cls"))
    assert sum(p.numel() for p in features) == 2_543_952


def test_gray_gives_what_equal_rgb_gives(npz):
    gray = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        by_gray = MobileNetEdgeTPU.from_npz(npz, channels=1)(gray)
        by_rgb = MobileNetEdgeTPU.from_npz(npz)(gray.expand(-1, 3, -1, -1))
    torch.testing.assert_close(by_gray, by_rgb)


def test_gradients_reach_every_weight(npz):
    network = MobileNetEdgeTPU.from_npz(npz)
    network(torch.rand(1, 3, 32, 32)).square().sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_unusable_weights(tmp_path, unreadable_weights):
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, weight=np.zeros(3))
    for path in (foreign, *unreadable_weights):
        with pytest.raises(CheckpointError, match=path.name):
            MobileNetEdgeTPU.from_npz(path)
