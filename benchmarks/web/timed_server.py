"""`colornet serve` with a timer of 5 ms in its event loop; at the end it says how late that was."""

from __future__ import annotations

import asyncio
import socket
import sys
import time

import numpy as np

from colornet.__main__ import run
from colornet.web import server

PERIOD = 0.005
late: list[float] = []


class TimedServer(server.AnnouncingServer):
    """The server, and the timer beside it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the timer with the server."""
        await super().startup(sockets)
        self.timer = asyncio.create_task(watch())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Print what the timer saw."""
        self.timer.cancel()
        await super().shutdown(sockets)
        low, high, highest = np.percentile(late, (99, 99.9, 100)) * 1000
        report = f"99 % {low:.1f} ms, 99.9 % {high:.1f} ms, latest {highest:.1f} ms of {len(late)}"
        print(f"timer of {PERIOD * 1000:g} ms in the event loop: {report}", file=sys.stderr)


async def watch() -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(PERIOD)
        late.append(time.perf_counter() - begun - PERIOD)


server.AnnouncingServer = TimedServer  # type: ignore[misc]
run()
