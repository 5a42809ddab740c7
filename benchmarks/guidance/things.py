"""Whether a hint colors its thing and stops at its edge, beside optimization (`levin.py`).

    python benchmarks/guidance/things.py PICTURES

PICTURES: folder or tar file with a class `kodak`. In each picture THINGS things are found by their
true colors. One hint gives such a thing another color, and one beside it says that the color there
is right. Writes things.json beside this file: the mean change of color, as a share of the change
that was asked for, on the thing (`on`), within NEAR cells of it (`near`) and further away (`far`).
Cells that may or may not belong to the thing do not count. `reached` is the same with the best of
REACHES for each thing, as with the page's slider.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from levin import spread
from numpy.typing import NDArray
from pictures import RGB8, gray, photographs, store
from scipy.ndimage import binary_dilation

from colornet import Colorizer, ColornetWarning, Guidance, Hint
from colornet.canvas import Canvas
from colornet.color import rgb_to_lab
from colornet.guidance.raster import hint_ab, to_hex
from colornet.resample import resample
from colornet.train.losses.affinity import LARGEST, SMALLEST
from colornet.train.losses.segments import find_segments

THINGS, NEAR = 3, 8
CHANGE = 35.0
"""Lab units of ab, in that of TURNS random directions in which sRGB has most of it."""
TURNS = 4
REACHES = (0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0)

Mask = NDArray[np.bool_]


def things(lab: NDArray[np.float32], rng: np.random.Generator) -> list[tuple[Mask, Mask]]:
    """Up to THINGS times what is surely of a thing, and what surely is not: (h, w) each.

    Args:
        lab: (3, h, w).
    """
    found = []
    for seed in rng.permutation(lab[0].size)[:200]:
        parts = find_segments(torch.from_numpy(lab)[None], torch.tensor([[seed]]))
        inner, outer = (part[0, 0].numpy() for part in parts)
        if SMALLEST <= inner.mean() <= LARGEST and outer.mean() > 0.1:
            found.append((inner, outer))
        if len(found) == THINGS:
            break
    return found


def told(canvas: Canvas, inner: Mask, outer: Mask, rng: np.random.Generator) -> list[Hint]:
    """Another color on the thing; the model's own beside it."""
    own = canvas.ab()
    lightness = resample(canvas.lightness, *inner.shape)
    turns = 2 * np.pi * (rng.random() + np.arange(TURNS) / TURNS)
    changes = CHANGE * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    hints = []
    for mask, moves in ((inner, changes), (outer, np.zeros((1, 2)))):
        row, column = (int(k) for k in rng.choice(np.argwhere(mask)))
        shade, color = float(lightness[row, column]), own[:, row, column]
        point = ((column + 0.5) / inner.shape[1], (row + 0.5) / inner.shape[0])
        found = [Hint((point,), to_hex(shade, color + move), unit="fractions") for move in moves]
        hints.append(max(found, key=lambda hint: float(np.linalg.norm(hint_ab(hint) - color))))
    return hints


def shares(change: NDArray[np.floating], asked: float, inner: Mask, outer: Mask) -> list[float]:
    """Of a change of color (2, h, w): on the thing, near it, far from it."""
    size = np.linalg.norm(change, axis=0) / asked
    around = binary_dilation(inner, iterations=NEAR)
    parts = (inner, outer & around, outer & ~around)
    return [float(size[part].mean()) if part.any() else np.nan for part in parts]


def optimized(canvas: Canvas, hints: list[Hint], shape: tuple[int, ...]) -> NDArray[np.floating]:
    """Levin's change, of both hints from the model's own colors there: (2, h, w)."""
    height, width = shape
    lightness = resample(canvas.lightness, height, width).astype(np.float64)
    own = canvas.ab()
    known, change = np.zeros(shape, bool), np.zeros((*shape, 2))
    for hint in hints:
        ((x, y),) = hint.points
        cell = int(y * height), int(x * width)
        known[cell], change[cell] = True, hint_ab(hint) - own[:, cell[0], cell[1]]
    return np.moveaxis(spread(lightness, known, change), -1, 0)


def measure(colorizer: Colorizer, rgb8: RGB8, rng: np.random.Generator) -> list[list[list[float]]]:
    """For each thing, what changes by our answer, by that of the best reach, and by Levin's."""
    canvas = colorizer.open(gray(rgb8))
    own = canvas.ab()
    lab = np.moveaxis(rgb_to_lab(rgb8 / 255.0).astype(np.float32), -1, 0)
    found = []
    for inner, outer in things(resample(lab, *own.shape[1:]), rng):
        hints = told(canvas, inner, outer, rng)
        ((x, y),) = hints[0].points
        cell = int(y * own.shape[1]), int(x * own.shape[2])
        asked = float(np.linalg.norm(hint_ab(hints[0]) - own[:, cell[0], cell[1]]))
        if asked < CHANGE / 2:
            continue  # too dark or too bright for any color
        ours = {}
        for reach in REACHES:
            guidance = Guidance(hints=[replace(hints[0], reach=reach), hints[1]])
            ours[reach] = shares(canvas.ab(guidance) - own, asked, inner, outer)
        reached = max(ours.values(), key=lambda parts: parts[0] - float(np.nanmean(parts[1:])))
        theirs = shares(optimized(canvas, hints, inner.shape), asked, inner, outer)
        found.append([ours[1.0], reached, theirs])
    return found


def main(source: Path) -> None:
    """Print the figures and keep them."""
    warnings.simplefilter("ignore", ColornetWarning)
    colorizer, rng = Colorizer(), np.random.default_rng(0)
    pictures = photographs(source).values()
    found = np.array([each for rgb8 in pictures for each in measure(colorizer, rgb8, rng)])
    means = np.nanmean(found, axis=0).round(3).tolist()
    names = ("on", "near", "far")
    answers = ("colornet", "reached", "levin")
    figures = {
        a: dict(zip(names, mean, strict=True)) for a, mean in zip(answers, means, strict=True)
    }
    store("things", {"things": len(found), **figures})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
