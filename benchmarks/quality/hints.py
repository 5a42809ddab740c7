"""What hints at true colors are worth: PSNR without and with them, and the color at the hints.

    python benchmarks/quality/hints.py MODEL PICTURES [HINTS ..]

For each picture at the model's input size, HINTS (10) cells of the model's grid at random places
tell their true mean color. Printed for each number of hints: mean PSNR left gray, without hints,
with them, and the median difference (delta-E 2000) at the hints between the color asked for and
the color given. Colors are enlarged by bicubic interpolation, without the edge-aware step.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000

from colornet.color import lab_to_rgb, rgb_to_lab, to_rgb8
from colornet.guidance.propagation import spread
from colornet.model import decoder_outputs, find, open_graphs
from colornet.pipeline import chroma_left
from colornet.resample import averaged
from colornet.smoothing import smooth_colors
from colornet.train.data.samples import decode_rgb8, iter_samples


def enlarged(ab: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """(2, h, w) -> (size, size, 2)."""
    planes = [Image.fromarray(p).resize((size, size), Image.Resampling.BICUBIC) for p in ab]
    return np.stack([np.asarray(p, dtype=np.float64) for p in planes], axis=-1)


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio over RGB, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def main(model: str, pictures: Path, counts: list[int]) -> None:
    """Print the figures."""
    folder = find(model)
    encoder, decoder, guide = open_graphs(folder)
    if guide is None or not folder.card.hints:
        raise SystemExit(f"{model} takes no hints")
    size, outputs = folder.card.input_size, list(decoder_outputs(folder.card))
    setting = folder.card.setting()
    names = [*folder.card.features, *(["prior"] if folder.card.prior else [])]
    rng = np.random.default_rng(0)
    scores: dict[int, list[tuple[float, float, float]]] = {n: [] for n in counts}
    differences: dict[int, list[float]] = {n: [] for n in counts}
    for sample in iter_samples(pictures):
        picture = Image.fromarray(decode_rgb8(sample)).resize((size, size), Image.Resampling.BOX)
        true = np.asarray(picture)
        lab = rgb_to_lab(true / 255.0)
        lightness = lab[None, None, ..., 0].astype(np.float32)
        encoded = dict(zip(names, encoder.run(names, {"lightness": lightness}), strict=True))
        decoded = dict(zip(outputs, decoder.run(outputs, encoded), strict=True))
        known = {name: encoded[name] for name in folder.card.features}
        (affinity,) = guide.run(["affinity"], known | {"trunk": decoded["trunk"]})
        ab, vivid = decoded["ab"][0], decoded.get("vivid", decoded["ab"])[0]
        side = ab.shape[-1]
        shade = averaged(lightness[0, 0], side, side)
        mixed = ab + setting.vividness * (vivid - ab)
        even = smooth_colors(mixed * chroma_left(shade, setting.shadow), affinity[0], shade)
        appearance = np.concatenate([shade[np.newaxis], ab])
        ab = setting.saturation * even
        step = size // side
        true_ab = lab[..., 1:].reshape(side, step, side, step, 2).mean((1, 3)).astype(np.float32)
        gray = psnr(to_rgb8(lab_to_rgb(lab[..., 0], 0 * lab[..., 1:])), true)
        before = psnr(to_rgb8(lab_to_rgb(lab[..., 0], enlarged(ab, size))), true)
        for count in counts:
            cells = rng.integers(0, side, (count, 2))
            told = true_ab[cells[:, 0], cells[:, 1]]
            guided = enlarged(spread(ab, affinity[0], appearance, cells, told), size)
            after = psnr(to_rgb8(lab_to_rgb(lab[..., 0], guided)), true)
            scores[count].append((gray, before, after))
            for (row, column), color in zip(cells, told, strict=True):
                middle = (row * step + step // 2, column * step + step // 2)
                asked = np.array([lab[middle][0], *color])
                given = np.array([lab[middle][0], *guided[middle]])
                differences[count].append(float(deltaE_ciede2000(asked, given)))
    for count in counts:
        gray, before, after = np.mean(scores[count], axis=0)
        print(
            f"{len(scores[count])} pictures, {count} hints each: gray {gray:.2f} dB, without"
            f" {before:.2f}, with {after:.2f} ({after - before:+.2f});"
            f" delta-E at hints {np.median(differences[count]):.1f}"
        )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [int(n) for n in sys.argv[3:]] or [10])
