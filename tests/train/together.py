"""Runs of two processes, for tests: `python -m tests.train.together FOLDER PORTS`.

All runs are made by the same two processes, as starting them costs more than the runs. What each
process saw and ended with is left in FOLDER/RUN.RANK.pt.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from colornet.train import precision
from colornet.train.config import Recipe
from colornet.train.run import train
from colornet.train.task import ColorizationTask
from tests.ports import free_ports
from tests.train.tasks import SMALLEST

ROOT = Path(__file__).parents[2]
TINY = SMALLEST.changed(
    batch=8,
    epochs=25,
    grad_clip=1.0,
    validation_preview=0,
    precision="32-true",
)
"""8 steps an epoch of 64 pictures."""
ONE_STEP = TINY.changed(batch=16, epochs=1)
MINUTES = TINY.changed(minutes=0.04, schedule="cooldown", ema_decay=0.9, precision="auto")


class Killed(Exception):
    """Stands for a kill: what follows knows nothing of this run but its files."""


class Watched:
    """Keeps what the tasks of a run see, and the last of them; kills it at a step if told to."""

    def __init__(self, kill_at: int = -1) -> None:
        self.kill_at = kill_at
        self.seen: list[tuple[int, list[int]]] = []
        """Steps before, and a checksum of each picture."""
        self.task: Any = None

    @contextmanager
    def here(self) -> Iterator[None]:
        step = ColorizationTask.training_step

        def watched(task: Any, batch: Any, index: int) -> Any:
            self.task = task
            if task.global_step == self.kill_at:
                time.sleep(
                    1
                )  # Gloo's threads let go of Lightning's broadcast, or freeing them hangs
                raise Killed
            sums = batch[0].long().sum((1, 2, 3))
            self.seen.append((task.global_step, sums.tolist()))
            return step(task, batch, index)

        ColorizationTask.training_step = watched  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            ColorizationTask.training_step = step  # type: ignore[method-assign]


@contextmanager
def no_batch_norm() -> Iterator[None]:
    """Networks are built without it."""

    class Nothing(torch.nn.Identity):
        def __init__(self, *_: Any) -> None:
            super().__init__()

    kept = torch.nn.BatchNorm1d, torch.nn.BatchNorm2d
    torch.nn.BatchNorm1d = torch.nn.BatchNorm2d = Nothing  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        torch.nn.BatchNorm1d, torch.nn.BatchNorm2d = kept  # type: ignore[misc]


def watch(folder: Path, name: str, recipe: Recipe, kill_at: int = -1, **given: Any) -> None:
    """Run, and leave what was seen and the weights."""
    watched = Watched(kill_at)
    data = given.pop("data", [folder / "set"])
    with watched.here():
        try:
            train(data, recipe, folder / name.split()[0], **given)
        except Killed:
            return
        finally:
            task = watched.task
            made = {"weights": task.state_dict(), "recipe": task.recipe.to_dict()}
            left = {"seen": watched.seen, **made}
            torch.save(left, folder / f"{name}.{os.environ.get('RANK', '0')}.pt")


def main(folder: Path, ports: list[str]) -> None:
    def connect() -> None:
        os.environ["MASTER_PORT"] = ports.pop()

    short = TINY.changed(epochs=2)
    held_out = [folder / "held"]
    connect()
    watch(folder, "often", TINY, save_every=0.1)
    connect()
    with no_batch_norm():
        watch(folder, "step", ONE_STEP, data=[folder / "few"])
    connect()
    with no_batch_norm():
        watch(folder, "parts", ONE_STEP, data=[folder / "few"], accumulate=2)
    connect()
    watch(folder, "whole", short, validation=held_out)
    connect()
    watch(folder, "killed before", short, kill_at=11, validation=held_out, save_every=0.0)
    connect()
    watch(folder, "killed after", short, validation=held_out, save_every=0.0)
    connect()
    faster = ["bf16-mixed", "32-true"][int(os.environ["RANK"])]
    precision.fastest_precision = lambda: faster  # each finds another
    watch(folder, "minutes", MINUTES)


def start_two(folder: Path) -> list[subprocess.Popen[str]]:
    """Start both processes."""
    ports = free_ports(7)
    started = []
    for rank in "01":
        there = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
        environment = {**os.environ, **there, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
        command = [sys.executable, "-m", "tests.train.together", str(folder), *ports]
        started.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    return started


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
