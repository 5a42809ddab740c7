"""Draw the founding network, Figure 1 of its document, from the network itself.

    python scripts/founding_network.py docs/founding-network.svg

Every layer is one that ran, with the shape of what came out of it: the network of
recipes/founding.yaml is built without memory (on torch's `meta` device) and run on a picture.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from torch import nn

from colornet.train.config import Recipe
from colornet.train.heads import RegressionHead
from colornet.train.networks import build_network

RECIPE = Path(__file__).parents[1] / "recipes" / "founding.yaml"
SIDE = 448
"""Of the picture, in pixels; any that is not the global copy's."""
COPY = 224
CLASSES = 3
"""Any number that is no layer's channels; drawn as a word."""
TIMES = "\N{MULTIPLICATION SIGN}"
TITLES = {
    "low_level": "low-level features",
    "mid_level": "mid-level features",
    "global_features": "global features",
    "classifier": "classifier",
    "fusion": "fusion",
    "colorization": "colorization",
    "head": "regression",
}
FILLS = {
    "low_level": "#d7e5f5",
    "mid_level": "#d9efdc",
    "global_features": "#fbe6c9",
    "classifier": "#eeeeee",
    "fusion": "#f6d5d5",
    "colorization": "#e6daf2",
    "head": "#e6daf2",
}
TOP, BOTTOM, HALF = 130, 390, 96  # pixels: the branches' axes, half the height of a part
COLUMN, GAP, PAD, BETWEEN = 26, 14, 16, 22  # of a layer, between layers, inside parts, between them


@dataclass(frozen=True)
class Layer:
    """One that ran."""

    part: str
    name: str
    channels: int
    side: int
    """Of its square map, in pixels; 0: a vector."""

    @property
    def width(self) -> float:
        """In the drawing, by its channels."""
        return 4 + 2.6 * math.log2(self.channels)

    @property
    def height(self) -> float:
        """In the drawing, by the side of its map."""
        return 16 * math.log2(self.side) - 10 if self.side else 60


def run_layers() -> list[Layer]:
    """The layers of the founding network, in the order in which they ran."""
    recipe, found = Recipe.from_file(RECIPE), []

    def note(path: str) -> Any:
        def hook(module: nn.Module, _: Any, output: torch.Tensor) -> None:
            if isinstance(module, nn.Upsample):
                name = f"up {TIMES}2"
            elif isinstance(module, nn.Linear):
                name = "fc"
            else:
                kernel, stride = module.kernel_size[0], module.stride[0]  # type: ignore[index]
                name = f"{kernel}{TIMES}{kernel}" + (f"/{stride}" if stride > 1 else "")
            side = output.shape[-1] if output.dim() == 4 else 0
            found.append(Layer(path.partition(".")[0], name, output.shape[1], side))

        return hook

    options = {key: value for key, value in recipe.network.items() if key != "name"}
    with torch.device("meta"), torch.no_grad():
        network = build_network(recipe.network["name"], classes=CLASSES, **options).eval()
        head = RegressionHead(network.trunk_channels)
        parts = nn.ModuleDict({**dict(network.named_children()), "head": head})
        for path, module in parts.named_modules():
            if isinstance(module, nn.Conv2d | nn.Linear | nn.Upsample):
                module.register_forward_hook(note(path))
        encoded = network.encode(torch.zeros(1, 1, SIDE, SIDE))
        head(network.decode(encoded.features, encoded.prior))
    return found


def draw() -> str:
    """The figure, as SVG: the local branch above, the global one below."""
    runs = [(part, list(layers)) for part, layers in groupby(run_layers(), lambda one: one.part)]
    names = [part for part, _ in runs]
    copy, fusion = names.index("low_level", 1), names.index("fusion")
    above, ends = place(runs[:copy] + runs[fusion:], TOP, "H/{}")
    below, low_ends = place(runs[copy:fusion], BOTTOM, "{}")
    width = ends["head"][1]
    return frame(above + below + inputs(width) + flows(ends, low_ends), width + 108, BOTTOM + 130)


Ends = dict[str, tuple[float, float]]
"""Left and right of each part, in pixels."""


