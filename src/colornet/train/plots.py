"""Curves of a run, which are not drawn where matplotlib is not installed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 3
"""Panels in a row."""
NOT_LOSSES = ("epoch", "seconds", "train")
"""Columns of the log that are no single loss; `train` is the sum of those."""
LINEAR = ("class_accuracy", "psnr")
"""Panels with a linear axis; the others are logarithmic."""


def draw_losses(epochs: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the loss over epochs (the founding document's Figure 2), and each loss apart.

    Args:
        epochs: what each epoch logged; see `log.read_log`.
        path: of the PNG.
    """
    if find_spec("matplotlib") is None:
        return
    from matplotlib.ticker import MaxNLocator

    panels = _panels(epochs)
    figure = _new_figure(len(panels))
    for axes, (title, curves) in zip(figure.axes, panels.items(), strict=False):
        for label, name in curves.items():
            points = [(i, e[name]) for i, e in enumerate(epochs, 1) if name in e]
            if points:
                axes.plot(*zip(*points, strict=True), marker=".", label=label)
        axes.set(title=title.replace("_", " "), xlabel="epoch")
        if title not in LINEAR and all(e.get(n, 1) > 0 for e in epochs for n in curves.values()):
            axes.set_yscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    _save(figure, path)


def _panels(epochs: Sequence[Mapping[str, float]]) -> dict[str, dict[str, str]]:
    """The curves of each panel by title: columns of the log by label."""
    names = dict.fromkeys(name for epoch in epochs for name in epoch)
    losses = [n for n in names if n not in NOT_LOSSES and not n.startswith("validation")]
    panels = {"loss": {"train": "train", "validation": "validation"}}
    panels |= {name: {"train": name, "validation": f"validation_{name}"} for name in losses}
    if "validation_psnr" in names:
        panels["psnr"] = {"validation": "validation_psnr", "gray": "validation_psnr_gray"}
    return panels


def draw_pairs(
    steps: Sequence[int], pairs: Mapping[str, Mapping[str, Sequence[float]]], path: Path
) -> None:
    """Draw figures over steps, each in a panel, beside what it is compared with (dashed).

    Args:
        steps: at which they were measured.
        pairs: by title: by name, the figure first.
        path: of the PNG.
    """
    if find_spec("matplotlib") is None:
        return
    figure = _new_figure(len(pairs))
    for axes, (title, curves) in zip(figure.axes, pairs.items(), strict=False):
        for style, (label, values) in zip(("-", "--"), curves.items(), strict=True):
            axes.plot(steps, values, style, marker="." if style == "-" else "", label=label)
        axes.set(title=title, xlabel="step")
        axes.legend()
    _save(figure, path)


def _new_figure(panels: int) -> Figure:
    """A figure with so many panels."""
    from matplotlib.figure import Figure

    columns = min(panels, COLUMNS) or 1
    rows = math.ceil(panels / columns) or 1
    size = max(7.0, 4.2 * columns), max(4.5, 3.2 * rows)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for spare in list(axes)[panels:]:
        spare.remove()
    return figure


def _save(figure: Figure, path: Path) -> None:
    """Write it whole."""
    beside = path.with_suffix(".part.png")
    figure.savefig(beside, dpi=120)
    beside.replace(path)
