"""What the guidance benchmarks share: pictures, hints at true colors, measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000

from colornet import Hint
from colornet.color import rgb_to_lab
from colornet.train.data.samples import decode_rgb8, iter_samples

RGB8 = NDArray[np.uint8]
HERE = Path(__file__).parent
PATCH = 2
"""Pixels from the middle of a hint to its edge: its color is the mean of so large a square."""


def photographs(source: Path, kind: str = "kodak", side: int | None = None) -> dict[str, RGB8]:
    """Those of one class, by name; made smaller to a longer side of `side`."""
    found = {}
    for sample in iter_samples(source):
        if sample.class_name == kind:
            picture = Image.fromarray(decode_rgb8(sample))
            if side:
                picture.thumbnail((side, side), Image.Resampling.LANCZOS)
            found[sample.key] = np.asarray(picture)
    return found


def gray(rgb8: RGB8) -> RGB8:
    """(H, W), of the same lightness."""
    return np.asarray(Image.fromarray(rgb8).convert("L"))


def true_hints(rgb8: RGB8, count: int, rng: np.random.Generator) -> list[Hint]:
    """Points at random places with the true mean color there."""
    height, width = rgb8.shape[:2]
    hints = []
    for x, y in zip(
        rng.integers(PATCH, width - PATCH, count),
        rng.integers(PATCH, height - PATCH, count),
        strict=True,
    ):
        mean = rgb8[patch(x, y)].reshape(-1, 3).mean(axis=0).round().astype(int)
        hints.append(Hint(((x + 0.5, y + 0.5),), "#{:02x}{:02x}{:02x}".format(*mean)))
    return hints


def patch(x: int, y: int) -> tuple[slice, slice]:
    return slice(y - PATCH, y + PATCH + 1), slice(x - PATCH, x + PATCH + 1)


def psnr(one: RGB8, other: RGB8) -> float:
    """Over RGB, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def delta_e(one: RGB8, other: RGB8) -> float:
    """Mean CIEDE2000 over every fourth pixel each way."""
    labs = (rgb_to_lab(picture[::4, ::4] / 255.0) for picture in (one, other))
    return float(deltaE_ciede2000(*labs).mean())


def store(name: str, figures: dict[str, Any]) -> None:
    """Print the figures and keep them in NAME.json."""
    text = json.dumps(figures, indent=2)
    print(text)
    (HERE / f"{name}.json").write_text(text + "\n")
