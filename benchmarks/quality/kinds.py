"""Figures by kind of picture, on skin, and of patches of foreign color.

    python benchmarks/quality/kinds.py PICTURES .. --model MODEL [--setting SETTING] [--one-in 30]

Every picture (a folder or tar file of class/picture) is made a square of 256 pixels, turned gray
and colorized by the package. With --one-in N only those count whose name's SHA-1 is divisible by
N: what `hold_out: N` in a recipe keeps from training.

For each kind: PSNR of gray, of the model, and its gain; mean CIEDE2000; colorfulness (CF) as a
share of the true one. Skin is looked for by its true color in portraits and pictures of people:
errors of hue in degrees, beside that of one hue for all skin, and the chroma as a share of the true
one, in all and for each third of skin's true lightness. Foreign cells: the picture is cut into
segments of even true color, and a cell of 64 x 64 counts if its color is more than 20 Lab units
from its segment's median; per 1,000 cells. Beside them: those of the true picture, and those of the
model alone.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000
from skimage.segmentation import felzenszwalb

from colornet import Colorizer, Guidance
from colornet.color import colorfulness, rgb_to_lab
from colornet.evaluation.evaluate import to_gray
from colornet.train.data.cache import is_held_out
from colornet.train.data.samples import decode_rgb8, iter_samples

SIZE, CELLS = 256, 64
FOREIGN = 20.0  # Lab units from the segment's median
KINDS = {
    "portraits": "female male face_images",
    "people": "people person faces street-fashion street-people sport- baseball "
    "body hat dress shirt t-shirt blazer hoodie longsleeve polo outwear blouse skirt",
    "rooms": "bathroom bedroom kitchen conference computer_room library auditorium art_gallery "
    "laundromat airport aquarium everyday-scene ceiling_fan chair lamp chandelier",
    "streets": "street- city house bridge gas_station parking_lot highway campus football_stadium "
    "windmill pagoda stop_sign tennis_court football_field ice_skating",
    "landscape": "beach mountain desert ocean sky park rainforest waterfall garden bamboo "
    "landscape natural-scene nature-unsplash outdoor-weather joshua_tree bonsai corel",
    "food": "food pizza strawberry",
    "vehicles": "car bus train motorbikes ferry helicopter airplanes ketch wheelchair inline_skate",
    "vintage": "fsa- prokudin documerica",
    "animals": "ant bees beaver bird bald_uakari black_headed brambling bulbul butterfly cat "
    "cock cougar cow crab crayfish crocodile dalmatian dog dolphin dragonfly elephant emu flamingo "
    "gerenuk giraffe gold great_white hammerhead hawksbill hedgehog hen horse ibis indigo "
    "japanese_macaque house_finch electric_ray jay junco kangaroo llama "
    "lobster mantled mayfly nautilus nilgiri octopus "
    "okapi ostrich panda patas pigeon platypus pygmy rhino robin rooster scorpion sea_horse sheep "
    "silvery starfish stingray tick tiger_shark trilobite white_headed wild_cat common_squirrel",
}
"""Kinds by how their classes' names begin, the longest such beginning first; others are things."""

HUES, CHROMAS, SHADES = (15.0, 80.0), (8.0, 45.0), (15.0, 92.0)
"""What skin's colors are within, from the palest to the darkest: degrees and Lab units."""


def kind_of(class_name: str) -> str:
    """The kind that the longest beginning of the class's name stands for."""
    found = [
        (len(beginning), kind)
        for kind, beginnings in KINDS.items()
        for beginning in beginnings.split()
        if class_name.startswith(beginning)
    ]
    return max(found)[1] if found else "things"


