"""The processes of a distributed run, one per device, as torchrun starts them.

With a single process, all of this is a no-op.
"""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from colornet.errors import OptionError, TrainingError
from colornet.words import counted

T = TypeVar("T")

PATIENCE = timedelta(days=7)
"""How long processes wait for work of the first one alone, such as building the cache."""
LAUNCHED = ("RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""Environment variables that torchrun sets, beside WORLD_SIZE."""
OTHER_LAUNCHERS = ("SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
"""Environment variables in which srun and mpirun give the number of processes."""
LAUNCHER = "COLORNET_LAUNCHER"
"""Environment variable with the process that `--devices` was given to, and that started this."""
LOST = "closed by peer|reset by peer|ncclRemoteError"
"""In what gloo and NCCL say of a process that has ended."""
REMEDY = "start them with torchrun, as docs/training.md shows"


@dataclass(frozen=True)
class Processes:
    """This process, and how it reaches the others of the run.

    Attributes:
        rank: number of this process, from 0; the first one writes files and prints.
        local_rank: its number on this machine, which is also that of its GPU.
        world: number of processes.
        nodes: number of machines.
        group: process group for small messages on the CPU; None: this is the only process.
    """

    rank: int = 0
    local_rank: int = 0
    world: int = 1
    nodes: int = 1
    group: Any = None

    @property
    def device(self) -> torch.device:
        """The one that this process trains on."""
        if torch.cuda.is_available():
            return torch.device("cuda", self.local_rank)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and prints."""
        return self.rank == 0

    def say(self, text: str) -> None:
        """Print a line, in the first process only."""
        if self.first:
            print(text, flush=True)

    def highest(self, value: float) -> float:
        """The maximum of the values of all processes."""
        if self.group is None:
            return value
        values = torch.tensor([value], dtype=torch.float64)
        dist.all_reduce(values, dist.ReduceOp.MAX, group=self.group)
        return float(values)

    def as_first(self, value: float) -> float:
        """The value of the first process, which must not be negative."""
        return self.highest(value if self.first else 0.0)

    def copy_from_first(self, values: Tensor) -> None:
        """Overwrite values on the CPU with those of the first process."""
        if self.group is not None:
            dist.broadcast(values, src=0, group=self.group)

    def mean(self, values: Tensor) -> Tensor:
        """The mean over all processes of values (N,), as float64 on the CPU."""
        values = values.detach().cpu().double()
        if self.group is not None:
            dist.all_reduce(values, group=self.group)
            values /= self.world
        return values

    def in_turn(self, work: Callable[[], T]) -> T:
        """Do some work in the first process, and then in the others, who find its files.

        Raises:
            ColornetError: it failed in the first process; the others exit without a message.
        """
        if self.group is None:
            return work()
        done: T | None = None
        failure: list[str | None] = [None]
        try:
            done = work() if self.first else None
        except BaseException:
            failure = ["failed"]
            raise
        finally:
            dist.broadcast_object_list(failure, src=0, group=self.group)
        if failure[0]:
            raise SystemExit(1)
        return done if done is not None else work()


@contextmanager
def join_processes(devices: int | None = None, nodes: int | None = None) -> Iterator[Processes]:
    """Connect the processes of this run for the duration of the context.

    Args:
        devices: expected number of processes per machine; None: any.
        nodes: expected number of machines; None: any.

    Raises:
        OptionError: the numbers differ, or the processes were not started by torchrun.
        TrainingError: another process has ended, which says why.
        SystemExit: what started this process is gone.
    """
    here = find_processes(devices, nodes)
    _end_without_launcher()
    if here.world == 1:
        yield here
        return
    if torch.cuda.is_available():
        device = torch.device("cuda", here.local_rank)
        torch.cuda.set_device(device)
        dist.init_process_group("nccl", device_id=device)
    else:
        dist.init_process_group("gloo")
    try:
        group = dist.new_group(backend="gloo", timeout=PATIENCE)
        yield Processes(here.rank, here.local_rank, here.world, here.nodes, group)
    except RuntimeError as error:
        if not re.search(LOST, str(error)):
            raise
        told = f"process {here.rank + 1} of {here.world}"
        raise TrainingError(told, "another process has ended", "see what that one says") from None
    finally:
        dist.destroy_process_group()


def _end_without_launcher() -> None:
    """End like a launcher that a signal ended while it started this process: torch's forgets those
    that it has just begun to start, and they would wait for the others.
    """
    launcher = _number(LAUNCHER)
    if launcher is not None and launcher != os.getppid():
        raise SystemExit(128 + signal.SIGTERM)


def find_processes(devices: int | None = None, nodes: int | None = None) -> Processes:
    """This process, according to the environment variables of torchrun; not connected yet.

    Raises:
        OptionError: as for `join_processes`.
    """
    world = _number("WORLD_SIZE") or 1
    if world == 1:
        for name in OTHER_LAUNCHERS:
            if (count := _number(name) or 1) > 1:
                raise OptionError(name, f"is {count}, but each would train on its own", REMEDY)
        for name, count in (("--devices", devices or 1), ("--nodes", nodes or 1)):
            if count > 1:
                raise OptionError(name, f"is {count}, but there is one process", REMEDY)
        return Processes()
    for name in LAUNCHED:
        if not os.environ.get(name):
            raise OptionError(name, f"is not set, and WORLD_SIZE is {world}", REMEDY)
    local = _number("LOCAL_WORLD_SIZE") or 1
    _match("--devices", devices, local, "--nproc-per-node")
    _match("--nodes", nodes, world // local, "--nnodes")
    if torch.cuda.is_available() and torch.cuda.device_count() < local:
        gpus = counted(torch.cuda.device_count(), "GPU")
        reason = f"is {local}, but {socket.gethostname()} has {gpus}"
        raise OptionError("--nproc-per-node", reason, "start one process for each GPU")
    rank, local_rank = (_number(name) or 0 for name in ("RANK", "LOCAL_RANK"))
    return Processes(rank, local_rank, world, world // local)


def _number(name: str) -> int | None:
    """An environment variable as a whole number; None: it is not set."""
    text = os.environ.get(name)
    if text is not None and not text.isdecimal():
        raise OptionError(name, f"is {text!r}", "unset it, or start this with torchrun")
    return None if text is None else int(text)


def _match(option: str, wanted: int | None, there: int, launcher: str) -> None:
    if wanted not in (None, there):
        reason = f"is {wanted}, but torchrun was started with {launcher} {there}"
        raise OptionError(option, reason, f"leave {option} out, or let both say the same")
