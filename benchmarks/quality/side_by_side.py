"""A contact sheet: each picture in gray, by each model, and in its own colors.

    python benchmarks/quality/side_by_side.py PICTURES -o SHEET.png general runs/model [--count 40]

A column for each picture, with rows: gray, the models in their order, the truth (left out for
pictures without color, and with --no-truth for all, if their color is that of old paper).
MODEL:SETTING names a setting. With --one-in N only those pictures count whose name's SHA-1 is
divisible by N: what `hold_out: N` in a recipe keeps from training.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from colornet import Colorizer, Guidance
from colornet.evaluation.evaluate import to_gray
from colornet.train.data.cache import is_held_out
from colornet.train.data.samples import decode_rgb8, is_colorless, iter_samples

SIDE, PER_ROW, LABEL = 192, 10, 14  # at most PER_ROW side by side


def fitted(rgb8: NDArray[np.uint8]) -> Image.Image:
    """The middle square of a picture, SIDE pixels wide."""
    picture = Image.fromarray(rgb8)
    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    return picture.crop((left, top, left + side, top + side)).resize(
        (SIDE, SIDE), Image.Resampling.LANCZOS
    )


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40, help="evenly spread over the pictures")
    parser.add_argument("--one-in", type=int, default=1)
    parser.add_argument("--no-truth", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    colorizers = []
    for name in given.models:
        model, _, setting = name.partition(":")
        colorizers.append((Colorizer(model), Guidance(setting=setting or None)))
    samples = [one for one in iter_samples(given.pictures) if is_held_out(one.key, given.one_in)]
    chosen = samples[:: max(1, len(samples) // given.count)][: given.count]
    labels = ["gray", *given.models, *([] if given.no_truth else ["truth"])]
    rows = -(-len(chosen) // PER_ROW)
    columns = -(-len(chosen) // rows)
    band = len(labels) * SIDE + LABEL
    sheet = Image.new("RGB", (columns * SIDE, rows * band), "white")
    draw = ImageDraw.Draw(sheet)
    for row in range(rows):
        draw.text((2, row * band + 1), "  |  ".join(labels), fill="black")
    for index, sample in enumerate(chosen):
        row, column = divmod(index, columns)
        true = decode_rgb8(sample)
        gray = to_gray(true)
        shown = [np.repeat(gray[..., None], 3, axis=-1)]
        shown += [np.asarray(each.colorize(gray, guidance=by)) for each, by in colorizers]
        shown += [] if given.no_truth or is_colorless(true) else [true]
        for place, rgb8 in enumerate(shown):
            sheet.paste(fitted(rgb8), (column * SIDE, row * band + LABEL + place * SIDE))
    sheet.save(given.output)


if __name__ == "__main__":
    main()