def pictures(sources: list[Path], one_in: int) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Kind and pixels (SIZE, SIZE, 3) of the pictures that count."""
    for source in sources:
        for sample in iter_samples(source):
            if is_held_out(sample.key, one_in):
                picture = Image.fromarray(decode_rgb8(sample))
                square = picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
                yield kind_of(sample.class_name), np.asarray(square)


def cells(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(SIZE, SIZE, C) averaged to (CELLS, CELLS, C)."""
    step = SIZE // CELLS
    mean: NDArray[np.float64] = values.reshape(CELLS, step, CELLS, step, -1).mean((1, 3))
    return mean


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Over RGB, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def segments_of(true: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Segments (CELLS, CELLS) of even true color."""
    small = np.asarray(Image.fromarray(true).resize((CELLS, CELLS), Image.Resampling.BOX))
    segments: NDArray[np.int64] = felzenszwalb(small, scale=100, sigma=0.6, min_size=24)
    return segments


def foreign_cells(segments: NDArray[np.int64], ab: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which cells of ab (CELLS, CELLS, 2) are not of their segment's color."""
    foreign = np.zeros(segments.shape, bool)
    for label in range(segments.max() + 1):
        where = segments == label
        inside = ab[where]
        foreign[where] = np.linalg.norm(inside - np.median(inside, axis=0), axis=1) > FOREIGN
    return foreign


def is_skin(lab: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where (.., 3) has a color of skin."""
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    values = (hue, HUES), (np.hypot(lab[..., 1], lab[..., 2]), CHROMAS), (lab[..., 0], SHADES)
    return np.logical_and.reduce([(x > low) & (x < high) for x, (low, high) in values])


def skin_figures(true: NDArray[np.float64], given: NDArray[np.float64]) -> tuple[float, ...]:
    """Errors of hue in degrees, and chroma as a share of the true one, of (N, 3) and (N, 3).

    The mean error, the median, and the share of locations that are more than 30 degrees off; then
    the mean error that all locations would have with the median of the true hues.
    """
    hues = [np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) for lab in (true, given)]
    error = np.abs((hues[1] - hues[0] + 180) % 360 - 180)
    of_median = np.abs(hues[0] - np.median(hues[0]))
    chromas = [np.hypot(lab[:, 1], lab[:, 2]).mean() for lab in (true, given)]
    shares = (error > 30).mean(), of_median.mean(), chromas[1] / chromas[0]
    return float(error.mean()), float(np.median(error)), *map(float, shares)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--model", default="general")
    parser.add_argument("--setting")
    parser.add_argument("--one-in", type=int, default=1)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    colorizer, guidance = Colorizer(given.model), Guidance(setting=given.setting)
    rows: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    skin: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for kind, true in pictures(given.pictures, given.one_in):
        gray = to_gray(true)
        colored = np.asarray(colorizer.colorize(gray, guidance=guidance))
        labs = [rgb_to_lab(rgb8 / 255.0).astype(np.float64) for rgb8 in (true, colored)]
        small = [cells(lab) for lab in labs]
        segments = segments_of(true)
        in_truth, foreign = (foreign_cells(segments, lab[..., 1:]) for lab in small)
        rows[kind].append(
            (
                psnr(np.repeat(gray[..., None], 3, axis=-1), true),
                psnr(colored, true),
                float(deltaE_ciede2000(*labs).mean()),
                colorfulness(colored),
                colorfulness(true),
                *(1000 * found.mean() for found in (foreign, in_truth, foreign & ~in_truth)),
            )
        )
        if kind in ("people", "portraits"):
            where = is_skin(small[0])
            skin.append((small[0][where], small[1][where]))
    print(f"{given.model} {given.setting or 'natural'}")
    print(
        "| kind | pictures | gray dB | dB | gain | delta-E | CF / true"
        " | foreign cells | in truth | in the model's alone |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    total = [row for kind in rows.values() for row in kind]
    for kind, found in [*sorted(rows.items()), ("all", total)]:
        gray_db, db, delta, cf, true_cf, *foreign = np.mean(found, axis=0)
        print(
            f"| {kind} | {len(found)} | {gray_db:.2f} | {db:.2f} | {db - gray_db:+.2f} |"
            f" {delta:.2f} | {cf / true_cf:.2f} | {' | '.join(f'{n:.1f}' for n in foreign)} |"
        )
    if skin:
        true_skin, given_skin = (np.concatenate(labs) for labs in zip(*skin, strict=True))
        limits = np.quantile(true_skin[:, 0], [1 / 3, 2 / 3])
        thirds = np.digitize(true_skin[:, 0], limits)
        print(
            "| skin | hue error, degrees | median | more than 30 off"
            " | error of the median hue | chroma / true |"
        )
        print("|---|---|---|---|---|---|")
        for name, where in [
            ("all", thirds >= 0),
            *((part, thirds == k) for k, part in enumerate(("darkest", "middle", "lightest"))),
        ]:
            *hues, chroma = skin_figures(true_skin[where], given_skin[where])
            mean, median, far, of_median = hues
            cells_of_row = f"{mean:.1f} | {median:.1f} | {far:.0%} | {of_median:.1f} | {chroma:.2f}"
            print(f"| {name} | {cells_of_row} |")


if __name__ == "__main__":
    main()
