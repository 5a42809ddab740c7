"""Work that can be told to stop: it looks, between its steps, whether it was.

Whoever starts the work says how that is known; threads that the work starts are to run in a copy of
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
    """What is done meanwhile ends with `Stopped` at its next `checkpoint` once it is told to."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


def watch() -> Callable[[], bool] | None:
    """Tells, in any thread, whether this work was told to stop; None: it cannot be."""
    return _told.get()


def checkpoint() -> None:
    """A place where work may end early.

    Raises:
        Stopped: it was told to stop.
    """
    told = _told.get()
    if told is not None and told():
        raise Stopped("the work", "was told to stop", "ask for less, or allow it more time")
