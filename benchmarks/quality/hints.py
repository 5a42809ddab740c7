"""What hints at true colors are worth: PSNR without and with them, and the color at the hints.

    python benchmarks/quality/hints.py MODEL PICTURES [HINTS]

For each picture at the model's input size, HINTS (10) squares of 7 pixels at random places tell
their true mean color. Printed: mean PSNR left gray, without hints, with them, and the median
difference (delta-E 2000) at the hints' middles between the color asked for and the color given.
Colors are enlarged by bicubic interpolation, without the edge-aware step.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000

from colornet.color import lab_to_rgb, rgb_to_lab, to_rgb8
from colornet.modelfile import find, open_graphs
from colornet.train.data import decode_rgb8, iter_samples

REACH = 3
"""Pixels from the middle of a hint to its edge."""


def enlarged(ab: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """(2, h, w) -> (size, size, 2)."""
    planes = [Image.fromarray(p).resize((size, size), Image.Resampling.BICUBIC) for p in ab]
    return np.stack([np.asarray(p, dtype=np.float64) for p in planes], axis=-1)


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio over RGB, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def main(model: str, pictures: Path, count: int) -> None:
    """Print the figures."""
    folder = find(model)
    encoder, decoder = open_graphs(folder)
    size = folder.card.input_size
    names = [*folder.card.features, *(["prior"] if folder.card.prior else [])]
    rng = np.random.default_rng(0)
    scores: list[tuple[float, float, float]] = []
    differences: list[float] = []
    for sample in iter_samples(pictures):
        true = np.asarray(Image.fromarray(decode_rgb8(sample)).resize((size, size)))
        lab = rgb_to_lab(true / 255.0)
        lightness = lab[None, None, ..., 0].astype(np.float32)
        encoded = dict(zip(names, encoder.run(names, {"lightness": lightness}), strict=True))
        hints = np.zeros((1, 3, size, size), dtype=np.float32)
        (plain,) = decoder.run(["ab"], {**encoded, "hints": hints})
        middles = rng.integers(REACH, size - REACH, (count, 2))
        for y, x in middles:
            square = (slice(y - REACH, y + REACH + 1), slice(x - REACH, x + REACH + 1))
            hints[0, :2][(slice(None), *square)] = lab[square][..., 1:].mean((0, 1))[:, None, None]
            hints[0, 2][square] = 1
        (guided,) = decoder.run(["ab"], {**encoded, "hints": hints})
        ab = [0 * lab[..., 1:], enlarged(plain[0], size), enlarged(guided[0], size)]
        gray, before, after = (psnr(to_rgb8(lab_to_rgb(lab[..., 0], x)), true) for x in ab)
        scores.append((gray, before, after))
        for y, x in middles:
            asked = np.array([lab[y, x, 0], *hints[0, :2, y, x]])
            given = np.array([lab[y, x, 0], *ab[2][y, x]])
            differences.append(float(deltaE_ciede2000(asked, given)))
    gray, before, after = np.mean(scores, axis=0)
    print(f"{len(scores)} pictures, {count} hints each: gray {gray:.2f} dB, without {before:.2f},")
    print(
        f"with {after:.2f} ({after - before:+.2f}); delta-E at hints {np.median(differences):.1f}"
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 10)
