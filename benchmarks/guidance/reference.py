"""What a reference photograph is worth.

    python benchmarks/guidance/reference.py PICTURES

PICTURES: folder or tar file with the classes `kodak` and another. Writes reference.json beside this
file: for 20 Kodak pictures, mean delta-E (CIEDE2000) and colorfulness, automatic and with each kind
of reference: `own`, the picture's own color version, mirrored and cropped to 64 % of its area;
`kodak`, another Kodak picture; `unrelated`, one of another class.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
from pictures import RGB8, delta_e, gray, photographs, store

from colornet import Colorizer, ColornetWarning, Guidance
from colornet.color import colorfulness
from colornet.train.data.samples import iter_samples

SCENES = 20


def mirrored_part(rgb8: RGB8) -> RGB8:
    """The middle, mirrored."""
    height, width = rgb8.shape[:2]
    part = rgb8[height // 10 : height - height // 10, width // 10 : width - width // 10]
    return np.ascontiguousarray(part[:, ::-1])


def main(source: Path) -> None:
    warnings.simplefilter("ignore", ColornetWarning)
    colorizer = Colorizer()
    kodak = list(photographs(source).values())
    other = next(s.class_name for s in iter_samples(source) if s.class_name != "kodak")
    strangers = list(photographs(source, other).values())
    automatic: list[tuple[float, float]] = []
    guided: dict[str, list[tuple[float, float]]] = {"own": [], "kodak": [], "unrelated": []}
    for i, rgb8 in enumerate(kodak[:SCENES]):
        canvas = colorizer.open(gray(rgb8))
        shown = canvas.colorize().array()
        automatic.append((delta_e(shown, rgb8), colorfulness(shown)))
        references = {"own": mirrored_part(rgb8), "kodak": kodak[(i + 7) % len(kodak)]}
        for kind, reference in (references | {"unrelated": strangers[i]}).items():
            shown = canvas.colorize(Guidance(reference=reference)).array()
            guided[kind].append((delta_e(shown, rgb8), colorfulness(shown)))
    base = np.array(automatic)  # (SCENES, 2)
    figures = {"automatic": {"delta_e": round(float(base[:, 0].mean()), 2)}}
    for kind, rows in guided.items():
        found = np.array(rows)
        ratio = found / base
        figures[kind] = {
            "delta_e": round(float(found[:, 0].mean()), 2),
            "better": int((ratio[:, 0] < 1).sum()),
            "of": SCENES,
            "worst_delta_e_ratio": round(float(ratio[:, 0].max()), 2),
            "least_colorfulness_ratio": round(float(ratio[:, 1].min()), 2),
            "largest_colorfulness_ratio": round(float(ratio[:, 1].max()), 2),
        }
    store("reference", figures)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
