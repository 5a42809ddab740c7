"""Sound files, what chance makes of them, and what comes out of that when it is colored."""

import io
import random
import warnings
from collections import Counter
from typing import Any

import numpy as np
from PIL import Image

from colornet.errors import ColornetError
from colornet.picture import model_lightness, read
from colornet.upsample import recombine
from tests.picture.damaging import GRAY, directory_first, encoded, tiff
from tests.picture.making import write

COLOR = np.stack([GRAY, np.roll(GRAY, 9, axis=0), GRAY[:, ::-1]], axis=-1)
COMPRESSIONS = ("none", "deflate", "lzw", "packbits", "jpeg")
NO_COLOR = np.zeros((2, 8, 8), np.float32)
SAME, ALIKE = 2.0, 6.0
"""Levels of 255, in the mean over all pixels: no damage to see, and what another decoder made."""
FAILURES = ("black", "other", "crash")
"""Outcomes that must not be."""
BLACK, LIGHT, AREA = 8, 40, 0.02
"""An area is black: of so many levels where it was lighter, in such a share of the picture."""


def _tiffs(tile, first):
    made = [tiff(name, tile, array) for name in COMPRESSIONS for array in (GRAY, COLOR)]
    made.append(tiff("deflate", tile, GRAY.astype(np.uint16) * 257, predictor="horizontal"))
    return [directory_first(each) if first else each for each in made]


def sound_files():
    """By kind."""
    deep = GRAY.astype(np.uint16) * 257
    return {
        "JPEG": [
            *(encoded("JPEG", array, quality=90) for array in (GRAY, COLOR)),
            *(encoded("JPEG", array, progressive=True) for array in (GRAY, COLOR)),
            encoded("JPEG", GRAY, restart_marker_rows=2),
        ],
        "PNG": [encoded("PNG", array) for array in (GRAY, COLOR, deep)],
        "TIFF, strips, directory first": _tiffs(tile=False, first=True),
        "TIFF, strips, directory last": _tiffs(tile=False, first=False),
        "TIFF, tiles, directory first": _tiffs(tile=True, first=True),
        "TIFF, tiles, directory last": _tiffs(tile=True, first=False),
        "WebP": [encoded("WEBP", COLOR), encoded("WEBP", COLOR, lossless=True)],
        "AVIF": [encoded("AVIF", array, speed=9) for array in (GRAY, COLOR)],
    }


def mutate(sound: bytes, chance: random.Random) -> bytes:
    """Cut off, flipped bits, changed bytes, a piece doubled or lost; often near the beginning."""
    data = bytearray(sound)
    reach = len(data) if chance.random() < 0.5 else min(len(data), 400)
    kind = chance.choice(["cut", "bits", "bytes", "double", "lose", "extremes"])
    at = chance.randrange(reach)
    if kind == "cut":
        del data[at:]
    elif kind in ("double", "lose"):
        piece = data[at : at + chance.randrange(1, 200)]
        data[at : at + len(piece)] = piece * 2 if kind == "double" else b""
    for _ in range(chance.choice([1, 3, 30]) if kind in ("bits", "bytes", "extremes") else 0):
        at = chance.randrange(reach)
        value = {"bits": data[at] ^ (1 << chance.randrange(8)), "bytes": chance.randrange(256)}
        data[at] = value.get(kind, chance.choice([0, 0x7F, 0x80, 0xFF]))
    return bytes(data)


def result_of(data):
    """The levels that come out when it is colored without any color, and notices."""
    seen = read(data)
    pages = [seen.page(k) for k in range(seen.pages)]
    lightness = model_lightness(pages[0], 256)
    out = write(pages[0], recombine(pages[0], NO_COLOR, lightness))
    with Image.open(io.BytesIO(out)) as image:
        return _gray(image), (*seen.notices, *pages[0].doubts)


def _gray(image):
    levels: Any = np.asarray(image.convert("RGBA") if image.mode == "P" else image, np.float32)
    if image.mode.startswith("I;16"):
        levels = levels / 257
    return levels[..., :3].mean(axis=-1) if levels.ndim == 3 else levels


def by_another(data):
    """The levels that come out of what Pillow reads; None: an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                mode = "L" if image.mode in ("1", "L") else "RGB"
                array = np.asarray(image if image.mode.startswith("I") else image.convert(mode))
        except Exception:
            return None
    return result_of(encoded("PNG", array))[0]


def outcome(sound, expected, damaged):
    """In a word what came out.

    `error`, `notice`, `same` as of the sound file, `as another` decoder reads the damaged one, or
    `black as another`, where that is black; and, what must not be, `black`, `other` or `crash`.

    Args:
        sound: the file.
        expected: its levels.
        damaged: what became of it.
    """
    try:
        levels, notices = result_of(damaged)
    except ColornetError:
        return "error"
    except Exception:
        return "crash"
    if notices:
        return "notice"
    fits = levels.shape == expected.shape
    if fits and np.abs(levels - expected).mean() < SAME:
        return "same"
    other = by_another(damaged)
    agreed = other is not None and other.shape == levels.shape
    agreed = agreed and np.abs(levels - other).mean() < ALIKE
    if fits and ((levels < BLACK) & (expected > LIGHT)).mean() > AREA:
        return "black as another" if agreed else "black"
    return "as another" if agreed else "other"


def tally(count, keep=None):
    """Outcomes by kind, of so many mutations of each."""
    found = {}
    for kind, files in sound_files().items():
        chance = random.Random(f"0 {kind}")
        outcomes: Counter[str] = Counter()
        expected = [result_of(sound)[0] for sound in files]
        for number in range(count):
            which = number % len(files)
            damaged = mutate(files[which], chance)
            said = outcome(files[which], expected[which], damaged)
            outcomes[said] += 1
            if keep is not None:
                keep(kind, number, which, said, damaged)
        found[kind] = dict(sorted(outcomes.items()))
    return found
