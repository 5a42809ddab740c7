"""What a second guidance on a canvas costs beside the first.

    python benchmarks/guidance/again.py PICTURE

PICTURE: a photograph; it is made gray, 1 megapixel, and a JPEG in memory. Each run measures twice,
once for pixels in full size (`array`) and once for a JPEG of them (`file`):

    first    from the JPEG's bytes: open it, which encodes it, and color it by two hints
    second   color the same canvas by two other hints, to the same kind of result

and then the parts of both: `open` (header, small decoding, encoder), `decoder`, `hints` (placed,
spread, settled), `pixels` (the JPEG decoded, joined with the colors). Writes medians of the runs,
in seconds, to again.json beside this file, and for `second_beside_first` the median and the range.
"""

from __future__ import annotations

import io
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from pictures import store
from PIL import Image

from colornet import Canvas, Colorizer, ColornetWarning, Guidance, Hint

T = TypeVar("T")

RUNS = 15


def array(canvas: Canvas, guidance: Guidance | None = None) -> object:
    return canvas.colorize(guidance).array()


def file(canvas: Canvas, guidance: Guidance) -> object:
    return canvas.save(guidance=guidance)


def main(picture: Path) -> None:
    warnings.simplefilter("ignore", ColornetWarning)
    stored = io.BytesIO()
    Image.open(picture).convert("L").resize((1024, 1024)).save(stored, "jpeg")
    colorizer, data = Colorizer(), stored.getvalue()
    seconds: dict[str, list[float]] = defaultdict(list)

    def timed(name: str, action: Callable[..., T], *given: object) -> T:
        start = time.perf_counter()
        result = action(*given)
        seconds[name].append(time.perf_counter() - start)
        return result

    def first(make: Callable[[Canvas, Guidance], object], guidance: Guidance) -> Canvas:
        canvas = colorizer.open(data)
        make(canvas, guidance)
        return canvas

    for run in range(1 + RUNS):
        if run == 1:
            seconds.clear()  # the first warms up
        one, other = (
            Guidance(hints=[Hint(((100 + 40 * run, y),), "olive"), Hint(((600, y),), "tan")])
            for y in (300, 700)
        )
        for make in (array, file):
            canvas = timed(f"first_{make.__name__}", first, make, one)
            timed(f"second_{make.__name__}", make, canvas, other)
        canvas = timed("open", colorizer.open, data)
        timed("decoder", canvas.ab)
        timed("hints", canvas.ab, one)
        timed("pixels", array, canvas)
    store(
        "again",
        {
            "seconds": {name: round(float(np.median(each)), 4) for name, each in seconds.items()},
            "second_beside_first": {
                kind: _spread(np.divide(seconds[f"second_{kind}"], seconds[f"first_{kind}"]))
                for kind in ("array", "file")
            },
        },
    )


def _spread(ratios: np.ndarray) -> dict[str, float]:
    found = {"median": np.median(ratios), "least": ratios.min(), "most": ratios.max()}
    return {name: round(float(value), 3) for name, value in found.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
