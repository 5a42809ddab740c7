"""Previews during training: contact sheets and figures of validation pictures."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from colornet.color import colorfulness, lab_to_rgb, rgb_to_lab, to_rgb8
from colornet.sheets import contact_sheet, evenly
from colornet.train.callbacks import ends_step
from colornet.train.data.cache import PictureCache
from colornet.train.plots import draw_pairs

PICTURES, SHOWN = 48, 12
"""Numbers of validation pictures that are measured, and that are on the sheet."""
COLUMNS = ("step", "psnr", "psnr_gray", "colorfulness", "colorfulness_true")


class ValidationPreview(L.Callback):
    """Colorizes the same validation pictures at intervals, with the weights as they are then.

    Writes `sheets/STEP.png` (gray, prediction, truth), a line of `figures.csv` and the curve
    `figures.png` into the run's folder.

    Args:
        cache: validation pictures; a fixed choice of them is looked at, whole.
        output: the run's folder.
        every: steps.
    """

    def __init__(self, cache: PictureCache, output: Path, every: int) -> None:
        self.output, self.every = output, every
        side = cache.rgb8.shape[1] // 32 * 32
        self.true = [cache.rgb8[i, :side, :side] for i in evenly(range(len(cache)), PICTURES)]

    def on_train_batch_end(
        self, trainer: L.Trainer, task: Any, outputs: Any, batch: Any, index: int
    ) -> None:
        """Preview if it is time, in the first process."""
        its_time = ends_step(trainer, index) and trainer.global_step % self.every == 0
        if its_time and trainer.is_global_zero:
            modes = [module.training for module in task.modules()]
            task.eval()
            self.look(task, trainer.global_step)
            for module, mode in zip(task.modules(), modes, strict=True):
                module.training = mode

    @torch.no_grad()
    def look(self, task: Any, step: int) -> None:
        """Colorize, measure, draw."""
        rows, scores = [], []
        for true in self.true:
            lab = rgb_to_lab(true / 255.0)
            lightness = torch.from_numpy(lab[None, None, ..., 0]).float().to(task.device)
            encoded = task.network.encode(lightness)
            ab = task.head.to_ab(task.head(task.network.decode(encoded.features, encoded.prior)))
            ab = F.interpolate(ab.float(), true.shape[:2], mode="bilinear")[0].cpu().numpy()
            gray = to_rgb8(lab_to_rgb(lab[..., 0], np.zeros_like(lab[..., 1:])))
            color = to_rgb8(lab_to_rgb(lab[..., 0], ab.transpose(1, 2, 0)))
            rows.append((gray, color, true))
            scores.append(
                (*(psnr(x, true) for x in (color, gray)), *map(colorfulness, (color, true)))
            )
        sheets = self.output / "sheets"
        sheets.mkdir(exist_ok=True)
        titles = ("gray", "prediction", "truth")
        contact_sheet(evenly(rows, SHOWN), titles=titles).save(sheets / f"{step:07}.png")
        self.note(step, np.mean(scores, axis=0))

    def note(self, step: int, means: NDArray[np.float64]) -> None:
        """Add a line to the figures, in place of lines that a killed run wrote for later steps."""
        path = self.output / "figures.csv"
        lines = []
        if path.exists():
            with path.open(newline="") as file:
                lines = [line for line in csv.DictReader(file) if int(line["step"]) < step]
        values = (str(step), *(f"{mean:.3f}" for mean in means))
        lines.append(dict(zip(COLUMNS, values, strict=True)))
        part = path.with_suffix(".part")
        with part.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(lines)
        part.replace(path)
        steps = [int(line["step"]) for line in lines]
        pairs = {
            name: {n: [float(line[n]) for line in lines] for n in (name, beside)}
            for name, beside in zip(COLUMNS[1::2], COLUMNS[2::2], strict=True)
        }
        draw_pairs(steps, pairs, self.output / "figures.png")


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio over RGB, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2).clip(min=1e-6)))
