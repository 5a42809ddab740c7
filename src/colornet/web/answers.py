"""Pictures as answers: they wait for slow readers, but not forever, and their memory counts."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from colornet.web.canvases import Canvases

PIECE = 1 << 16
"""Bytes of an answer handed over at a time."""
SLOWEST = 1 << 17
"""Bytes a second below which a client is too slow a reader."""


class PatientResponse(Response):
    """An answer handed over in pieces, given up when the client reads too slowly.

    Args:
        content: all of it.
        media_type: of the content.
        headers: further ones.
        seconds: for a client to begin to read.
        canvases: know how much memory is left.

    Raises:
        Refused: there is none left.
    """

    def __init__(
        self,
        content: bytes,
        media_type: str,
        headers: dict[str, str],
        seconds: float,
        canvases: Canvases,
    ) -> None:
        super().__init__(content, media_type=media_type, headers=headers)
        self._seconds = seconds + len(content) / SLOWEST
        self._memory = canvases.reserve(len(content))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(send)
        except TimeoutError:
            return  # the server hangs up, as the answer is not whole
        finally:
            self._memory.release()

    async def _send(self, send: Send) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        for start in range(0, max(len(self.body), 1), PIECE):
            piece = bytes(self.body[start : start + PIECE])
            more = start + PIECE < len(self.body)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
