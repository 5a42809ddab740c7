"""`colornet serve`: serve the page and the HTTP API."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from colornet.cli.options import tell_of_named
from colornet.model import DEFAULT_MODEL, usable_cores

TOKEN = "COLORNET_TOKEN"
"""Environment variable with the token. typer would ignore an empty one, and a script that failed to
make a token would then open the server to everyone."""


def serve(
    host: Annotated[
        str,
        typer.Option(help="Address or name to listen on; 0.0.0.0 lets other machines in."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any free one.")] = 8000,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            callback=tell_of_named,
            help="Name or folder of a model. Repeatable; the first is the default.",
        ),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Further origin that may use the server, such as https://photos.example.org; "
            "also the name that it has behind a proxy. Repeatable."
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(help=f"Bearer token that clients must send; by default, that in {TOKEN}."),
    ] = None,
    max_upload: Annotated[int, typer.Option(min=1, help="Size of one upload, in MiB.")] = 64,
    max_pixels: Annotated[
        int, typer.Option(min=1, help="Size of one picture, in megapixels.")
    ] = 50,
    max_memory: Annotated[
        int, typer.Option(min=1, help="Memory of open photographs and uploads, in MiB.")
    ] = 1024,
    max_canvases: Annotated[int, typer.Option(min=1, help="Number of open photographs.")] = 64,
    max_films: Annotated[
        int, typer.Option(min=1, help="Number of films; they need the extra video.")
    ] = 4,
    max_film_size: Annotated[int, typer.Option(min=1, help="Size of one film, in MiB.")] = 2048,
    max_film_seconds: Annotated[
        float, typer.Option(min=1, help="Length of one film, in seconds.")
    ] = 600,
    idle: Annotated[
        float, typer.Option(min=1, help="Seconds until an unused photograph or film is closed.")
    ] = 1800,
    queue: Annotated[
        int, typer.Option(min=0, help="Number of waiting requests; more get 503.")
    ] = 32,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds for an upload, and for a response.")
    ] = 60,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Number of pictures at a time; by default, one for each core."),
    ] = None,
    access_log: Annotated[
        bool,
        typer.Option(
            "--access-log",
            help="Log each request on stderr: client, method, route, status, seconds.",
        ),
    ] = False,
) -> None:
    """Serve a page to color and correct photographs, and an HTTP API.

    Nothing leaves this machine. Of what is uploaded only films are written to disk, in the folder
    for temporary files, until they are removed or the server ends.
    """
    from colornet.web.server import serve as run
    from colornet.web.settings import MEBIBYTE, Settings

    settings = Settings(
        models=tuple(model or [DEFAULT_MODEL]),
        origins=tuple(origin or []),
        token=os.environ.get(TOKEN) if token is None else token,
        max_bytes=max_upload * MEBIBYTE,
        max_pixels=max_pixels * 1_000_000,
        max_memory=max_memory * MEBIBYTE,
        max_canvases=max_canvases,
        max_films=max_films,
        max_film_bytes=max_film_size * MEBIBYTE,
        max_film_seconds=max_film_seconds,
        idle=idle,
        max_waiting=queue,
        timeout=timeout,
        threads=threads or usable_cores(),
        access_log=access_log,
    )
    run(settings, host, port)
