"""The priority of threads, which encoders do not change."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def kept_priority() -> Iterator[None]:
    """Keep this thread's scheduling, also for the threads that are started meanwhile.

    SVT-AV1 opens in real time, where the user may do that: root may. Its threads and the one that
    opened it would then run before everything else on the machine, and so would whatever that
    thread starts later.
    """
    if not hasattr(os, "sched_setscheduler"):  # Linux has it
        yield
        return
    others = _threads() - {threading.get_native_id()}
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in _threads() - others:
            with contextlib.suppress(OSError):  # it has ended, or none may be changed
                os.sched_setscheduler(thread, policy, parameters)


def _threads() -> set[int]:
    """The system's numbers of this process's threads."""
    return {int(path.name) for path in Path("/proc/self/task").glob("*")}
