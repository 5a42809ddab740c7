"""Whether ONNX Runtime computes what torch does."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from colornet.color import AB_LIMIT
from colornet.model import (
    DECODER,
    ENCODER,
    GUIDANCE_HEAD,
    ModelFolder,
    decoder_outputs,
    guidance_outputs,
    open_graphs,
)
from colornet.train.export.graphs import model_graphs
from colornet.train.task import ColorizationTask

LOGIT_UNIT = 10.0
"""The difference of logits that counts as much as the ab range. With a tolerance of a thousandth of
it, no probability is wrong by more than 1 % of itself."""


def compare(task: ColorizationTask, folder: ModelFolder) -> float:
    """Largest difference between ONNX Runtime and torch; of colors, as a share of the ab range."""
    sessions: dict[str, Any] = dict(
        zip((ENCODER, DECODER, GUIDANCE_HEAD), open_graphs(folder), strict=True)
    )
    worst = 0.0
    for lightness in trial_lightness(folder.card.input_size):  # (1,1,S,S) each
        found = {"lightness": lightness}
        expected = {"lightness": torch.from_numpy(lightness)}
        for file, graph, inputs, outputs in model_graphs(task, folder.card):
            given = {name: found[name] for name in inputs}
            found |= zip(outputs, sessions[file].run(outputs, given), strict=True)
            with torch.no_grad():
                expected |= zip(outputs, graph(*(expected[name] for name in inputs)), strict=True)
        for name in (*decoder_outputs(folder.card), *guidance_outputs(folder.card)):
            unit = LOGIT_UNIT if name == "logits" else 2 * AB_LIMIT
            difference = np.abs(found[name] - expected[name].numpy()).max() / unit
            worst = float(np.maximum(worst, difference))  # NaN if there is one
    return worst


def trial_lightness(size: int) -> NDArray[np.float32]:
    """Lightness (4,1,1,S,S) to compare on: black, a ramp, soft patches, noise."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 100, size)[None].repeat(size, 0)
    coarse = torch.from_numpy(rng.uniform(0, 100, (1, 1, 8, 8)))
    soft = nn.functional.interpolate(coarse, (size, size), mode="bilinear")[0, 0].numpy()
    noise = rng.uniform(0, 100, (size, size))
    return np.stack([np.zeros_like(ramp), ramp, soft, noise])[:, None, None].astype(np.float32)
