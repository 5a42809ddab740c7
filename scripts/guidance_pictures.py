"""Make the pictures of docs/guidance.md: python scripts/guidance_pictures.py docs/guidance.

All are made of scikit-image's photographs, which are in the public domain.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage import data

from colornet import Canvas, Colorizer, ColornetWarning, Guidance, Hint
from colornet.sheets import contact_sheet

HINTS = tuple(
    Hint(((x, y),), color)
    for x, y, color in [
        (60, 300, "seagreen"),
        (140, 360, "seagreen"),
        (330, 300, "seagreen"),
        (300, 60, "lightblue"),
        (480, 150, "lightblue"),
        (190, 140, "tan"),
    ]
)
STROKE = (
    Hint(((95, 190), (120, 260), (200, 330), (300, 350), (400, 320), (460, 200)), "royalblue", 8),
    Hint(((40, 60), (40, 330)), "peru", 8),
    Hint(((500, 60), (560, 330)), "peru", 8),
)
EYE = ((160, 118),)
REACHES = (1, 0.5, 0)


def shown(canvas: Canvas, guidance: Guidance | None = None) -> Image.Image:
    """The colored picture."""
    return Image.fromarray(canvas.colorize(guidance).array())


def marked(picture: Image.Image, hints: tuple[Hint, ...]) -> Image.Image:
    """The picture with its hints drawn in."""
    picture = picture.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for hint in hints:
        radius = max(hint.radius, 9)
        draw.line(hint.points, hint.color, int(2 * radius))
        for x, y in hint.points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), hint.color, "white", 2)
    return picture


def main(folder: Path) -> None:
    """Write all of them."""
    warnings.simplefilter("ignore", ColornetWarning)
    folder.mkdir(parents=True, exist_ok=True)
    colorizer = Colorizer()
    gray = Image.fromarray(data.astronaut()).convert("L")
    canvas = colorizer.open(gray)
    plain = shown(canvas)

    def store(name: str, pictures: list[Image.Image]) -> None:
        contact_sheet((pictures,), side=200).save(folder / f"{name}.jpg", quality=85)

    store("hints", [gray, plain, marked(gray, HINTS), shown(canvas, Guidance(hints=HINTS))])
    cat = Image.fromarray(data.chelsea()).convert("L")
    eyes = [Hint(EYE, "mediumseagreen", reach=reach) for reach in REACHES]
    face = colorizer.open(cat)
    reached = [shown(face, Guidance(hints=[eye])) for eye in eyes]
    store("reach", [marked(cat, tuple(eyes[:1])), *reached])
    faded = cat.point([80 + 0.4 * level for level in range(256)])
    pale = colorizer.open(faded)
    store("levels", [faded, shown(pale), shown(pale, Guidance(levels="auto"))])
    coffee = Image.fromarray(data.coffee())
    cup = colorizer.open(coffee.convert("L"))
    strokes = shown(cup, Guidance(hints=STROKE))
    store(
        "strokes", [coffee.convert("L"), shown(cup), marked(coffee.convert("L"), STROKE), strokes]
    )
    mirrored = np.ascontiguousarray(np.asarray(coffee)[40:, 480:60:-1])
    reference = shown(cup, Guidance(reference=mirrored))
    store("reference", [coffee.convert("L"), shown(cup), Image.fromarray(mirrored), reference])
    store("variants", [shown(canvas, guidance) for guidance in canvas.variants(5)])
    unsure = Image.fromarray((255 * canvas.uncertainty()).astype(np.uint8)).resize(gray.size)
    store("uncertainty", [plain, unsure])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
