"""How still colors hold, and how good they are: `python steadiness.py DATA [-o FILE] [CLIP ..]`.

Compares the true film, gray frames, which have no color that could flicker, each frame colored by
itself, the same smoothed over time (an exponential moving average of ab, of weight 0.9), and
colornet.video, on the test clip, on synthetic films, and on films aged by grain and flicker.
Candidates are measured before they are encoded.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from clips import OTHERS, SYNTHETIC, Clip, aged, bikes, synthetic
from further import FURTHER, further
from measures import Truth
from numpy.typing import NDArray

from colornet import Colorizer, Guidance
from colornet.resample import averaged
from colornet.video.coloring import FrameColors
from colornet.video.fusion import Fusion
from colornet.video.planes import SLOPE, to_rgb

EMA = 0.9
AGED = "bikes, aged", "pan, aged", "spin, aged", "shake, aged"
Floats = NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("clips", nargs="*")
    given = parser.parse_intermixed_args()
    colorizer = Colorizer()
    results = {}
    for name in given.clips or ("bikes", *SYNTHETIC, *OTHERS, *FURTHER, *AGED):
        base = name.removesuffix(", aged")
        clip = _clip(given.data, base)
        truth = Truth(clip)
        if base != name:
            clip = truth.clip = aged(clip)
        results[name] = _measured(colorizer, clip, truth)
        print(name)
        for candidate, figures in results[name].items():
            line = "  ".join(f"{key} {value:.3f}" for key, value in figures.items())
            print(f"  {candidate:10} {line}", flush=True)
    if given.output:
        before = json.loads(given.output.read_text()) if given.output.exists() else {}
        given.output.write_text(json.dumps(before | results, indent=1) + "\n")


def _clip(data: Path, name: str) -> Clip:
    if name == "bikes":
        return bikes(data)
    return further(data, name) if name in FURTHER else synthetic(data, name)


def _measured(colorizer: Colorizer, clip: Clip, truth: Truth) -> dict[str, dict[str, float]]:
    height, width = clip.lightness[0].shape
    colors = FrameColors(colorizer, width, height)
    seen = [averaged(one, colors.side, colors.side) for one in clip.lightness]
    figures = {"true film": truth.measure(clip.frames)}
    figures["gray"] = _figures(truth, [np.zeros((2, *colors.grid), np.float32)] * len(seen))
    alone = []
    for small in seen:
        frame = colors.encode(small)
        alone.append(colors.colors(frame, frame.prior, Guidance()))
    figures["per frame"] = _figures(truth, alone)
    figures["EMA 0.9"] = _figures(truth, _smoothed(alone, clip.cuts))
    fusion = Fusion(colors)
    colored = [one for small in seen for one in fusion.push(small)] + fusion.finish()
    shades = [one.shade for one in colored]
    figures["colornet"] = _figures(truth, [one.ab for one in colored], shades)
    figures["colornet"]["network"] = float(np.mean([one.observed for one in colored]))
    return figures


def _smoothed(alone: list[Floats], cuts: tuple[int, ...]) -> list[Floats]:
    smoothed: list[Floats] = []
    for number, ab in enumerate(alone):
        mean = ab if number in cuts else EMA * smoothed[-1] + (1 - EMA) * ab
        smoothed.append(mean.astype(np.float32))
    return smoothed


def _figures(
    truth: Truth, abs_: list[Floats], shades: list[Floats] | None = None
) -> dict[str, float]:
    lightness = truth.clip.lightness
    share = SLOPE if shades else 1.0  # as of pictures that stand alone
    shades = shades or [averaged(one, *abs_[0].shape[1:]) for one in lightness]
    each = zip(lightness, abs_, shades, strict=True)
    return truth.measure([to_rgb(one, ab, shade, np.uint16, share) for one, ab, shade in each])


if __name__ == "__main__":
    main()
