"""The file `log`: a line for each epoch with every loss apart, drawn as `loss.png`."""

from __future__ import annotations

import contextlib
import math
import os
import re
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor

from colornet.errors import OptionError
from colornet.train.plots import draw_losses
from colornet.train.processes import Processes

FIRST, LAST = ("epoch", "train", "validation"), ("seconds",)
"""Where these stand in a line; the losses are between them."""
BESIDE = ("loss.png", "figures.csv", "figures.png")
"""What a run writes beside its log."""
STEPS = 32
"""After so many steps their losses are added up."""
DRAW_EVERY = 10.0
"""Seconds from one drawing of the curves to the next, which takes up to a second."""


class EpochLog(L.Callback):
    """The mean of each loss over each epoch in the file `log`, and their curves in `loss.png`.

    The curves are drawn every few epochs where these are short, and at the end.

    The running sums are part of the checkpoint, so an epoch that was interrupted logs what it would
    have logged. The losses are means over all processes.
    """

    def __init__(self, output: Path, processes: Processes) -> None:
        self.output, self.processes = output, processes
        self.sums: dict[str, tuple[float, int]] = {}
        """Sum and number of steps, by name: some losses are not in every step."""
        self.waiting: list[tuple[list[str], Tensor]] = []
        """Names and losses of the last steps, not yet asked of the device, which would wait."""
        self.seconds = 0.0
        self.since = time.monotonic()
        self.drawn, self.is_drawn = -math.inf, True
        """When the curves were drawn, and whether all epochs are in them."""

    def state_dict(self) -> dict[str, Any]:
        """Sums of the epoch so far."""
        self._add_up()
        return {"sums": self.sums, "seconds": self._spent()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with those sums."""
        if "sums" in state:
            self.sums = {name: (total, steps) for name, (total, steps) in state["sums"].items()}
        else:  # as it was before each loss was logged apart
            self.sums = {"train": (state["total"], state["steps"])}
        self.seconds = state["seconds"]

    def _spent(self) -> float:
        return self.seconds + time.monotonic() - self.since

    def on_train_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Forget epochs that a killed run logged after its last checkpoint."""
        self.since = time.monotonic()
        kept = read_log(self.output)[: trainer.current_epoch]
        if trainer.is_global_zero:
            write_log(self.output, kept)

    def on_train_batch_end(
        self, trainer: L.Trainer, task: L.LightningModule, outputs: Any, *args: Any
    ) -> None:
        """Keep the step's losses."""
        loss = outputs["loss"].detach() * trainer.accumulate_grad_batches  # Lightning divides it
        found: dict[str, Tensor] = {"train": loss, **outputs["parts"]}
        self.waiting.append((list(found), torch.stack([x.float() for x in found.values()])))
        if len(self.waiting) == STEPS:
            self._add_up()

    def _add_up(self) -> None:
        """Add the losses of the last steps to the sums."""
        if not self.waiting:
            return
        losses = self.processes.mean(torch.cat([values for _, values in self.waiting])).tolist()
        names = [name for step, _ in self.waiting for name in step]
        for name, value in zip(names, losses, strict=True):
            total, steps = self.sums.get(name, (0.0, 0))
            self.sums[name] = (total + value, steps + 1)
        self.waiting.clear()

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Write the epoch's line, and draw the curves anew if that was not just done."""
        self.write(trainer)

    def on_train_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Draw the epochs that are not drawn yet."""
        self._draw()

    def on_exception(
        self, trainer: L.Trainer, task: L.LightningModule, exception: BaseException
    ) -> None:
        """The same, when the time is up or a signal ends the run."""
        with contextlib.suppress(OSError):  # the exception says more
            self._draw()

    def _draw(self) -> None:
        if not self.is_drawn:
            draw_losses(read_log(self.output), self.output / "loss.png")
            self.drawn, self.is_drawn = time.monotonic(), True

    def write(self, trainer: L.Trainer, whole: bool = True) -> None:
        """Log the epoch, or what there is of it if it is not whole."""
        self._add_up()
        losses = {name: total / steps for name, (total, steps) in self.sums.items()}
        if whole:
            found = trainer.callback_metrics.items()
            losses |= {name: float(x) for name, x in found if name.startswith("validation")}
        epochs = read_log(self.output)[: trainer.current_epoch]
        seconds = self._spent()
        self.sums, self.seconds, self.since = {}, 0.0, time.monotonic()
        if trainer.is_global_zero and losses:
            epochs.append({**losses, "seconds": seconds})
            write_log(self.output, epochs)
            self.is_drawn = False
            if time.monotonic() - self.drawn >= DRAW_EVERY:
                self._draw()
            line = "  ".join(f"{name} {losses[name]:.6g}" for name in _in_order(losses))
            print(f"epoch {len(epochs)}{'' if whole else ', in part'}  {line}", flush=True)


def refuse_other_files(output: Path) -> None:
    """Raise `OptionError` if a file in the folder is none of a run, but has the name of one.

    A run's folder has its `log` from the beginning.
    """
    path = output / "log"
    others: list[Path] = []
    if os.path.lexists(path):
        try:
            with path.open(encoding="utf-8") as file:
                is_log = all(line.startswith("epoch ") for line in file)
        except (OSError, ValueError):
            is_log = False
        others += [path] * (not is_log)
    elif not os.path.lexists(output / "checkpoints" / "last.ckpt"):
        others += [output / name for name in BESIDE if os.path.lexists(output / name)]
    for other in others:
        remedy = "choose another output folder, or move it elsewhere"
        raise OptionError(other, "is not of a run, which would replace it", remedy)


def read_log(output: Path) -> list[dict[str, float]]:
    """The epochs of `log`, each by name: `train`, the whole loss; each loss apart; `validation` and
    what begins so, if there was any; and `seconds`.
    """
    path = output / "log"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [{k: float(v) for k, v in re.findall(r"([a-z]\w*) (\S+)", line)} for line in lines]


def write_log(output: Path, epochs: list[dict[str, float]]) -> None:
    """Write `log` whole: one line an epoch, as `epoch 3  train 0.0051  mse 0.0049  seconds 61`."""
    lines = []
    for number, losses in enumerate(epochs, 1):
        values = {**losses, "epoch": number}
        lines.append("  ".join(f"{name} {values[name]:.6g}" for name in _in_order(values)))
    beside = output / "log.part"
    beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    beside.replace(output / "log")


def _in_order(values: dict[str, float]) -> list[str]:
    """Names as a line has them."""
    between = [name for name in values if name not in (*FIRST, *LAST)]
    return [name for name in (*FIRST, *between, *LAST) if name in values]
