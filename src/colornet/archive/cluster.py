"""The units of a plan on a Ray cluster; the only file that imports ray.

What goes through Ray are units, not pictures: actors read pictures and write results by themselves,
as any other process does. An actor that dies is replaced, and a unit whose actor died twice is
colored picture by picture (`work.py`).
"""

from __future__ import annotations

import logging
import os
import re
import socket
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

from colornet.archive.manifest import mark_of, part_of, take_back
from colornet.archive.units import Plan, Unit
from colornet.archive.work import DEATHS, Outcome, Worker
from colornet.errors import ColornetError, OptionError
from colornet.model import usable_cores
from colornet.privacy import switch_off
from colornet.words import counted

HABITS = {
    "RAY_DISABLE_FAILURE_SIGNAL_HANDLER": "1",  # which dumps a stack when told to end
    "RAY_worker_niceness": "0",  # as this process; by default, the least
}
switch_off()
os.environ.update(HABITS)

import ray  # noqa: E402  only now
from ray.exceptions import RayError, RayTaskError  # noqa: E402

LOCAL = "local"
QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
MEMORY = {"MALLOC_ARENA_MAX": "1"}
"""For actors, whose many threads keep what they freed to themselves otherwise: glibc reads it only
when a process begins."""
TOKEN = Path("~/.ray/auth_token")
ADDRESS = re.compile(r"(?:ray://)?([\w.-]+):(\d+)")
PATIENCE = 45.0
"""Seconds to wait for CPUs that are free."""
START = 300.0
"""Seconds in which one of the actors has to start, where none has."""
LOST = DEATHS + 2
"""So many actors may die, times their number, before a unit is finished."""
LONG_PATH = "AF_UNIX path length"
"""In Ray's words for a path that is too long for a socket."""
STORE = 100 << 20
"""Bytes of a local object store, the least that Ray takes."""


def refuse_too_many(address: str, actors: tuple[int, int | None]) -> None:
    """Refuse more actors than a cluster that is not begun yet will have CPUs.

    Args:
        address, actors: as for `run`.

    Raises:
        OptionError: there are too few CPUs here.
    """
    if address == LOCAL:
        _most(*actors, usable_cores())


