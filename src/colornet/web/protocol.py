"""HTTP/1.1 with deadlines for clients that are slow to send a request or to read a response."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from colornet.web.middleware.access import OVER_LIMIT
from colornet.web.settings import Settings


class TimedProtocol(H11Protocol):
    """Disconnects clients that do not complete a request's head in time, or stop reading.

    Connections beyond `max_connections` are marked for `AccessMiddleware`, which answers them 503.
    Beyond twice as many they are closed: without file descriptors, asyncio would log thousands of
    errors a second.
    It overrides methods of uvicorn that are not public, which is why pyproject.toml bounds uvicorn
    from above.
    """

    max_connections: int
    timeout: float
    """Seconds from a connection or a response to the end of the next request's head, and limit on a
    pause in reading a response."""
    _request_timer: asyncio.TimerHandle | None = None
    _reading_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the timer for a request."""
        super().connection_made(transport)
        if len(self.connections) > self.max_connections:
            self.app_state = self.app_state | {OVER_LIMIT: True}
        if len(self.connections) > 2 * self.max_connections:
            self.transport.abort()
            return
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Stop the timer once a request is complete enough to be handled."""
        super().data_received(data)
        if self._request_timer and self.cycle and not self.cycle.response_complete:
            self._request_timer.cancel()

    def on_response_complete(self) -> None:
        """Start the timer for the next request."""
        super().on_response_complete()
        self._await_request()

    def pause_writing(self) -> None:
        """Start the timer for a client that has much left to read."""
        super().pause_writing()
        self._reading_timer = self.loop.call_later(self.timeout, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that timer: the client reads on."""
        super().resume_writing()
        if self._reading_timer:
            self._reading_timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        super().connection_lost(exc)
        for timer in (self._request_timer, self._reading_timer):
            if timer:
                timer.cancel()

    def _await_request(self) -> None:
        if self._request_timer:
            self._request_timer.cancel()
        if self.cycle is None or self.cycle.response_complete:
            self._request_timer = self.loop.call_later(self.timeout, self.transport.abort)


def protocol_with(settings: Settings) -> type[TimedProtocol]:
    """The protocol with these limits."""

    class Limited(TimedProtocol):
        max_connections = settings.max_connections
        timeout = settings.timeout

    return Limited