def place(row: list[tuple[str, list[Layer]]], axis: float, side: str) -> tuple[list[str], Ends]:
    """Parts from left to right; `side` is how the side of a map is written."""
    shapes: list[str] = []
    ends: Ends = {}
    x = 120.0
    for part, layers in row:
        begin, boxes = x, []
        x += PAD
        for layer in layers:
            boxes.append(box(layer, x, axis, side))
            x += max(layer.width, COLUMN) + GAP
        x += PAD - GAP
        shapes += [panel(part, begin, x, axis), *boxes]
        ends[part] = (begin, x)
        x += BETWEEN
    return shapes, ends


def inputs(width: float) -> list[str]:
    """What goes in at the left and comes out at the right."""
    return [
        label("lightness", 56, TOP - 8),
        label(f"1 {TIMES} H {TIMES} W", 56, TOP + 8, small=True),
        label("a copy of it", 56, BOTTOM - 8),
        label(f"1 {TIMES} {COPY} {TIMES} {COPY}", 56, BOTTOM + 8, small=True),
        label(f"ab, up {TIMES}2", width + 60, TOP - 8),
        label(f"2 {TIMES} H {TIMES} W", width + 60, TOP + 8, small=True),
        arrow((96, TOP), (118, TOP)),
        arrow((56, TOP + 18), (56, BOTTOM - 24)),
        arrow((96, BOTTOM), (118, BOTTOM)),
        arrow((width, TOP), (width + 20, TOP)),
    ]


def flows(ends: Ends, below: Ends) -> list[str]:
    """From part to part."""
    arrows = [
        arrow((ends[part][1], TOP), (ends[part][1] + BETWEEN - 2, TOP))
        for part in ("low_level", "mid_level", "fusion", "colorization")
    ]
    low, whole, classes = below["low_level"], below["global_features"], below["classifier"]
    into = sum(ends["fusion"]) / 2
    between = TOP + HALF + 22
    shared = whole[1] - PAD - 1.5 * COLUMN - GAP  # the last but one of its layers
    foot = BOTTOM + HALF + 16
    arrows += [
        arrow((low[1], BOTTOM), (low[1] + BETWEEN - 2, BOTTOM)),
        arrow(
            *((whole[1], BOTTOM), (whole[1] + 11, BOTTOM), (whole[1] + 11, between)),
            *((into, between), (into, TOP + HALF + 2)),
        ),
        label("the prior, at every place", into + 10, between - 5, "start", small=True),
        arrow(
            *((shared, BOTTOM + HALF), (shared, foot), (sum(classes) / 2, foot)),
            (sum(classes) / 2, BOTTOM + HALF + 2),
        ),
        label("the same weights", sum(low) / 2, between + 6, small=True),
    ]
    return arrows


def panel(part: str, begin: float, end: float, axis: float) -> str:
    """The ground of a part, with its title."""
    return (
        f'<rect x="{begin:.0f}" y="{axis - HALF:.0f}" width="{end - begin:.0f}"'
        f' height="{2 * HALF}" rx="8" fill="{FILLS[part]}"/>'
        + label(TITLES[part], (begin + end) / 2, axis - HALF - 8)
    )


def box(layer: Layer, x: float, axis: float, side: str) -> str:
    """A layer: its width by channels, its height by the side of its map."""
    middle = x + max(layer.width, COLUMN) / 2
    channels = "classes" if layer.channels == CLASSES else str(layer.channels)
    shape = side.format(SIDE // layer.side if "/" in side else layer.side) if layer.side else ""
    return (
        f'<rect x="{middle - layer.width / 2:.1f}" y="{axis - 8 - layer.height / 2:.1f}"'
        f' width="{layer.width:.1f}" height="{layer.height:.1f}" fill="#fff" stroke="#333"/>'
        + label(layer.name, middle, axis - 82, small=True)
        + label(shape, middle, axis + 74, small=True)
        + label(channels, middle, axis + 88, small=True)
    )


def label(text: str, x: float, y: float, anchor: str = "middle", small: bool = False) -> str:
    """Words."""
    size = 9 if small else 13
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}">{text}</text>'


def arrow(*points: tuple[float, float]) -> str:
    """A line with a head."""
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="#333" marker-end="url(#head)"/>'


def frame(shapes: list[str], width: float, height: float) -> str:
    """A whole file."""
    lines = "\n".join(shapes)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" \
font-family="sans-serif" fill="#111">
<title>The founding network</title>
<desc>Made by scripts/founding_network.py. Above each layer its kernel and stride, below it
the side of its output and its channels.</desc>
<defs><marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">\
<path d="M0 1 8 4 0 7z" fill="#333"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
{lines}
</svg>
"""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(), encoding="utf-8")
