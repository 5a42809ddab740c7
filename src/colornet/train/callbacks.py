"""What happens beside the training steps: checkpoints, the record and the end of a run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from torch.cuda import get_device_name

from colornet.errors import CheckpointError, system_reason
from colornet.train.data.sampler import Batches
from colornet.train.data.stream import StreamedBatches
from colornet.train.lineage import code_version
from colornet.train.log import EpochLog
from colornet.train.processes import Processes
from colornet.whole_files import whole_file


def ends_step(trainer: L.Trainer, index: int) -> bool:
    """Whether this batch of the epoch completes a step of the optimizer."""
    return (index + 1) % trainer.accumulate_grad_batches == 0


class GradientClipping(L.Callback):
    """Clips the norm of the gradient over all weights.

    Lightning's own clipping refuses fused optimizers in bf16, whose gradients, unlike those of
    float16, are not scaled until the step.
    """

    def __init__(self, norm: float) -> None:
        self.norm = norm

    def on_before_optimizer_step(
        self, trainer: L.Trainer, task: L.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Clip; the gradients of all processes and parts of the step are together here."""
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        torch.nn.utils.clip_grad_norm_(weights, self.norm)


class Saver(L.Callback):
    """Keeps one checkpoint up to date, at intervals and at the end of each epoch.

    A killed run leaves the old or the new one whole. It includes how far the data was read, which
    Lightning restores in the middle of an epoch only. The first process decides when, as all have
    to take part.
    """

    def __init__(
        self,
        path: Path,
        seconds: float,
        loader: Batches | StreamedBatches,
        processes: Processes,
    ) -> None:
        self.path, self.seconds, self.loader, self.processes = path, seconds, loader, processes
        self.saved = time.monotonic()
        self.is_begun = False

    def state_dict(self) -> dict[str, Any]:
        """How far the data was read."""
        return dict(self.loader.state_dict())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue reading from there."""
        self.loader.load_state_dict(state)

    def on_load_checkpoint(
        self, trainer: L.Trainer, task: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Adapt the progress of the epoch, if its batches differ from those of the checkpoint."""
        done = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]["current"]
        state = checkpoint["callbacks"].get(self.state_key)
        if state and (ready := self.loader.position(state)) != done["ready"]:
            waiting = done["ready"] - done["completed"]  # 1 in the middle of an epoch
            done.update(ready=ready, started=ready, processed=ready, completed=ready - waiting)
            if not ready:
                self.processes.say(
                    "the number of processes or workers has changed: the epoch starts again"
                )
                checkpoint["callbacks"]["EpochLog"]["sums"] = {}

    def on_train_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Say where a resumed run goes on; a run that has all of its epochs does not come here."""
        self.is_begun = True
        if trainer.global_step:
            epochs = trainer.max_epochs or 0
            epoch = f"{trainer.current_epoch + 1}" + (f" of {epochs}" if epochs > 0 else "")
            steps = self.loader.steps
            place = f"epoch {epoch}, batch {1 + self.loader.start % steps} of {steps}"
            done = f"after {trainer.global_step} steps in all"
            self.processes.say(f"going on with {place}, {done}: {self.path}")

    def on_train_batch_end(
        self, trainer: L.Trainer, task: L.LightningModule, outputs: Any, batch: Any, index: int
    ) -> None:
        """Save if it is time, except after the last batch, as the epoch is not validated yet."""
        if ends_step(trainer, index) and not trainer.is_last_batch:
            waited = time.monotonic() - self.saved
            if self.processes.as_first(float(waited > self.seconds)):
                self.save(trainer)

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Save; Lightning calls this after validation."""
        self.save(trainer)

    def save(self, trainer: L.Trainer) -> None:
        """Write the checkpoint."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        trainer.save_checkpoint(self.path)
        self.saved = time.monotonic()


class LocalFiles(TorchCheckpointIO):
    """Writes checkpoints with torch alone, whole or not at all.

    Lightning's own way would import those clients of object stores that are installed, and one of
    their libraries opens a socket as it is imported.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None
    ) -> None:
        """Write one; raises `CheckpointError` if that fails, as on a full disk."""
        try:
            with whole_file(Path(path)) as file:
                torch.save(checkpoint, file)
        except (OSError, RuntimeError) as error:
            cause = error.__context__ if isinstance(error, RuntimeError) else error
            if not isinstance(cause, OSError):
                raise
            reason = f"cannot be written ({system_reason(cause)})"
            remedy = "make room for it; the same command goes on from the last one"
            raise CheckpointError(path, reason, remedy) from error


