"""Starts processes that work on films, listens to them, and ends them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import colornet
from colornet import errors
from colornet.errors import ColornetError

WORKER = "colornet.web.films.worker"
MAX_LINE = 1 << 24
"""Bytes of a message."""

Message = tuple[str, dict[str, Any]]


class Crashed(Exception):
    """The process ended without a result."""


@asynccontextmanager
async def working(order: dict[str, Any]) -> AsyncIterator[AsyncIterator[Message]]:
    """The messages of a process that does this; it is killed at the end.

    Args:
        order: see `worker`.

    Raises:
        ColornetError: the process failed with it.
        Crashed: it ended without a result.
    """
    # the session of its own keeps Ctrl-C from it, which the server handles
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", WORKER),
        stdin=PIPE,
        stdout=PIPE,
        limit=MAX_LINE,
        env=_environment(),
        start_new_session=True,
    )
    try:
        yield _messages(process, order)
    finally:
        assert process.stdout
        if not process.stdout.at_eof():  # asyncio may complain where one that has ended is killed
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    """This process's, by which the same package is found."""
    package = str(Path(colornet.__file__).parents[1])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


async def _messages(process: Process, order: dict[str, Any]) -> AsyncIterator[Message]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(order).encode() + b"\n")
    with suppress(ConnectionError):
        await process.stdin.drain()
    while line := await process.stdout.readline():
        ((kind, told),) = json.loads(line).items()
        if kind in ("done", "error"):
            await process.stdout.read()  # to its end
        if kind == "error":
            raise _error(told)
        yield kind, told
        if kind == "done":
            return
    raise Crashed


def _error(told: dict[str, str]) -> ColornetError:
    kind: type[ColornetError] = getattr(errors, told["type"])
    return kind(told["subject"], told["reason"], told["remedy"])
