"""What one run of a model costs beside the founding network: at 256x256, ONNX Runtime, one core.

    python benchmarks/quality/cost.py [MODEL]

The founding network is exported at its full width with random weights, which cost what trained ones
do. Runs alternate, so that whatever else the machine does slows both; printed is the median of
each, and the median of the ratios of neighboring runs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from colornet.model import DEFAULT_MODEL, ModelFolder, decoder_outputs, find, open_graphs
from colornet.train.config import Recipe
from colornet.train.export import export_checkpoint
from colornet.train.task import ColorizationTask

SIDE = 256
ROUNDS = 15


def founding(folder: Path) -> ModelFolder:
    """The founding network at full width, seeing pictures of SIDE."""
    recipe = Recipe(network={"name": "iizuka"}, size=SIDE, crop=SIDE)
    task = ColorizationTask(recipe, ["face"])
    saved = {"state_dict": task.state_dict(), "recipe": recipe.to_dict(), "classes": ["face"]}
    torch.save(saved, folder / "founding.ckpt")
    return export_checkpoint(folder / "founding.ckpt", folder / "founding", input_size=SIDE)


class Runner:
    """Encodes and decodes one picture of noise."""

    def __init__(self, folder: ModelFolder) -> None:
        if folder.card.input_size != SIDE:
            raise SystemExit(
                f"{folder.path}: sees pictures of {folder.card.input_size}, not {SIDE}"
            )
        self.encoder, self.decoder, _ = open_graphs(folder, threads=1)
        self.names = [*folder.card.features, *(["prior"] if folder.card.prior else [])]
        self.outputs = list(decoder_outputs(folder.card))
        noise = np.random.default_rng(0).uniform(0, 100, (1, 1, SIDE, SIDE))
        self.lightness = noise.astype(np.float32)

    def seconds(self) -> float:
        """Of one run."""
        start = time.perf_counter()
        encoded = self.encoder.run(self.names, {"lightness": self.lightness})
        self.decoder.run(self.outputs, dict(zip(self.names, encoded, strict=True)))
        return time.perf_counter() - start


def main(model: str) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        runners = Runner(find(model)), Runner(founding(Path(folder)))
    for runner in runners:
        runner.seconds()
    times = np.array([[runner.seconds() for runner in runners] for _ in range(ROUNDS)])
    ours, theirs = np.median(times, axis=0)
    ratio = np.median(times[:, 0] / times[:, 1])
    print(f"{model}: {1000 * ours:.0f} ms, founding network: {1000 * theirs:.0f} ms; {ratio:.2f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else DEFAULT_MODEL)