class Actor:
    """A worker in a process of Ray's. Errors that end the run are returned, not raised."""

    def start(self, plan: Plan, again: bool) -> ColornetError | None:
        """Load the model."""
        try:
            self._place, self._again, self._worker = plan.place, again, Worker(plan, threads=1)
        except ColornetError as error:
            return error
        return None

    def color(self, unit: Unit, mark: str) -> Outcome | ColornetError:
        """Color a unit, unless another process did."""
        try:
            if not self._again and self._place.exists(part_of(unit)):
                return Outcome(unit.id, 0, (), 0, 0.0)
            return self._worker(unit, mark)
        except ColornetError as error:  # of the destination
            return error


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
        ColornetError: the destination cannot be written, or actors die again and again.
    """
    if not units:
        return
    pool = None
    with ThreadPoolExecutor(1) as thread:
        try:
            thread.submit(_connect, address).result()
            most = min(_room(*actors), len(units))
            pool = _Pool(replace(plan, found=(), faults=()), most, again)
            yield from pool.color(units)
        finally:
            thread.submit(ray.shutdown).result()
            if pool:
                pool.take_back()


class _Task(NamedTuple):
    """What an actor does: it colors a unit, or starts."""

    actor: Any
    unit: Unit | None = None
    mark: str = ""


class _Pool:
    """Actors, each with one thing to do."""

    def __init__(self, plan: Plan, count: int, again: bool) -> None:
        self._plan, self._count, self._again = plan, count, again
        self._tasks: dict[Future[Any], _Task] = {}
        self._marks: set[str] = set()  # of units that may have been begun
        for _ in range(count):
            self._add()

    def _add(self) -> None:
        actor: Any = ray.remote(num_cpus=1)(Actor).remote()
        self._tasks[actor.start.remote(self._plan, self._again).future()] = _Task(actor)

    def _give(self, actor: Any, unit: Unit) -> None:
        mark = mark_of(unit)
        self._marks.add(mark)  # first, as a signal may come in between
        self._tasks[actor.color.remote(unit, mark).future()] = _Task(actor, unit, mark)

    def color(self, units: Sequence[Unit]) -> Generator[Outcome, None, None]:
        """Color units; an actor for whom there is none ends."""
        left, lost = deque(units), 0
        while left or self._is_coloring():
            task, told = self._next()
            self._marks.discard(task.mark)
            if isinstance(told, RayError):
                lost += 1
                if lost > LOST * self._count:
                    reason = f"actors die again and again ({_line(told)})"
                    raise ColornetError("--ray", reason, "see Ray's logs")
                left.extendleft([task.unit] if task.unit else [])
                self._add()
                continue
            if isinstance(told, ColornetError):
                raise told
            if left:
                self._give(task.actor, left.popleft())
            if told:
                lost = 0
                yield told

    def _is_coloring(self) -> bool:
        return any(task.unit for task in self._tasks.values())

    def _next(self) -> tuple[_Task, Outcome | ColornetError | RayError | None]:
        """What an actor has done: its outcome, the error that ends the run, or why it died.

        Ray's own `wait` lets no signal through but Ctrl-C.
        """
        patience = None if self._is_coloring() else START
        done, _ = wait(self._tasks, patience, FIRST_COMPLETED)
        if not done:
            reason = f"has started no actor in {START:.0f} seconds"
            raise OptionError("--ray", reason, "see which of its machines live and have free CPUs")
        future = done.pop()
        task = self._tasks.pop(future)
        try:
            return task, future.result()
        except RayTaskError:  # a fault of colornet, with its traceback
            raise
        except RayError as error:
            return task, error

    def take_back(self) -> None:
        """Note of what was not finished, when all actors are gone, that it is not to blame."""
        for mark in self._marks:
            take_back(self._plan.place, mark)


def _connect(address: str) -> None:
    """Start or join a cluster.

    Not in the main thread, where Ray would take SIGTERM to itself, and may lose it; and in one that
    lives as long as the cluster, whose processes end with it.
    """
    logging.getLogger("ray").setLevel(logging.ERROR)  # which warns that it cannot
    try:
        if found := ADDRESS.fullmatch(address):  # for ray.init, which would wait for minutes
            socket.create_connection((found[1], int(found[2])), timeout=10).close()
        _start() if address == LOCAL else _join(address)
    except Exception as error:  # some are nothing else
        reason = f"there is no Ray cluster ({_line(error)})"
        remedy = "check the address, and RAY_AUTH_MODE if it asks for a token"
        if address == LOCAL and LONG_PATH in str(error):
            name = "RAY_TMPDIR" if "RAY_TMPDIR" in os.environ else "TMPDIR"
            reason = f"cannot start here: {name} is too long a path for the names of its sockets"
            remedy = f"set {name} to a folder with a shorter path, such as /tmp"
        elif address == LOCAL:
            reason, remedy = f"cannot start here ({_line(error)})", "try again, or use --jobs"
        raise OptionError(f"--ray {address}", reason, remedy) from None


def _start() -> None:
    os.environ.update(MEMORY)  # inherited, which takes less time than Ray's way
    if not TOKEN.expanduser().exists():  # Ray would write one
        os.environ.setdefault("RAY_AUTH_TOKEN", token_hex(32))
    begin = partial(ray.init, LOCAL, num_cpus=usable_cores(), object_store_memory=STORE, **QUIET)
    try:
        begin(include_dashboard=False)
    except Exception:  # such as a port that another program took meanwhile
        ray.shutdown()
        begin(include_dashboard=False)


def _join(address: str) -> None:
    ray.init(address, runtime_env={"env_vars": MEMORY}, **QUIET)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _room(least: int, most: int | None) -> int:
    """How many actors there are to be, after waiting for the CPUs of the least.

    Raises:
        OptionError: the cluster has too few CPUs, or others take all of them.
    """
    nodes = [node for node in ray.nodes() if node["Alive"]]
    room = sum(int(node["Resources"].get("CPU", 0)) for node in nodes)
    most = _most(least, most, room)
    end = time.monotonic() + PATIENCE
    while ray.available_resources().get("CPU", 0) < least:
        if time.monotonic() > end:
            actors = counted(least, "actor")
            reason = f"finds too few free CPUs for {actors}: others of the cluster take them"
            raise OptionError("--ray", reason, "wait for their end, or ask for fewer")
        time.sleep(0.1)
    return most


def _most(least: int, most: int | None, room: int) -> int:
    """The most actors, who have room on so many CPUs.

    Raises:
        OptionError: they have not.
    """
    most = room if most is None else most
    if not 1 <= least <= most <= room:
        reason = f"cannot be scheduled on {counted(room, 'CPU')}"
        raise OptionError(f"--actors {least}-{most}", reason, f"use at most {room}")
    return most
