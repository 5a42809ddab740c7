"""SqueezeNet 1.1: an ImageNet classifier for perceptual metrics; nothing is trained with it.

"SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size" (Iandola et
al., 2016), in the release 1.1, as in the ONNX model zoo:

    3x3 /2 -> 64, ReLU, max pool
    fire 128, fire 128, max pool; fire 256, fire 256, max pool
    fire 384, fire 384, fire 512, fire 512                               features: mean over the map
    1x1 -> 1000 classes, ReLU, mean over the map

A fire squeezes by 1x1, and widens by 1x1 and 3x3 side by side. Every convolution has a ReLU, and
every max pool is 3x3 /2.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colornet.errors import CheckpointError
from colornet.train.weights import read_npz

CLASSES = 1000
FEATURES = 512
SIZE = 224
"""Side of the pictures it was trained on; any from 31 up will do."""
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Fire(nn.Module):
    """Squeeze, then widen two ways; convolutions in forward order, as they are stored."""

    def __init__(self, channels_in: int, squeezed: int, channels_out: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels_in, squeezed, 1)
        self.expand1 = nn.Conv2d(squeezed, channels_out // 2, 1)
        self.expand3 = nn.Conv2d(squeezed, channels_out // 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, h, w) -> (B, channels_out, h, w)."""
        x = F.relu(self.squeeze(x))
        return F.relu(torch.cat((self.expand1(x), self.expand3(x)), dim=1))


class SqueezeNet(nn.Module):
    """The network; pictures come as rgb01, the ImageNet mean and deviation are its own."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, values in (("mean", IMAGENET_MEAN), ("std", IMAGENET_STD)):
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1), persistent=False)
        self.trunk = nn.Sequential(
            nn.Conv2d(3, 64, 3, stride=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            Fire(64, 16, 128),
            Fire(128, 16, 128),
            nn.MaxPool2d(3, 2),
            Fire(128, 32, 256),
            Fire(256, 32, 256),
            nn.MaxPool2d(3, 2),
            Fire(256, 48, 384),
            Fire(384, 48, 384),
            Fire(384, 64, 512),
            Fire(512, 64, FEATURES),
        )
        self.classifier = nn.Conv2d(FEATURES, CLASSES, 1)

    @classmethod
    def from_npz(cls, path: Path) -> SqueezeNet:
        """Load weights named `conv0_weight`, `conv0_bias` .. `conv25_bias`, in forward order.

        Args:
            path: .npz file; any float type.

        Raises:
            CheckpointError: the file cannot be read, or belongs to another network.
        """
        network = cls()
        names = {
            f"conv{i // 2}_{own.split('.')[-1]}": own for i, own in enumerate(network.state_dict())
        }
        weights = {names.get(key, key): value for key, value in read_npz(path).items()}
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            remedy = "name a .npz file of its weights"
            raise CheckpointError(path, "does not hold a SqueezeNet 1.1", remedy) from error
        return network

    def deepest(self, rgb01: Tensor) -> Tensor:
        """(B, 3, H, W), 0..1 -> the last map before the classifier (B, 512, ~H/16, ~W/16)."""
        maps: Tensor = self.trunk((rgb01 - self.mean) / self.std)
        return maps

    def pool(self, maps: Tensor) -> Tensor:
        """The deepest map (B, 512, h, w) -> features (B, 512)."""
        return maps.mean(dim=(2, 3))

    def classify(self, maps: Tensor) -> Tensor:
        """The deepest map (B, 512, h, w) -> logits (B, 1000)."""
        return F.relu(self.classifier(maps)).mean(dim=(2, 3))

    def forward(self, rgb01: Tensor) -> Tensor:
        """(B, 3, H, W), 0..1 -> logits (B, 1000) of ImageNet's classes."""
        return self.classify(self.deepest(rgb01))
