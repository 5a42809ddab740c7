"""Which settings to ship: every way to decode one checkpoint with the dual head, on true pictures.

    python benchmarks/quality/decoding.py CHECKPOINT PICTURES [--size S]
        [--perceptual-metrics WEIGHTS]

PICTURES is a folder or tar file of set/picture; nothing of it may have been trained on. Printed for
each decoding of the list below, at 256x256, run at input side S (256): PSNR over gray's (also of
each set alone) and the share of the true colorfulness; with the weights of a SqueezeNet 1.1 (.npz)
the Frechet feature distance as a share of gray's, and how much of the gap in recognition between
gray and true is closed. Colors are enlarged by bicubic interpolation, without the edge-aware step.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from colornet.color import colorfulness, lab_to_rgb, rgb_to_lab, to_rgb8
from colornet.evaluation.perceptual_metrics import PerceptualMetrics
from colornet.train.data.samples import decode_rgb8, iter_samples
from colornet.train.task import ColorizationTask
from colornet.train.validation_preview import psnr

SIDE = 256
DECODINGS = [  # vividness, saturation
    *((1.0, s) for s in (0.9, 1.0)),
    *((v, 1.0) for v in (0.8, 0.7, 0.6, 0.5, 0.3)),
    *((0.5, s) for s in (1.1, 1.2)),
    *((0.0, s) for s in (1.0, 1.1, 1.2, 1.4)),
]


class Row:
    """One decoding and its scores."""

    def __init__(self, vividness: float, saturation: float, weights: Path | None) -> None:
        self.vividness, self.saturation = vividness, saturation
        self.gains: dict[str, list[float]] = {}
        self.colorfulness: list[float] = []
        self.perceptual = PerceptualMetrics(weights) if weights else None

    def add(
        self, source: str, rgb8: NDArray[np.uint8], gray: NDArray[np.uint8], true: NDArray[np.uint8]
    ) -> None:
        """Score a picture of the set `source`; (H, W, 3) each."""
        self.gains.setdefault(source, []).append(psnr(rgb8, true) - psnr(gray, true))
        self.colorfulness.append(colorfulness(rgb8))
        if self.perceptual:
            self.perceptual.add(rgb8, gray, true)

    def cells(self, true_colorfulness: float) -> list[str]:
        """Its line of the table."""
        everywhere = [gain for gains in self.gains.values() for gain in gains]
        cells = [f"{self.vividness}", f"{self.saturation}", f"{np.mean(everywhere):+.2f}"]
        cells += [f"{np.mean(gains):+.2f}" for gains in self.gains.values()]
        cells.append(f"{np.mean(self.colorfulness) / true_colorfulness:.0%}")
        if self.perceptual:
            seen = self.perceptual.read()
            distance = seen.prediction.frechet_feature_distance
            cells.append(f"{distance / seen.gray.frechet_feature_distance:.3f}")
            closed = seen.prediction.top1_agreement - seen.gray.top1_agreement
            cells.append(f"{closed / (1 - seen.gray.top1_agreement):.0%}")
        return cells


@torch.no_grad()
def main(checkpoint: Path, pictures: Path, size: int, perceptual_metrics: Path | None) -> None:
    """Print a Markdown table."""
    rows = [Row(*decoding, perceptual_metrics) for decoding in DECODINGS]
    gray_psnr: list[float] = []
    true_colorfulness: list[float] = []
    task = ColorizationTask.from_checkpoint(checkpoint)
    for sample in iter_samples(pictures):
        picture = Image.fromarray(decode_rgb8(sample)).resize((SIDE, SIDE), Image.Resampling.BOX)
        true = np.asarray(picture)
        lab = rgb_to_lab(true / 255.0)
        gray = to_rgb8(lab_to_rgb(lab[..., 0], 0 * lab[..., 1:]))
        gray_psnr.append(psnr(gray, true))
        true_colorfulness.append(colorfulness(true))
        lightness = torch.from_numpy(lab[None, None, ..., 0]).float()
        seen = F.interpolate(lightness, (size, size), mode="bilinear", antialias=True)
        encoded = task.network.encode(seen)
        output = task.head(task.network.decode(encoded.features, encoded.prior))
        safe, vivid = (
            F.interpolate(ab, (SIDE, SIDE), mode="bicubic")[0].permute(1, 2, 0).double().numpy()
            for ab in task.head.decodings(output).values()
        )
        for row in rows:
            ab = row.saturation * (safe + row.vividness * (vivid - safe))
            row.add(sample.class_name, to_rgb8(lab_to_rgb(lab[..., 0], ab)), gray, true)
    mean = float(np.mean(true_colorfulness))
    print(f"{len(gray_psnr)} pictures, gray {np.mean(gray_psnr):.2f} dB, true CF {mean:.1f}\n")
    titles = ["vividness", "saturation", "PSNR over gray", *rows[0].gains, "CF / true"]
    titles += ["distance / gray's", "recognition gap closed"] if perceptual_metrics else []
    for cells in (titles, ["---"] * len(titles), *(row.cells(mean) for row in rows)):
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--perceptual-metrics", type=Path)
    given = parser.parse_args()
    main(given.checkpoint, given.pictures, given.size, given.perceptual_metrics)
