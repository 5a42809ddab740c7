"""Whether a stroke colors its thing and stops at its edge, on the things of `things.py`.

    python benchmarks/guidance/strokes.py PICTURES

PICTURES: folder or tar file with a class `kodak`. Each thing gets another color, by one hint: a
stroke within it (`whole`: over 0.4 of its cells, `thin`: over 0.05; on and on to cells of it at
random), one around a cell of it (`compact`: the 0.4 nearest), one that goes astray (`astray`: as
the first, and straight on out of the thing for 0.15 of the stroke), and a disc of 3 % of the longer
side (`disc`); `beside`: as the first, with a hint beside the thing that says that the color there
is right. And by as many hints as a spot each (`spots`: 8). Writes strokes.json beside this file:
the mean change of color, as a share of the change asked for, on the thing, near it and far from it,
as for `things.py`; and with a reach of 0 the share of all cells more than BEYOND from those of the
stroke that change by 1 Lab unit or more (`beyond`).
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pictures import RGB8, gray, photographs, store
from scipy.ndimage import binary_dilation
from skimage.graph import route_through_array
from things import CHANGE, Mask, shares, things, told

from colornet import Canvas, Colorizer, ColornetWarning, Guidance, Hint
from colornet.color import rgb_to_lab
from colornet.guidance.raster import hint_ab, rasterize
from colornet.resample import resample

WHOLE, THIN, ASTRAY = 0.4, 0.05, 0.15
DISC = 0.03
SPOTS = 8
BEYOND = 2

Cells = list[tuple[int, int]]


def along(inner: Mask, share: float, rng: np.random.Generator) -> Cells:
    """A way within a thing from cell to cell at random, until it covers its share."""
    cells = np.argwhere(inner)
    wanted = max(2, int(np.ceil(share * len(cells))))
    cost = np.where(inner, 1.0, 1000.0)
    path = [tuple(rng.choice(cells).tolist())]
    while len(covered := set(path)) < wanted:
        left = [cell for cell in map(tuple, cells.tolist()) if cell not in covered]
        way, _ = route_through_array(cost, path[-1], left[rng.integers(len(left))])
        for cell in way[1:]:
            path.append(cell)
            if len({*path}) == wanted:
                break
    return path


def around(inner: Mask, share: float, rng: np.random.Generator) -> Cells:
    """The share of a thing's cells that is nearest to one of them, row by row."""
    cells = np.argwhere(inner)
    distance = np.linalg.norm(cells - rng.choice(cells), axis=1)
    chosen = cells[np.argsort(distance)[: max(2, int(np.ceil(share * len(cells))))]]
    return [tuple(cell) for cell in chosen[np.lexsort(chosen.T[::-1])].tolist()]


def astray(inner: Mask, path: Cells, share: float) -> Cells:
    """The way, and on out of the thing from where it comes nearest to its edge."""
    outside = np.argwhere(~inner)
    gaps = [np.linalg.norm(outside - cell, axis=1).min() for cell in path]
    end = int(np.argmin(np.where([inner[cell] for cell in path], gaps, np.inf)))
    start = np.array(path[end])
    ahead = outside[np.argmin(np.linalg.norm(outside - start, axis=1))] - start
    ahead = ahead / np.linalg.norm(ahead)
    steps = range(1, 1 + max(1, round(share / (1 - share) * len({*path}))))
    cells = [tuple((start + k * ahead).round().astype(int).tolist()) for k in steps]
    sides = inner.shape
    beyond = [c for c in cells if 0 <= c[0] < sides[0] and 0 <= c[1] < sides[1]]
    return path[: end + 1] + beyond + beyond[::-1] + path[end:]


def middles(cells: Cells, sides: tuple[int, ...]) -> tuple[tuple[float, float], ...]:
    """Points, in fractions."""
    return tuple(((column + 0.5) / sides[1], (row + 0.5) / sides[0]) for row, column in cells)


def drawn(inner: Mask, hint: Hint, rng: np.random.Generator) -> dict[str, list[Hint]]:
    """The hints of each kind, in the color of a hint."""

    def stroke(cells: Cells, radius: float = 0) -> list[Hint]:
        return [replace(hint, points=middles(cells, inner.shape), radius=radius)]

    whole = along(inner, WHOLE, rng)
    cells = rng.permutation(np.argwhere(inner))[:SPOTS].tolist()
    return {
        "whole": stroke(whole),
        "compact": stroke(around(inner, WHOLE, rng)),
        "thin": stroke(along(inner, THIN, rng)),
        "astray": stroke(astray(inner, whole, ASTRAY)),
        "disc": stroke(whole[:1], DISC),
        "spots": [each for cell in cells for each in stroke([cell])],
    }


def beyond(
    canvas: Canvas, hints: list[Hint], change: Callable[[list[Hint]], NDArray[np.floating[Any]]]
) -> float:
    """The share of the cells away from a stroke that change although it reaches nothing."""
    unreaching = [replace(hint, reach=0) for hint in hints]
    size = np.linalg.norm(change(unreaching), axis=0)
    away = np.ones(size.shape, bool)
    picture, lightness = canvas.picture, resample(canvas.lightness, *size.shape)
    cells = rasterize(hints, (picture.width, picture.height), lightness).cells
    away[tuple(cells.T)] = False
    away = ~binary_dilation(~away, np.ones((3, 3)), iterations=BEYOND)
    return float((size[away] >= 1).mean()) if away.any() else np.nan


def measure(
    colorizer: Colorizer, rgb8: RGB8, rng: np.random.Generator, found: dict[str, list[list[float]]]
) -> None:
    """Add what changes on, near and far from each thing, and beyond its strokes."""
    canvas = colorizer.open(gray(rgb8))
    own = canvas.ab()
    lab = np.moveaxis(rgb_to_lab(rgb8 / 255.0).astype(np.float32), -1, 0)

    def change(hints: list[Hint]) -> NDArray[np.floating]:
        return canvas.ab(Guidance(hints=hints)) - own

    for inner, outer in things(resample(lab, *own.shape[1:]), rng):
        hint, beside = told(canvas, inner, outer, rng)
        asked = float(np.linalg.norm(hint_ab(hint) - own[:, inner].mean(axis=1)))
        if asked < CHANGE / 2:
            continue  # too dark or too bright for any color
        kinds = drawn(inner, hint, rng)
        kinds["beside"] = [*kinds["whole"], beside]
        for kind, hints in kinds.items():
            found[kind].append(
                [*shares(change(hints), asked, inner, outer), beyond(canvas, hints, change)]
            )


def main(source: Path) -> None:
    """Print the figures and keep them."""
    warnings.simplefilter("ignore", ColornetWarning)
    colorizer, rng = Colorizer(), np.random.default_rng(0)
    found: dict[str, list[list[float]]] = defaultdict(list)
    for rgb8 in photographs(source).values():
        measure(colorizer, rgb8, rng, found)
    names = ("on", "near", "far", "beyond")
    figures = {
        kind: dict(zip(names, np.nanmean(each, axis=0).round(4).tolist(), strict=True))
        for kind, each in found.items()
    }
    store("strokes", {"things": len(found["whole"]), **figures})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
