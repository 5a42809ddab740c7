"""uvicorn, with a deadline for clients that are slow to send a request or to read an answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from colornet.errors import OptionError
from colornet.web.app import make_app
from colornet.web.guard import CROWDED
from colornet.web.settings import Settings

KEEP_ALIVE_SECONDS = 10
GRACE_SECONDS = 10
"""For requests under way when the server is told to stop."""
MEMORY_ALWAYS = 1 << 40
"""Bytes of a decoded picture above which libvips would put it on disk: never."""


class Protocol(H11Protocol):
    """HTTP/1.1 that hangs up on a client whose request's head does not come to an end, or who
    stops reading.

    Connections beyond the most are marked for `Guard`, which answers them 503.
    """

    most_connections = 256
    seconds = 60.0
    """From a connection, or an answer, to the end of the next request's head; and without reading
    anything of what waits to be read."""
    _deadline: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """The clock starts."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self.app_state = self.app_state | {CROWDED: True}
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        """The clock stops once a request is under way."""
        super().data_received(data)
        if self._deadline and self.cycle and not self.cycle.response_complete:
            self._deadline.cancel()

    def on_response_complete(self) -> None:
        """The clock starts for the next request."""
        super().on_response_complete()
        self._start_clock()

    def pause_writing(self) -> None:
        """Another clock starts: the client leaves much unread."""
        super().pause_writing()
        self._reading = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._reading:
            self._reading.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """The clocks stop."""
        super().connection_lost(exc)
        for clock in (self._deadline, self._reading):
            if clock:
                clock.cancel()

    def _start_clock(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        if self.cycle is None or self.cycle.response_complete:
            self._deadline = self.loop.call_later(self.seconds, self.transport.abort)


class TellingServer(uvicorn.Server):
    """Prints its address once it answers there, and can be stopped."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self.address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        print(f"colornet: {self.address}", flush=True)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted; the address is printed once it is reachable.

    Args:
        settings: limits and models.
        host: address to listen on.
        port: 0: any that is free.

    Raises:
        OptionError: that address cannot be listened on.
        ModelNotFound, ModelDamaged: see `colornet.modelfile`.
    """

    class PatientProtocol(Protocol):
        most_connections = settings.connections
        seconds = settings.seconds

    os.environ["VIPS_DISC_THRESHOLD"] = str(MEMORY_ALWAYS)
    app = make_app(settings)
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    with contextlib.suppress(KeyboardInterrupt):
        TellingServer(config, address).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, UnicodeError) as error:
        reason = f"cannot be listened on ({getattr(error, 'strerror', None) or error})".lower()
        raise OptionError(f"{host}:{port}", reason, "use another --host or --port") from None
