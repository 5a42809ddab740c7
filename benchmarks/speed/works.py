"""What is measured: each makes ready, and gives what is then done again and again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Work = Callable[[], object]

QUALITY = 90
SIDE = 256


def colorize(source: Path, target: Path) -> Work:
    """The whole way from file to file, with a model that is loaded."""
    from colornet import Colorizer

    colorizer = Colorizer()
    return lambda: colorizer.colorize(source, target, overwrite=True)


def copy(source: Path, target: Path) -> Work:
    """What no program can do without: decode, and encode as a color JPEG."""
    import pyvips

    def work() -> None:
        image = pyvips.Image.new_from_file(str(source), access="sequential")
        image.colourspace("srgb").jpegsave(str(target), Q=QUALITY)

    return work


def model() -> Work:
    """One run of the shipped network."""
    import numpy as np

    from colornet.model import DEFAULT_MODEL, decoder_outputs, find, guidance_outputs, open_graphs

    folder = find(DEFAULT_MODEL)
    encoder, decoder, guide = open_graphs(folder)
    assert guide
    features, outputs = [*folder.card.features, "prior"], decoder_outputs(folder.card)
    more = [*folder.card.features, "trunk"]
    lightness = np.random.default_rng(0).uniform(0, 100, (1, 1, SIDE, SIDE)).astype(np.float32)

    def work() -> None:
        known = dict(zip(features, encoder.run(features, {"lightness": lightness}), strict=True))
        known |= zip(outputs, decoder.run(outputs, known), strict=True)
        guide.run(guidance_outputs(folder.card), {name: known[name] for name in more})

    return work


def founding_model() -> Work:
    """One run of the founding network in PyTorch."""
    import torch

    from colornet.train.heads import RegressionHead
    from colornet.train.networks.iizuka import Iizuka

    network = Iizuka(global_size=SIDE).eval()
    head = RegressionHead(network.trunk_channels).eval()
    lightness = 100 * torch.rand(1, 1, SIDE, SIDE)

    def work() -> None:
        with torch.inference_mode():
            encoded = network.encode(lightness)
            head(network.decode(encoded.features, encoded.prior))

    return work


def plain(source: Path, target: Path) -> Work:
    """The same colors put into the picture as others do: by Pillow, numpy and scikit-image."""
    import numpy as np
    from PIL import Image
    from skimage.color import lab2rgb, rgb2lab
    from skimage.transform import resize

    from colornet import Colorizer

    colorizer = Colorizer()

    def work() -> None:
        with Image.open(source) as picture:
            small = np.asarray(picture.resize((SIDE, SIDE)))
            lightness = rgb2lab(np.asarray(picture.convert("RGB")))[..., :1]
        ab = resize(np.moveaxis(colorizer.open(small).ab(), 0, -1), lightness.shape[:2])
        rgb = lab2rgb(np.concatenate([lightness, ab], axis=-1))
        Image.fromarray((255 * rgb).round().astype(np.uint8)).save(target, quality=QUALITY)

    return work


def folder(source: Path, target: Path, jobs: int, threads: int, some: int) -> Work:
    """So many more pictures of a folder, several at a time, each on as many threads."""
    from colornet.batch import plan, run
    from colornet.colorizer import Colorizer

    colorizer = Colorizer(threads=threads)
    results = run(colorizer, plan([source], target), jobs=jobs, replace="all")

    def work() -> None:
        for _ in range(some):
            result = next(results)
            assert result.status == "done", result.error

    return work


def process(*command: str | Path) -> Work:
    """A whole process of Python, from start to end."""
    return lambda: subprocess.run(
        [sys.executable, "-W", "ignore", *command], check=True, stderr=subprocess.DEVNULL
    )
