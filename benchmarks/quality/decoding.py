"""Which decoding to ship: PSNR beside gray's, and the share of the true colorfulness.

    python benchmarks/quality/decoding.py CHECKPOINT PICTURES [SIZE ..]

For a checkpoint with the twin head: every temperature and blend of the list below, at 256x256, run
at each input SIZE (256 if none is given). PICTURES is a folder or tar file; nothing of it may have
been trained on. Colors are enlarged by bicubic interpolation, without the edge-aware step.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from colornet.color import colorfulness, lab_to_rgb, rgb_to_lab, to_rgb8
from colornet.train.data import decode_rgb8, iter_samples
from colornet.train.task import ColorizationTask

SIDE = 256
DECODINGS = [  # temperature, blend, saturation
    *((t, 0.0, 1.0) for t in (0.38, 0.7, 1.0)),
    *((0.38, b, 1.0) for b in (0.2, 0.3, 0.4, 0.5, 0.7)),
    *((0.38, 1.0, s) for s in (1.0, 1.1, 1.2, 1.5)),
]


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio over RGB, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


@torch.no_grad()
def main(checkpoint: Path, pictures: Path, sizes: list[int]) -> None:
    """Print a Markdown table."""
    rows = [(size, *decoding, [], []) for size in sizes for decoding in DECODINGS]
    gray: list[float] = []
    true_cf: list[float] = []
    task = ColorizationTask.from_checkpoint(checkpoint)
    for sample in iter_samples(pictures):
        picture = Image.fromarray(decode_rgb8(sample)).resize((SIDE, SIDE), Image.Resampling.BOX)
        true = np.asarray(picture)
        lab = rgb_to_lab(true / 255.0)
        lightness = torch.from_numpy(lab[None, None, ..., 0]).float()
        gray.append(psnr(to_rgb8(lab_to_rgb(lab[..., 0], 0 * lab[..., 1:])), true))
        true_cf.append(colorfulness(true))
        outputs = {}
        for size in sizes:
            seen = F.interpolate(lightness, (size, size), mode="bilinear", antialias=True)
            encoded = task.network.encode(seen)
            outputs[size] = task.head(task.network.decode(encoded.features, encoded.prior))
        for size, temperature, blend, saturation, scores, cfs in rows:
            task.head.classification.temperature, task.head.blend = temperature, blend
            ab = F.interpolate(task.head.to_ab(outputs[size]), (SIDE, SIDE), mode="bicubic")
            color = ab[0].permute(1, 2, 0).double().numpy() * saturation
            rgb8 = to_rgb8(lab_to_rgb(lab[..., 0], color))
            scores.append(psnr(rgb8, true))
            cfs.append(colorfulness(rgb8))
    print(f"{len(gray)} pictures, gray {np.mean(gray):.2f} dB, true CF {np.mean(true_cf):.1f}\n")
    print("| size | temperature | blend | saturation | PSNR over gray | CF / true |")
    print("|---|---|---|---|---|---|")
    for size, temperature, blend, saturation, scores, cfs in rows:
        gain = np.mean(scores) - np.mean(gray)
        share = np.mean(cfs) / np.mean(true_cf)
        print(f"| {size} | {temperature} | {blend} | {saturation} | {gain:+.2f} | {share:.0%} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [int(s) for s in sys.argv[3:]] or [256])
