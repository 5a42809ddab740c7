"""Color the photographs inside scikit-image: `make demo`, or python scripts/demo.py FOLDER.

Writes the gray pictures to FOLDER/gray, the colored ones to FOLDER/color, and a sheet of both.
"""

import sys
from pathlib import Path

from PIL import Image
from skimage import data

from colornet import Colorizer
from colornet.sheets import contact_sheet

COLOR_PHOTOGRAPHS = {
    "astronaut": data.astronaut,
    "coffee": data.coffee,
    "chelsea": data.chelsea,
    "rocket": data.rocket,
}
GRAY_PHOTOGRAPHS = {"camera": data.camera}


def gray_photographs() -> dict[str, Image.Image]:
    """The photographs by name, without their colors where they have any."""
    turned_gray = {n: Image.fromarray(load()).convert("L") for n, load in COLOR_PHOTOGRAPHS.items()}
    born_gray = {n: Image.fromarray(load()) for n, load in GRAY_PHOTOGRAPHS.items()}
    return turned_gray | born_gray


def main(folder: Path) -> None:
    """Write gray pictures, colored pictures and the sheet."""
    gray, color, sheet = folder / "gray", folder / "color", folder / "before-after.jpg"
    for part in (gray, color):
        part.mkdir(parents=True, exist_ok=True)
    colorizer = Colorizer()
    rows: tuple[list[Image.Image], list[Image.Image]] = ([], [])
    for name, picture in gray_photographs().items():
        before, after = gray / f"{name}.png", color / f"{name}.png"
        picture.save(before)
        colorizer.colorize(before, after, overwrite=True)
        rows[0].append(picture)
        rows[1].append(Image.open(after))
        print(f"{before} -> {after}")
    contact_sheet(rows, captions=("before", "after"), side=256).save(sheet, quality=88)
    print(f"before and after on one sheet: {sheet}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
