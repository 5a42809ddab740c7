"""Responses with pictures: sent in pieces, with their notices, and a deadline for slow readers."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from colornet.notices import Notice
from colornet.web.canvases import Canvases
from colornet.web.settings import MIN_BYTES_PER_SECOND
from colornet.web.state import AppState

CHUNK_BYTES = 1 << 16
"""Size of the pieces in which a response is sent."""
MAX_HEADER = 4000
"""Length of the header with notices. Clients accept about 8,000 characters of headers in all."""
MAX_IN_HEADER = 10
"""Notices in that header, which gives their total number."""


class TimedResponse(Response):
    """A response sent in pieces, aborted when the client reads too slowly.

    Args:
        content: the whole body.
        media_type: of the content.
        headers: further headers.
        seconds: for the client to begin to read.
        canvases: account for the memory it takes.

    Raises:
        ApiError: no memory is left.
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
        self._seconds = seconds + len(content) / MIN_BYTES_PER_SECOND
        self._memory = canvases.reserve(len(content))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(send)
        except TimeoutError:
            return  # uvicorn closes the connection, because the body is incomplete
        finally:
            self._memory.release()

    async def _send(self, send: Send) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        for start in range(0, max(len(self.body), 1), CHUNK_BYTES):
            chunk = bytes(self.body[start : start + CHUNK_BYTES])
            more = start + CHUNK_BYTES < len(self.body)
            await send({"type": "http.response.body", "body": chunk, "more_body": more})


@dataclass(frozen=True)
class Colored:
    """A picture in color, encoded.

    Attributes:
        content: the file.
        format: of it, such as "jpeg".
        notices: all notices about it.
    """

    content: bytes
    format: str
    notices: Sequence[Notice]


def colored_response(colored: Colored, as_form: bool, state: AppState) -> Response:
    """A picture with its first notices in a header, or a form of all of them and the picture."""
    content, media_type = colored.content, f"image/{colored.format}"
    headers = {}
    if colored.notices:
        headers["Colornet-Notices"] = notices_header(colored.notices)
    if as_form:
        content, media_type = _form(colored, media_type)
    return TimedResponse(content, media_type, headers, state.settings.timeout, state.canvases)


def notices_header(notices: Sequence[Notice]) -> str:
    """The number of notices and the first few of them, as JSON in ASCII."""
    first: list[dict[str, str]] = []
    text = ""
    for number in range(min(len(notices), MAX_IN_HEADER) + 1):
        first = [asdict(notice) for notice in notices[:number]]
        longer = json.dumps({"count": len(notices), "first": first})
        if len(longer) > MAX_HEADER:
            break
        text = longer
    return text


def _form(colored: Colored, media_type: str) -> tuple[bytes, str]:
    """Encode as `multipart/form-data`, which browsers parse by `response.formData()`."""
    boundary = secrets.token_hex(16)
    parts = [
        (
            'name="notices"',
            "application/json",
            json.dumps([asdict(notice) for notice in colored.notices]).encode(),
        ),
        (f'name="picture"; filename="picture.{colored.format}"', media_type, colored.content),
    ]
    lines = []
    for name, kind, content in parts:
        head = f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n"
        lines += [head.encode() + b"\r\n", content, b"\r\n"]
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines), f"multipart/form-data; boundary={boundary}"