class SharedStatistics(L.Callback):
    """Validate by the first process's batch normalization, which is what is saved.

    On GPUs it is synchronized anyway.
    """

    def __init__(self, processes: Processes) -> None:
        self.processes = processes

    def on_validation_epoch_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Copy its running statistics."""
        for name, buffer in task.named_buffers():
            if buffer.device.type == "cpu" and name.endswith((".running_mean", ".running_var")):
                self.processes.copy_from_first(buffer)


class TimeIsUp(Exception):
    """The minutes of the recipe are over."""


class Stopwatch(L.Callback):
    """The time of a run, of which that of its earlier parts counts up to their last checkpoint."""

    def __init__(self) -> None:
        self.before, self.since = 0.0, time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """Seconds so far."""
        return {"spent": self.spent}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.before = state["spent"]

    @property
    def spent(self) -> float:
        """Seconds of training, those of earlier parts of the run included."""
        return self.before + time.monotonic() - self.since

    def on_train_start(self, trainer: L.Trainer, task: Any) -> None:
        """Start it."""
        self.since = time.monotonic()


class Record(Stopwatch):
    """Adds to each checkpoint how the run went so far, for the card of the model it becomes.

    Args:
        processes: of the run.
        data_sha256: of its training pictures; empty: not known.
    """

    def __init__(self, processes: Processes, data_sha256: str = "") -> None:
        super().__init__()
        self.processes = processes
        self.constant = {"code": code_version(), "data_sha256": data_sha256}

    def on_save_checkpoint(self, trainer: L.Trainer, task: Any, checkpoint: dict[str, Any]) -> None:
        """Add code, data and recipe, the pictures seen, the time and the devices."""
        device = self.processes.device
        checkpoint["run"] = {
            "recipe": task.recipe.to_dict(),
            "pictures": trainer.global_step * task.recipe.batch,
            "seconds": round(self.spent, 1),
            "device": get_device_name(device) if device.type == "cuda" else device.type.upper(),
            "processes": self.processes.world,
            **{name: value for name, value in self.constant.items() if value},
        }


class Clock(Stopwatch):
    """Ends a run after a number of seconds of training, and keeps the task's `time_spent`.

    The run ends as if it were killed right after a checkpoint, so it can continue with more
    minutes. The epoch that it ends in is logged as far as it came. The first process's clock counts
    for all.
    """

    def __init__(self, seconds: float, saver: Saver, log: EpochLog) -> None:
        super().__init__()
        self.seconds, self.saver, self.epoch_log = seconds, saver, log

    def on_fit_start(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Stop if there was no time left for another step; the log stays as it is, too."""
        if self.before >= self.seconds:
            raise TimeIsUp

    def on_train_batch_start(self, trainer: L.Trainer, task: Any, *args: Any) -> None:
        """Update the task's share of the time."""
        task.time_spent = self._share()

    def on_train_batch_end(
        self, trainer: L.Trainer, task: L.LightningModule, outputs: Any, batch: Any, index: int
    ) -> None:
        """Save and stop if it is time, except at the end of an epoch, which is validated first."""
        if ends_step(trainer, index) and not trainer.is_last_batch and self._share() == 1:
            self.saver.save(trainer)
            self.epoch_log.write(trainer, whole=False)
            raise TimeIsUp

    def on_train_epoch_end(self, trainer: L.Trainer, task: L.LightningModule) -> None:
        """Stop if it is time, which may have ended while the epoch was saved."""
        if self._share() == 1:
            self.saver.save(trainer)
            raise TimeIsUp

    def _share(self) -> float:
        """The share of the time that is over, 0..1."""
        return self.saver.processes.as_first(min(1.0, self.spent / self.seconds))
