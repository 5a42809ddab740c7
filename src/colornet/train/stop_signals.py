"""Ctrl-C and SIGTERM end a run after a step that all processes share, and save it."""

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
    """A signal ended the run, which is saved.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"ended by signal {number}")

    def end(self, alone: bool) -> NoReturn:
        """Raise what the signal raises in Python, or end without a word beside other processes."""
        if self.number == signal.SIGINT and alone:
            raise KeyboardInterrupt
        raise SystemExit(128 + self.number)


class StopSignals(L.Callback):
    """Ends a run at the next step that can be saved, once a signal asks any process for it.

    A second signal ends it at once, as any program. What started the processes may be killed
    without a word to them: then they end as well, so that no run goes on unseen.
    """

    def __init__(self, saver: Saver, processes: Processes) -> None:
        self.saver, self.processes = saver, processes
        self.received = 0
        self.before: dict[int, Any] = {}
        self.parent = os.getppid()

    def on_train_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Take the signals over, those of Lightning included."""
        if threading.current_thread() is threading.main_thread():
            self.before = {number: signal.signal(number, self._note) for number in SIGNALS}

    def _note(self, number: int, frame: Any) -> None:
        if self.received == number:  # asked for twice
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.received = number

    def on_train_batch_end(
        self, trainer: L.Trainer, task: L.LightningModule, outputs: Any, batch: Any, index: int
    ) -> None:
        """Save and stop, if it was asked for, unless the epoch ends here."""
        if ends_step(trainer, index) and not trainer.is_last_batch and (number := self._agreed()):
            self.saver.save(trainer)
            raise Interrupted(number)

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Stop, if it was asked for: the epoch is saved."""
        if number := self._agreed():
            raise Interrupted(number)

    def _agreed(self) -> int:
        """The signal that any of the processes got; 0: none."""
        if self.processes.world > 1 and os.getppid() != self.parent:
            self.received = signal.SIGTERM
        return int(self.processes.highest(self.received))

    def teardown(self, trainer: L.Trainer, task: L.LightningModule, stage: str) -> None:
        """Give the signals back."""
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.before = {}
