"""Draw docs/video.webp: a camera moves over photographs; the gray film beside the colored one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from colornet import Colorizer
from colornet.video import Steady

TARGET = Path(__file__).parents[1] / "docs/video.webp"
SIZE = (240, 180)
RATE = 12
SECONDS = 10


def main() -> None:
    """Make the frames, color them, and write both."""
    pictures = [Image.fromarray(p()).convert("L") for p in (data.coffee, data.chelsea)]
    count = RATE * SECONDS // len(pictures)
    frames = [
        np.asarray(_view(picture, number / count))
        for picture in pictures
        for number in range(count)
    ]
    pairs = [
        Image.fromarray(np.hstack([np.repeat(gray[..., np.newaxis], 3, axis=-1), rgb]))
        for gray, rgb in zip(frames, Steady(Colorizer()).run(frames), strict=True)
    ]
    first, *rest = pairs
    step = 1000 // RATE
    first.save(TARGET, save_all=True, append_images=rest, duration=step, loop=0, quality=55)


def _view(picture: Image.Image, t: float) -> Image.Image:
    """What a camera sees that goes right and nearer."""
    side = picture.height * (0.85 - 0.3 * t)
    width = side * SIZE[0] / SIZE[1]
    left = (picture.width - width) * (0.2 + 0.6 * t)
    top = (picture.height - side) / 2
    box = (left, top, left + width, top + side)
    return picture.resize(SIZE, Image.Resampling.LANCZOS, box=box)


if __name__ == "__main__":
    main()
