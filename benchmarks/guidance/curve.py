"""What hints at true colors are worth, beside optimization (`levin.py`) from the same hints.

    python benchmarks/guidance/curve.py PICTURES

PICTURES: folder or tar file with a class `kodak`. Writes curve.json and curve.png beside this file:
mean PSNR against the number of hints, at a longer side of 384 pixels; how near the color at a hint
is to the one asked for, at the pictures' own size; and how long one answer takes at 1 megapixel.
PSNR rewards caution, and so the curve is that of the setting SETTING; `psnr_default` is that of the
model's usual one.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from levin import spread
from pictures import HERE, RGB8, gray, patch, photographs, psnr, store, true_hints
from PIL import Image
from skimage.color import deltaE_ciede2000

from colornet import Colorizer, ColornetWarning, Guidance, Hint
from colornet.color import lab_to_rgb, rgb_to_lab, to_rgb8
from colornet.guidance.raster import hint_ab

SETTING = "faithful"
COUNTS = (0, 1, 5, 10, 20, 50)


def optimized(rgb8: RGB8, hints: list[Hint]) -> RGB8:
    """Levin's answer."""
    lightness = rgb_to_lab(rgb8 / 255.0)[..., 0].astype(np.float64)
    known, ab = np.zeros(lightness.shape, bool), np.zeros((*lightness.shape, 2))
    for hint in hints:
        square = patch(*(int(value) for value in hint.points[0]))
        known[square], ab[square] = True, hint_ab(hint)
    return to_rgb8(lab_to_rgb(lightness, spread(lightness, known, ab) if hints else ab))


def misses(rgb8: RGB8, shown: RGB8, hints: list[Hint]) -> list[float]:
    """CIEDE2000 at each hint between the color shown and the one asked for, where sRGB has it."""
    found = []
    for hint in hints:
        x, y = (int(value) for value in hint.points[0])
        lab, asked = rgb_to_lab(shown[y, x] / 255.0), hint_ab(hint).astype(np.float64)
        nearest = rgb_to_lab(lab_to_rgb(lab[:1], asked[None]))[0]
        if np.linalg.norm(nearest[1:] - asked) < 2:
            found.append(float(deltaE_ciede2000(np.array([lab[0], *asked]), lab)))
    return found


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The shortest of several runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def speed(colorizer: Colorizer, rgb8: RGB8) -> dict[str, float]:
    large = np.asarray(Image.fromarray(rgb8).resize((1024, 1024), Image.Resampling.LANCZOS))
    hints = true_hints(large, 10, np.random.default_rng(0))
    canvas = colorizer.open(gray(large))
    canvas.ab()
    ours = seconds(lambda: canvas.colorize(Guidance(hints=hints)).array(), 5)
    theirs = seconds(lambda: optimized(large, hints), 1)
    return {"ours_seconds": ours, "levin_seconds": theirs, "times_faster": theirs / ours}


def draw(ours: dict[str, float], theirs: dict[str, float]) -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for name, curve, mark in (("colornet", ours, "o-"), ("Levin 2004", theirs, "s--")):
        axes.plot(range(len(curve)), list(curve.values()), mark, label=name)
    axes.set_xticks(range(len(ours)), list(ours))
    axes.set(xlabel="hints at true colors", ylabel="PSNR, dB")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(HERE / "curve.png", dpi=90)


def main(source: Path) -> None:
    warnings.simplefilter("ignore", ColornetWarning)
    colorizer, rng = Colorizer(), np.random.default_rng(0)
    ours: dict[int, list[float]] = {count: [] for count in COUNTS}
    usual: dict[int, list[float]] = {count: [] for count in COUNTS}
    theirs: dict[int, list[float]] = {count: [] for count in COUNTS}
    for rgb8 in photographs(source, side=384).values():
        canvas, hints = colorizer.open(gray(rgb8)), true_hints(rgb8, max(COUNTS), rng)
        for count in COUNTS:
            for curve, setting in ((ours, SETTING), (usual, None)):
                guidance = Guidance(hints=hints[:count], setting=setting)
                curve[count].append(psnr(canvas.colorize(guidance).array(), rgb8))
            theirs[count].append(psnr(optimized(rgb8, hints[:count]), rgb8))
    at_hints: list[float] = []
    full = photographs(source)
    for rgb8 in full.values():
        hints = true_hints(rgb8, 10, rng)
        shown = colorizer.open(gray(rgb8)).colorize(Guidance(hints=hints)).array()
        at_hints += misses(rgb8, shown, hints)
    means = [
        {str(count): round(float(np.mean(found)), 2) for count, found in curve.items()}
        for curve in (ours, theirs, usual)
    ]
    draw(*means[:2])
    store(
        "curve",
        {
            "pictures": len(full),
            "psnr": means[0],
            "psnr_levin": means[1],
            "psnr_default": means[2],
            "at_hints": {
                "median_delta_e": round(float(np.median(at_hints)), 2),
                "share_within_5": round(float(np.mean(np.array(at_hints) <= 5)), 4),
                "largest": round(max(at_hints), 1),
                "hints": len(at_hints),
            },
            "one_megapixel": {k: round(v, 2) for k, v in speed(colorizer, rgb8).items()},
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
