"""Run the application on uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from dataclasses import replace

import uvicorn

from colornet.web.addresses import BACKLOG, addresses, is_open_to_others, listen
from colornet.web.app import make_app
from colornet.web.middleware.recording import access_log
from colornet.web.protocol import protocol_with
from colornet.web.settings import Settings

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

KEEP_ALIVE_SECONDS = 10
GRACE_SECONDS = 10
"""Time for requests under way when the server is told to stop."""
NEVER = 1 << 40
"""Bytes of a decoded picture above which libvips would write it to disk."""
OPEN_TO_ALL = (
    "no token is set: whoever can reach this machine can use this server; "
    "set COLORNET_TOKEN, or leave --host out"
)


class AnnouncingServer(uvicorn.Server):
    """A uvicorn server that prints its addresses once it answers there."""

    def __init__(self, config: uvicorn.Config, urls: list[str]) -> None:
        super().__init__(config)
        self.urls = urls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the server, then print its addresses."""
        await super().startup(sockets)
        # What is loaded stays, and searching it for garbage would stop all threads for a while.
        gc.collect()
        gc.freeze()
        for url in self.urls:
            print(f"colornet: {url}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the server. Told twice, it waits for no request; uvicorn would leave films there."""
        stopping = asyncio.create_task(super().shutdown(sockets))
        while not (await asyncio.wait([stopping], timeout=0.1))[0]:
            if self.force_exit:  # else it waits for their end, since Python 3.12
                for connection in list(self.server_state.connections):
                    connection.transport.abort()
        await stopping
        if self.force_exit:
            for task in self.server_state.tasks:
                task.cancel()
            await self.lifespan.shutdown()


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted; the addresses are printed once they are reachable.

    Args:
        settings: limits, models, and who may use the server.
        host: address or name to listen on.
        port: 0: any that is free.

    Raises:
        OptionError: that address cannot be listened on.
        ModelNotFound, ModelDamaged: see `colornet.model`.
    """
    os.environ["VIPS_DISC_THRESHOLD"] = str(NEVER)
    if settings.access_log:
        _show_access_log()
    _allow_files(4 * settings.max_connections)
    app = make_app(replace(settings, hosts=(*settings.hosts, host)))
    listener = listen(host, port)
    if settings.token is None and is_open_to_others(listener):
        print(f"colornet: {OPEN_TO_ALL}", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app,
        http=protocol_with(settings),
        ws="none",
        log_level="error",  # clients are told of their errors; the log has those of the server
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # raised when the server has ended
    with contextlib.suppress(KeyboardInterrupt):
        AnnouncingServer(config, addresses(host, listener)).run(sockets=[listener])


def _allow_files(count: int) -> None:
    """Let this process have so many files and connections open: macOS grants 256 unless asked."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        count = min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _show_access_log() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    access_log.addHandler(handler)
    access_log.setLevel(logging.INFO)
    access_log.propagate = False
