"""Bodies and forms, read into memory under limits; nothing is written to disk."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from colornet.web.canvases import Reservation
from colornet.web.problems import CLIENT_GONE, Refused
from colornet.web.settings import MEGABYTE, Settings

JSON_BYTES = 4 * MEGABYTE
"""Of guidance, with all its strokes."""
HEARD_OUT = 2
"""Times the limit: a body that announces no more is read, and forgotten, before it is refused."""


@dataclass(frozen=True)
class Upload:
    """What came in one request."""

    picture: bytes
    name: str = ""
    """Of the file, as the client calls it; used in messages alone."""
    reference: bytes | None = None
    fields: dict[str, str] = field(default_factory=dict)
    """The other fields of the form."""


class _MemoryParser(MultiPartParser):
    spool_max_size = sys.maxsize  # otherwise files above a megabyte go to disk


async def read_upload(request: Request, settings: Settings, reservation: Reservation) -> Upload:
    """A picture: the body itself, or the field `picture` of a form.

    Raises:
        Refused: too large, too slow, no picture in it, or no form although it claims to be one.
    """
    stream = limited(request, settings, settings.bytes, reservation)
    if not request.headers.get("content-type", "").lower().startswith("multipart/"):
        return Upload(b"".join([chunk async for chunk in stream]))
    return await _read_form(request, stream)


async def read_body(request: Request, settings: Settings, reservation: Reservation) -> bytes:
    """A body of JSON, not yet parsed.

    Raises:
        Refused: as `read_upload`.
    """
    stream = limited(request, settings, min(JSON_BYTES, settings.bytes), reservation)
    return b"".join([chunk async for chunk in stream])


async def limited(
    request: Request, settings: Settings, most: int, reservation: Reservation
) -> AsyncGenerator[bytes, None]:
    """The body in pieces, as long as it is not too large and does not come too slowly.

    Raises:
        Refused: it is; or the client has gone.
    """
    length = request.headers.get("content-length", "0")
    announced = int(length) if length.isdigit() else 0
    # Who is sending already would not see an answer before having sent it all.
    heard_out = announced <= HEARD_OUT * most and "expect" not in request.headers
    if announced > most and not heard_out:
        raise _too_large(most)
    size = 0
    try:
        async with asyncio.timeout(settings.seconds):
            async for chunk in request.stream():
                if announced > most:
                    continue
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                reservation.grow(len(chunk))
                yield chunk
    except TimeoutError:
        reason = f"took more than {settings.seconds:g} seconds"
        mend = "send it again, over a faster line"
        headers = {"Connection": "close"}
        raise Refused(408, "too_slow", "the upload", reason, mend, headers) from None
    except ClientDisconnect:
        raise Refused(CLIENT_GONE, "client_gone", "the client", "has gone", "") from None
    if announced > most:
        raise _too_large(most)


async def _read_form(request: Request, stream: AsyncGenerator[bytes, None]) -> Upload:
    try:
        parser = _MemoryParser(
            request.headers, stream, max_files=2, max_fields=8, max_part_size=JSON_BYTES
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError, AssertionError) as error:
        reason = f"cannot be read ({str(error).splitlines()[0] if str(error) else 'damaged'})"
        mend = "send multipart/form-data with the picture in the field picture"
        raise Refused(422, "invalid", "the form", reason, mend) from None
    files = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
    picture, reference = files.get("picture"), files.get("reference")
    if picture is None:
        raise Refused(422, "invalid", "picture", "is missing", "send a file in the field picture")
    return Upload(
        picture=await picture.read(),
        name=picture.filename or "",
        reference=await reference.read() if reference else None,
        fields={name: value for name, value in form.items() if isinstance(value, str)},
    )


def _too_large(most: int) -> Refused:
    reason = f"is larger than {most / MEGABYTE:,.3g} MiB"
    mend = "send a smaller one, or raise the server's limit"
    headers = {"Connection": "close"}
    return Refused(413, "upload_too_large", "the upload", reason, mend, headers)
