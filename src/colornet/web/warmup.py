"""Build what the first requests would otherwise build.

Frameworks and libraries put off much until it is used: routes and their models, the description,
imports. That would block the event loop while other clients wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from urllib.parse import quote

from fastapi import FastAPI
from starlette.types import ASGIApp, Message

from colornet.web.routes.dependencies import API

PICTURE = b"P5 16 16 255\n" + bytes(range(256))


async def warm_up(app: FastAPI, bare: ASGIApp, models: Iterable[str]) -> None:
    """Send one request of each kind to the application, and drop the answers.

    Args:
        app: the application.
        bare: it without the middleware that counts requests and asks for the token.
        models: the names of those that are loaded.
    """
    ask = partial(_ask, app, bare)
    for path in ("/healthz", "/openapi.json", "/"):
        await ask("GET", path)
    for model in models:
        query = f"format=jpeg&model={quote(model)}"
        await ask("POST", f"{API}/colorize", query, PICTURE)


async def _ask(
    app: FastAPI, bare: ASGIApp, method: str, path: str, query: str = "", body: bytes = b""
) -> None:
    unread = [body]

    async def receive() -> Message:
        if not unread:
            await asyncio.Event().wait()  # a client that stays until it is answered
        return {"type": "http.request", "body": unread.pop(), "more_body": False}

    async def send(message: Message) -> None:
        """Drop it."""

    scope = {
        "type": "http",
        "app": app,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": None,
        "server": None,
    }
    await bare(scope, receive, send)
