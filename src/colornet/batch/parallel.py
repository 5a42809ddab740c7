"""Several pictures at a time."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

from colornet.model import usable_cores

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

MAX_DEFAULT_JOBS = 4
"""A large picture takes some hundred megabytes while it is written."""
M_ARENA_MAX = -8
"""The parameter of glibc's mallopt."""


def in_parallel(
    do: Callable[[Task], Outcome], todo: Iterable[Task], jobs: int | None
) -> Generator[tuple[Task, Outcome], None, None]:
    """Results as they are finished, of a few jobs at a time, however many there are."""
    jobs = jobs or default_jobs()
    executor = ThreadPoolExecutor(jobs)
    waiting = iter(todo)
    running = {executor.submit(do, job): job for job in itertools.islice(waiting, 2 * jobs)}
    try:
        while running:
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            done = [(running.pop(future), future.result()) for future in finished]
            running |= {
                executor.submit(do, job): job for job in itertools.islice(waiting, len(done))
            }
            yield from done
    finally:  # after Ctrl-C, too, what was begun is finished, and nothing else is begun
        executor.shutdown(cancel_futures=True)


def share_memory() -> None:
    """Let threads begun from now on share their free memory: it grows with their number otherwise.

    glibc gives each an arena of its own, and keeps what was freed in it.
    """
    with contextlib.suppress(OSError, TypeError, AttributeError):  # no glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def default_jobs() -> int:
    """Pictures at a time: one for each core, up to some."""
    return min(usable_cores(), MAX_DEFAULT_JOBS)
