"""Metrics and the access log; unexpected exceptions become responses."""

from __future__ import annotations

import asyncio
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colornet.web.errors import busy, unexpected
from colornet.web.metrics import Metrics

access_log = logging.getLogger("colornet.web.access")
"""A line for each request: client, method, route, status, seconds. Routes have no ids, and nothing
of the query or the body is logged."""


class RecordingMiddleware:
    """Counts and logs responses by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:  # the server ends, and waits no longer
            if not status:
                await busy("is being stopped").response()(scope, receive, watched)
        except Exception as error:
            if status:
                raise
            await unexpected(error).response()(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.record(route, status, seconds)
            client = scope["client"][0] if scope.get("client") else "-"
            access_log.info("%s %s %s %d %.3f", client, scope["method"], route, status, seconds)
