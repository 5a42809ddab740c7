"""A bounded queue before a few threads, so that no picture is computed on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.types import Receive

from colornet.web.problems import CLIENT_GONE, Refused, busy

T = TypeVar("T")


class Jobs:
    """Work under way and work that waits for a thread.

    Attributes:
        pending: how much of both there is.
        threads: how much of it is computed at a time.
    """

    def __init__(self, threads: int, queue: int, seconds: float) -> None:
        self.pending = 0
        self.threads = threads
        self._bound = threads + queue
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="colornet")

    async def run(self, work: Callable[[], T], receive: Receive) -> T:
        """Do the work in a thread, unless the client leaves before it has begun.

        Args:
            work: what to do.
            receive: tells when the client has gone; the request's body has been read.

        Raises:
            Refused: too much is waiting; it takes too long; the client has gone.
        """
        if self.pending >= self._bound:
            raise busy("has too much to do")
        loop = asyncio.get_running_loop()
        self.pending += 1
        future: Future[T] = self._pool.submit(work)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._finish))
        answer = asyncio.wrap_future(future)
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            waited: set[asyncio.Future[Any]] = {answer, gone}
            await asyncio.wait(waited, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            if gone.done():
                raise Refused(CLIENT_GONE, "client_gone", "the client", "has gone", "")
            raise busy(f"needed more than {self._seconds:g} seconds")
        finally:
            gone.cancel()
            if not answer.done():
                answer.cancel()

    def close(self) -> None:
        """Drop what waits and wait for what is under way."""
        self._pool.shutdown(cancel_futures=True)

    def _finish(self) -> None:
        self.pending -= 1


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
