"""Uploads of films, written to disk as they come."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import Request

from colornet.errors import system_reason
from colornet.web.bodies import stream_body
from colornet.web.errors import ApiError
from colornet.web.settings import MEBIBYTE, Settings

BLOCK = MEBIBYTE
"""Bytes written at a time, in a thread."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def write_body(request: Request, settings: Settings, path: Path) -> None:
    """Write the body to a file.

    Raises:
        ApiError: it is too large or too slow, the client has disconnected, or there is no space.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and settings.max_film_bytes >= int(length):
        check_space(path.parent, int(length))
    with path.open("xb", buffering=0) as file:
        async for block in _blocks(stream_body(request, settings, settings.max_film_bytes)):
            await asyncio.to_thread(file.write, block)


def check_space(folder: Path, size: int) -> None:
    """Raises `ApiError` if so many bytes find no place in a folder."""
    if shutil.disk_usage(folder).free < size:
        raise no_space()


def no_space(error: OSError | None = None) -> ApiError:
    """507: the server's disk is full, or cannot be written to."""
    reason = "has no space left on its disk"
    if error is not None and error.errno not in FULL:
        reason = f"cannot write to its disk ({system_reason(error)})"
    remedy = "remove a film, send a smaller one, or give the server another TMPDIR"
    headers = {"Connection": "close"}
    return ApiError(507, "no_space", "the server", reason, remedy, headers)


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= BLOCK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
