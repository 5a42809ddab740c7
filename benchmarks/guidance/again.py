"""What the second guidance on a canvas costs beside the first.

    python benchmarks/guidance/again.py PICTURE

PICTURE: a photograph; it is made 1 megapixel, as JPEG. Writes again.json beside this file: the
shortest of several interleaved runs, of reading, encoding, decoding and writing pixels (`first`),
and of other hints on the same canvas (`second`); and what of it is the network's and the hints'
part (`colors`), and what is making the full picture of it (`pixels`).
"""

from __future__ import annotations

import io
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from pictures import store
from PIL import Image

from colornet import Colorizer, ColornetWarning, Guidance, Hint

RUNS = 9


def main(picture: Path) -> None:
    warnings.simplefilter("ignore", ColornetWarning)
    stored = io.BytesIO()
    Image.open(picture).convert("L").resize((1024, 1024)).save(stored, "jpeg")
    colorizer, data = Colorizer(), stored.getvalue()
    times = []
    for run in range(RUNS):
        hints = [Hint(((100 + 40 * run, 300),), "olive"), Hint(((600, 700),), "tan")]
        start = time.perf_counter()
        canvas = colorizer.open(data)
        canvas.colorize().array()
        first = time.perf_counter()
        canvas.colorize(Guidance(hints=hints)).array()
        second = time.perf_counter()
        canvas.ab(Guidance(hints=hints[:1]))
        times.append((first - start, second - first, time.perf_counter() - second))
    first, second, colors = np.min(times, axis=0)
    figures = {"first": first, "second": second, "colors": colors, "pixels": second - colors}
    seconds = {name: round(float(value), 3) for name, value in figures.items()}
    store("again", seconds | {"second_beside_first": round(float(second / first), 2)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
