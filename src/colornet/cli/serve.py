"""`colornet serve`: the page and the HTTP API."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from colornet.model import DEFAULT_MODEL, usable_cores

MEBIBYTE = 1 << 20
TOKEN = "COLORNET_TOKEN"
"""Of the environment. Read here, as typer takes an empty variable for none: a token that could not
be made must not open the server to all."""


def serve(
    host: Annotated[
        str,
        typer.Option(help="Address or name to listen on; 0.0.0.0 lets other machines in."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8000,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="Name or folder; repeatable, the first is the default."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Another origin that may use the server, such as https://photos.example.org; "
            "also the name that it has behind a proxy. Repeatable."
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(help=f"What clients must send as a bearer token.  [env var: {TOKEN}]"),
    ] = None,
    max_upload: Annotated[int, typer.Option(min=1, help="Of one upload, in MiB.")] = 64,
    max_pixels: Annotated[int, typer.Option(min=1, help="Of one picture, in megapixels.")] = 50,
    max_memory: Annotated[
        int, typer.Option(min=1, help="Of open photographs and uploads together, in MiB.")
    ] = 1024,
    max_canvases: Annotated[int, typer.Option(min=1, help="Photographs open at a time.")] = 64,
    idle: Annotated[
        float, typer.Option(min=1, help="Seconds after which an unused photograph is closed.")
    ] = 1800,
    queue: Annotated[int, typer.Option(min=0, help="Requests that may wait; beyond it, 503.")] = 32,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds for an upload, and for an answer.")
    ] = 60,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Pictures computed at a time; by default, one for each core."),
    ] = None,
    access_log: Annotated[
        bool,
        typer.Option(
            "--access-log",
            help="Log each request on standard error: client, method, route, status, seconds.",
        ),
    ] = False,
) -> None:
    """Serve a page on which photographs are colored and corrected, and an HTTP API.

    Nothing leaves this machine, and nothing that is uploaded is written to disk.
    """
    from colornet.web.server import serve as run
    from colornet.web.settings import Settings

    settings = Settings(
        models=tuple(model or [DEFAULT_MODEL]),
        origins=tuple(origin or []),
        token=os.environ.get(TOKEN) if token is None else token,
        max_bytes=max_upload * MEBIBYTE,
        max_pixels=max_pixels * 1_000_000,
        max_memory=max_memory * MEBIBYTE,
        max_canvases=max_canvases,
        idle=idle,
        max_waiting=queue,
        timeout=timeout,
        threads=threads or usable_cores(),
        access_log=access_log,
    )
    run(settings, host, port)
