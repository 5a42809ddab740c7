"""The units of a plan on a Ray cluster; the only file that imports ray.

What goes through Ray are numbers of units, so that its object store stays empty: actors read
pictures and write results by themselves, as any other process does. Whatever dies is started again
by Ray, and a unit whose actor died twice is colored picture by picture (`work.py`).
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from colornet.archive.manifest import PARTS
from colornet.archive.units import Plan, Unit
from colornet.archive.work import Outcome, Worker
from colornet.errors import ColornetError, OptionError
from colornet.model import usable_cores
from colornet.privacy import switch_off
from colornet.words import counted

switch_off()

import ray  # noqa: E402  only now
import ray.data  # noqa: E402

LOCAL = "local"
MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "1000000"}
"""For actors, whose many threads keep what they freed to themselves otherwise: glibc reads it only
when a process begins."""
ADDRESS = re.compile(r"(?:ray://)?([\w.-]+):(\d+)")
CPUS = 0.75
"""Of an actor: what Ray starts beside actors needs some as well, and waits without a word if as
many actors as CPUs leave it none."""
PATIENCE = 45.0
"""Seconds to wait for a CPU that is free."""
STORE = 100 << 20
"""Bytes of a local object store, the least that Ray takes."""


class Actor:
    """A worker in a process of Ray's."""

    def __init__(self, plan: Plan, again: bool) -> None:
        self._plan, self._again = plan, again
        self._worker = Worker(plan, threads=1)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Color the unit of this number, unless that was done; tells about it as JSON."""
        unit = self._plan.units[int(batch["item"][0])]
        outcome = Outcome(unit.id, 0, (), 0, 0.0)
        error = None
        try:
            if self._again or not self._plan.place.exists(f"{PARTS}/{unit.id}.jsonl"):
                outcome = self._worker(unit)
        except ColornetError as raised:  # of the destination: the run ends
            error = [raised.subject, raised.reason, raised.remedy]
        return {"told": [json.dumps([outcome, error])]}


def run(
    plan: Plan,
    units: Sequence[Unit],
    *,
    address: str = LOCAL,
    actors: tuple[int, int | None] = (1, None),
    again: bool = False,
) -> Generator[Outcome, None, None]:
    """Color units, by actors with one model each.

    Args:
        plan: what to color, and how.
        units: of the plan.
        address: of a cluster, as `ray.init` takes it; "local": one is begun here, and ended.
        actors: how many there are at the least and at the most; None: one for each CPU.
        again: also units that are finished.

    Raises:
        OptionError: there is no such cluster, or it has too few CPUs.
        ColornetError: the destination cannot be written.
    """
    if not units:
        return
    _connect(address)
    try:
        least, most = _pool(*actors)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        told = (
            ray.data.from_items([unit.number for unit in units], override_num_blocks=len(units))
            .map_batches(
                Actor,
                fn_constructor_args=(plan, again),
                batch_size=1,
                num_cpus=CPUS,
                compute=ray.data.ActorPoolStrategy(min_size=least, max_size=most),
            )
            .iter_rows()
        )
        for row in told:
            outcome, error = json.loads(row["told"])
            if error:
                raise ColornetError(*error)
            unit, done, failed, own, seconds = outcome
            yield Outcome(unit, done, tuple(failed), own, seconds)
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    quiet["runtime_env"] = {"env_vars": MEMORY}
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what fails is raised
    os.environ.setdefault("RAY_worker_niceness", "0")  # as this process; by default, the least
    try:
        if found := ADDRESS.fullmatch(address):  # for ray.init, which would wait for minutes
            socket.create_connection((found[1], int(found[2])), timeout=10).close()
        if address == LOCAL:
            cpus = usable_cores()
            quiet |= {"include_dashboard": False, "object_store_memory": STORE}
            ray.init("local", num_cpus=cpus, **quiet)
        else:
            ray.init(address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        reason = f"there is no Ray cluster ({str(error).splitlines()[0]})"
        raise OptionError(f"--ray {address}", reason, "check the address") from None


def _pool(least: int, most: int | None) -> tuple[int, int]:
    """How many actors there are to be, after waiting for one CPU at the least.

    Raises:
        OptionError: the cluster has too few CPUs, or others take all of them.
    """
    nodes = [node for node in ray.nodes() if node["Alive"]]
    room = sum(int(node["Resources"].get("CPU", 0)) for node in nodes)
    most = room if most is None else most
    if not 1 <= least <= most <= room:
        reason = f"cannot be scheduled on {counted(room, 'CPU')}"
        raise OptionError(f"--actors {least}-{most}", reason, f"use at most {room}")
    end = time.monotonic() + PATIENCE
    while ray.available_resources().get("CPU", 0) < least * CPUS:
        if time.monotonic() > end:
            actors = counted(least, "actor")
            reason = f"finds too few free CPUs for {actors}: others of the cluster take them"
            raise OptionError("--ray", reason, "wait for their end, or ask for fewer")
        time.sleep(1)
    return least, most
