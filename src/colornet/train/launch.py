"""Start the processes of a distributed run on this machine, as torchrun does."""

from __future__ import annotations

import logging
import os
import re
import sys
import uuid
from collections.abc import Sequence

import torch
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from colornet.errors import OptionError
from colornet.temporary import temporary_folder
from colornet.train.processes import LAUNCHER
from colornet.words import counted


def count_devices(devices: str) -> int:
    """Number of processes for a value of `--devices`: a number, or `auto` for one per GPU.

    Raises:
        OptionError: it is neither, or there are fewer GPUs.
    """
    gpus = torch.cuda.device_count()
    if devices == "auto":
        return max(1, gpus)
    if not re.fullmatch(r"[1-9]\d{0,5}", devices, re.ASCII):
        raise OptionError("--devices", f"is {devices!r}", "use a number above 0, or auto")
    if 0 < gpus < int(devices):
        there = f"{'is' if gpus == 1 else 'are'} {counted(gpus, 'GPU')}"
        reason = f"is {devices}, but there {there}"
        raise OptionError("--devices", reason, "use auto, or hide them to train on the CPU")
    return int(devices)


def _silence_launcher() -> None:
    """Keep torch's launcher quiet about ends that are told by the exit code; most of its loggers
    have a level of their own.
    """
    for name in ("torch.distributed.elastic", *logging.root.manager.loggerDict):
        if name.startswith(("torch.distributed.elastic", "torch.distributed.launcher")):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def launch(processes: int, arguments: Sequence[str]) -> int:
    """Run `colornet` with these arguments in several processes.

    The cores are divided among the processes, unless OMP_NUM_THREADS is set.

    Returns:
        The exit code: 0, or that of the first process that failed.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (cores or 1) // processes)))
    _silence_launcher()
    os.environ[LAUNCHER] = str(os.getpid())
    with temporary_folder("colornet-launch-") as logs:
        return _launch(processes, arguments, str(logs))


def _launch(processes: int, arguments: Sequence[str], logs: str) -> int:
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,
        monitor_interval=0.1,
        logs_specs=DefaultLogsSpecs(log_dir=logs),
    )
    try:
        elastic_launch(config, sys.executable)("-P", "-m", "colornet", *arguments)
    except ChildFailedError as error:
        code = error.get_first_failure()[1].exitcode
        return code if code > 0 else 128 - code
    except SignalException as stop:
        return 128 + stop.sigval
    return 0
