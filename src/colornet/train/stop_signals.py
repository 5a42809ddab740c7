"""Ctrl-C and SIGTERM save a run and end it, in all processes after the same step."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any, NoReturn

import lightning as L

from colornet.train.callbacks import Saver, ends_step
from colornet.train.processes import Processes

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """The run was saved and ended because of a signal.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"ended by signal {number}")

    def end(self, alone: bool) -> NoReturn:
        """Raise KeyboardInterrupt for SIGINT in a single process, otherwise SystemExit."""
        if self.number == signal.SIGINT and alone:
            raise KeyboardInterrupt
        raise SystemExit(128 + self.number)


class StopSignals(L.Callback):
    """Save the run and end it after the step in which any process received a signal.

    A second signal ends the process at once. Several processes also end if their launcher is gone,
    so that none keeps training after it was killed.
    """

    def __init__(self, saver: Saver, processes: Processes) -> None:
        self.saver, self.processes = saver, processes
        self.received = 0
        self.before = {number: signal.getsignal(number) for number in SIGNALS}
        self.installed = False
        self.parent = os.getppid()

    def on_train_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Install the handlers, in place of those of Lightning."""
        if threading.current_thread() is threading.main_thread():
            self.installed = True
            for number in SIGNALS:
                signal.signal(number, self._note)

    def _note(self, number: int, frame: Any) -> None:
        if self.received == number:  # asked for twice
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.received = number

    def on_train_batch_end(
        self, trainer: L.Trainer, task: L.LightningModule, outputs: Any, batch: Any, index: int
    ) -> None:
        """Save and stop, except at the end of an epoch, which is validated and saved first."""
        if ends_step(trainer, index) and not trainer.is_last_batch and (number := self._agreed()):
            self.saver.save(trainer)
            raise Interrupted(number)

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Stop; the epoch has just been saved."""
        if number := self._agreed():
            raise Interrupted(number)

    def _agreed(self) -> int:
        """The signal that any process received; 0: none."""
        if self.processes.world > 1 and os.getppid() != self.parent:
            self.received = signal.SIGTERM
        return int(self.processes.highest(self.received))

    def teardown(self, trainer: L.Trainer, task: L.LightningModule, stage: str) -> None:
        """Restore the handlers from before the run, not those of Lightning, which is done."""
        for number, handler in self.before.items():
            if self.installed:
                signal.signal(number, handler)
        self.installed = False
