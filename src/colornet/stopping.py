"""Cancellation: work checks between its steps whether it was told to stop.

The code that starts the work provides the check. Threads started by the work must run in a copy of
its context (`contextvars.copy_context`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from colornet.errors import Stopped

_told: ContextVar[Callable[[], bool] | None] = ContextVar("told", default=None)


@contextmanager
def stoppable(told: Callable[[], bool]) -> Iterator[None]:
    """Work in this context raises `Stopped` at its next `checkpoint` once `told` returns true."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


def current_check() -> Callable[[], bool] | None:
    """The check of the current work, which any thread may call; None: it cannot be stopped."""
    return _told.get()


def checkpoint() -> None:
    """Check whether to stop.

    Raises:
        Stopped: the work was told to stop.
    """
    told = _told.get()
    if told is not None and told():
        raise Stopped("the work", "was told to stop", "ask for less, or allow it more time")
