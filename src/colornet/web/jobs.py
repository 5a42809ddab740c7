"""A thread pool with a bounded queue; work stops at its deadline or when its client disconnects."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from starlette.types import Receive

from colornet.errors import Stopped
from colornet.stopping import checkpoint, stoppable
from colornet.web.errors import LESS, busy, client_gone, too_long

T = TypeVar("T")


class Jobs:
    """The thread pool.

    Attributes:
        pending: jobs that are running or waiting.
        threads: jobs that run at a time.
    """

    def __init__(self, threads: int, max_waiting: int, timeout: float) -> None:
        self.pending = self._parsing = 0
        self.threads = threads
        self._max_pending = threads + max_waiting
        self._timeout = timeout
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="colornet")
        self._parser = ThreadPoolExecutor(1, thread_name_prefix="colornet-parser")
        for pool, size in ((self._pool, threads), (self._parser, 1)):
            # All threads are started here: `submit` waits for a new one, on the event loop.
            all_started = threading.Barrier(size)
            wait([pool.submit(all_started.wait) for _ in range(size)])

    async def parse(self, work: Callable[[], T]) -> T:
        """Run short work, such as parsing, one at a time in a thread of its own.

        Raises:
            ApiError: the queue is full.
        """
        if self._parsing >= self._max_pending:
            raise busy("has too much to do")
        self._parsing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._parser, work)
        finally:
            self._parsing -= 1

    async def run(self, work: Callable[[], T], receive: Receive, less: str = LESS) -> T:
        """Run work in a thread; it is stopped at the deadline, or when the client disconnects.

        Args:
            work: a function that calls `colornet.stopping.checkpoint` now and then.
            receive: of the request, whose body has been read; reports that the client disconnects.
            less: the remedy where the time is over.

        Raises:
            ApiError: the queue is full, the time is over, or the client has disconnected.
        """
        if self.pending >= self._max_pending:
            raise busy("has too much to do")
        loop = asyncio.get_running_loop()
        self.pending += 1
        abandoned, deadline = threading.Event(), time.monotonic() + self._timeout

        def should_stop() -> bool:
            return abandoned.is_set() or time.monotonic() > deadline

        def job() -> T:
            with stoppable(should_stop):
                checkpoint()
                return work()

        future: Future[T] = self._pool.submit(job)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._finish))
        try:
            return await answered(asyncio.wrap_future(future), receive, self._timeout, less)
        except Stopped:
            raise too_long(self._timeout, less) from None
        finally:
            abandoned.set()

    def close(self) -> None:
        """Cancel waiting jobs, and wait for running ones."""
        self._pool.shutdown(cancel_futures=True)
        self._parser.shutdown(cancel_futures=True)

    def _finish(self) -> None:
        self.pending -= 1


async def answered(answer: asyncio.Future[T], receive: Receive, timeout: float, less: str) -> T:
    """The result of work; it is canceled at the deadline, or when the client disconnects.

    Args:
        answer: the work.
        receive: of the request, whose body has been read; reports that the client disconnects.
        timeout: seconds until the deadline.
        less: the remedy where the time is over.

    Raises:
        ApiError: the time is over, or the client has disconnected.
    """
    gone = asyncio.ensure_future(_disconnect(receive))
    try:
        waited: set[asyncio.Future[Any]] = {answer, gone}
        await asyncio.wait(waited, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if gone.done():
            raise client_gone()
        raise too_long(timeout, less)
    finally:
        gone.cancel()
        if not answer.done():
            answer.cancel()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
