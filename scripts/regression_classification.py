"""The founding document's conclusion in pictures: regression beside classification.

    python scripts/regression_classification.py docs/regression-classification.jpg

Both are heads of the shipped model, on the same features: what it would show of scikit-image's
photographs by one of them alone.
"""

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image
from skimage import data

from colornet import Colorizer, Guidance
from colornet.model import CARD, DEFAULT_MODEL, Setting, find
from colornet.sheets import contact_sheet

PHOTOGRAPHS = (data.astronaut, data.coffee, data.chelsea, data.rocket)
HEADS = {"regression": Setting(0.0, 1.0), "classification": Setting(1.0, 1.0)}
CAPTIONS = ("gray", *HEADS, "true")


def main(target: Path) -> None:
    """Write the sheet."""
    model = find(DEFAULT_MODEL)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copytree(model.path, Path(temporary) / DEFAULT_MODEL))
        replace(model.card, settings=HEADS).to_file(copy / CARD)
        colorizer = Colorizer(copy)
    rows: list[list[Image.Image]] = [[] for _ in CAPTIONS]
    for load in PHOTOGRAPHS:
        true = Image.fromarray(load())
        gray = true.convert("L")
        canvas = colorizer.open(gray)
        ours = [canvas.colorize(Guidance(setting=name)).array() for name in HEADS]
        shown = (gray, *map(Image.fromarray, ours), true)
        for row, picture in zip(rows, shown, strict=True):
            row.append(picture)
    contact_sheet(rows, captions=CAPTIONS, side=200).save(target, quality=85)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
