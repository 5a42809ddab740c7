"""How often the true color is among the suggested ones, and what `uncertainty` and `variants` say.

    python benchmarks/guidance/suggest.py PICTURES

PICTURES: folder or tar file with a class `kodak`. Writes suggest.json beside this file: the share
of 2,000 random points whose true ab lies within 10 Lab units of one of the 8 suggestions; the rank
correlation of the uncertainty with the automatic colors' error; how many of 5 variants each picture
allows; and how often the best of them is nearer to the truth than the automatic one.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
from pictures import delta_e, gray, photographs, store
from scipy.stats import spearmanr

from colornet import Colorizer, ColornetWarning
from colornet.color import rgb_to_lab
from colornet.resample import resample

POINTS, NEAR, VARIANTS = 2000, 10.0, 5


def main(source: Path) -> None:
    warnings.simplefilter("ignore", ColornetWarning)
    colorizer, rng = Colorizer(), np.random.default_rng(0)
    pictures = photographs(source)
    near, first, unsure, errors, counts, gains = [], [], [], [], [], []
    for i, rgb8 in enumerate(pictures.values()):
        canvas, true = colorizer.open(gray(rgb8)), rgb_to_lab(rgb8 / 255.0)[..., 1:]
        height, width = rgb8.shape[:2]
        for _ in range(len(range(i, POINTS, len(pictures)))):
            x, y = int(rng.integers(width)), int(rng.integers(height))
            codes = [list(bytes.fromhex(s.color[1:])) for s in canvas.suggest(x + 0.5, y + 0.5)]
            suggested = rgb_to_lab(np.array(codes) / 255.0)[:, 1:]
            distance = np.linalg.norm(suggested - true[y, x], axis=-1)
            near.append(distance.min() <= NEAR)
            first.append(distance[0] <= NEAR)
        ab = canvas.ab()
        small = resample(np.moveaxis(true, -1, 0).astype(np.float32), *ab.shape[1:])
        errors.append(np.linalg.norm(ab - small, axis=0).ravel())
        unsure.append(canvas.uncertainty().ravel())
        distances = [delta_e(canvas.colorize(g).array(), rgb8) for g in canvas.variants(VARIANTS)]
        counts.append(len(distances))
        gains.append(min(distances) < distances[0])
    rank = spearmanr(np.concatenate(unsure), np.concatenate(errors))
    store(
        "suggest",
        {
            "points": len(near),
            "true_color_among_8": round(float(np.mean(near)), 4),
            "true_color_is_first": round(float(np.mean(first)), 4),
            "uncertainty_rank_correlation": round(float(rank.statistic), 3),
            "fewest_variants": min(counts),
            "a_variant_is_nearer_to_the_truth": round(float(np.mean(gains)), 3),
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
