"""Ctrl-C and SIGTERM: they end a command at once while it starts, and tidily while it works.

A signal that becomes an exception while a module is imported, or in a function that libvips calls,
may turn into another error, or be lost.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

from colornet.cli.exit_codes import TERMINATED
from colornet.stopping import stoppable

Result = TypeVar("Result")

PATIENCE = 0.2
"""Seconds after which a signal is seen at the latest."""


def end_at_once() -> None:
    """Let Ctrl-C end this process at once, as SIGTERM does, until `heeding_signals`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def heeding_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM raise KeyboardInterrupt and SystemExit, so that work is tidied up."""

    def terminate(*_: object) -> NoReturn:
        raise SystemExit(TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: terminate}
    changed = [number for number in handlers if signal.getsignal(number) == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, handlers[number])
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def interruptible(work: Callable[[], Result]) -> Result:
    """Do work in another thread, and tell it to stop when a signal arrives in this one."""
    from concurrent.futures import ThreadPoolExecutor, wait

    stop = threading.Event()

    def do() -> Result:
        with stoppable(stop.is_set):
            return work()

    with heeding_signals(), ThreadPoolExecutor(1) as thread:
        try:
            future = thread.submit(do)
            while not future.done():  # a signal just before a wait without end would not end it
                wait((future,), PATIENCE)
            return future.result()
        except BaseException:
            stop.set()
            raise
