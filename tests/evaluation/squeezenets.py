"""SqueezeNet weights files for tests, as the ONNX model zoo lays them out."""

from pathlib import Path
from typing import Any

import numpy as np

from colornet.evaluation.squeezenet import SqueezeNet

NAMES = [f"conv{number}_{part}" for number in range(26) for part in ("weight", "bias")]


def stored(network: SqueezeNet) -> dict[str, Any]:
    values = [value.half().numpy() for value in network.state_dict().values()]
    return dict(zip(NAMES, values, strict=True))


def save(network: SqueezeNet, path: Path) -> Path:
    np.savez(path, **stored(network))
    return path
