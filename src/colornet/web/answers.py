"""Answers that wait for slow readers, but not forever."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PIECE = 1 << 16
"""Bytes of an answer handed over at a time."""


class PatientResponse(Response):
    """An answer handed over in pieces, given up when the client stops reading."""

    def __init__(
        self, content: bytes, media_type: str, headers: dict[str, str], seconds: float
    ) -> None:
        super().__init__(content, media_type=media_type, headers=headers)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        for start in range(0, max(len(self.body), 1), PIECE):
            piece = bytes(self.body[start : start + PIECE])
            more = start + PIECE < len(self.body)
            try:
                async with asyncio.timeout(self._seconds):
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
            except TimeoutError:
                return
