"""Bodies and forms, read into memory under limits; nothing is written to disk."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from colornet.web.canvases import Reservation
from colornet.web.problems import CLIENT_GONE, Refused
from colornet.web.settings import MEGABYTE, Settings

# What it says of damaged forms is told to their senders; the server's log is no place for it.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

FIELDS = ("picture", "reference", "guidance")
"""Of a form."""
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
    reference_name: str = ""
    guidance: str | bytes | None = None
    """JSON, as text or as a file."""


class _MemoryParser(MultiPartParser):
    spool_max_size = sys.maxsize  # otherwise files above a megabyte go to disk


async def read_upload(
    request: Request,
    settings: Settings,
    reservation: Reservation,
    fields: Sequence[str] = FIELDS,
) -> Upload:
    """A picture: the body itself, or the field `picture` of a form, which may have these fields.

    Raises:
        Refused: too large, too slow, no picture in it, or no form although it claims to be one.
    """
    stream = limited(request, settings, settings.bytes, reservation)
    if not request.headers.get("content-type", "").lower().startswith("multipart/"):
        return Upload(b"".join([chunk async for chunk in stream]))
    return await _read_form(request, stream, fields)


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


async def _read_form(
    request: Request, stream: AsyncGenerator[bytes, None], fields: Sequence[str]
) -> Upload:
    try:
        parser = _MemoryParser(
            request.headers, stream, max_files=len(FIELDS), max_fields=8, max_part_size=JSON_BYTES
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError, AssertionError) as error:
        reason = f"cannot be read ({str(error).splitlines()[0] if str(error) else 'damaged'})"
        mend = "send multipart/form-data with the picture in the field picture"
        raise Refused(422, "invalid", "the form", reason, mend) from None
    given = dict(form.items())
    for name in given:
        _check_field(name, form.getlist(name), fields)
    if "picture" not in given:
        raise _invalid("picture", "is missing", "send a file in the field picture")
    files = {name: value for name, value in given.items() if isinstance(value, UploadFile)}
    if "guidance" in files and (files["guidance"].size or 0) > JSON_BYTES:
        raise _too_large(JSON_BYTES)
    typed = {name: value for name, value in given.items() if isinstance(value, str)}
    content = {name: await file.read() for name, file in files.items()}
    reference = files.get("reference")
    return Upload(
        picture=content["picture"],
        name=files["picture"].filename or "",
        reference=content.get("reference"),
        reference_name=(reference and reference.filename) or "the reference",
        guidance=content.get("guidance", typed.get("guidance")),
    )


def _check_field(name: str, values: list[UploadFile | str], known: Sequence[str]) -> None:
    """Nothing that was sent is left out in silence."""
    if name not in known:
        raise _invalid(name, "is unknown", f"use {', '.join(known)}")
    if len(values) > 1:
        raise _invalid(name, "is given more than once", "keep one")
    if name != "guidance" and isinstance(values[0], str):
        raise _invalid(name, "is no file", "send it as one, in curl by NAME=@FILE")


def _invalid(subject: str, reason: str, mend: str) -> Refused:
    return Refused(422, "invalid", subject, reason, mend)


def _too_large(most: int) -> Refused:
    reason = f"is larger than {most / MEGABYTE:,.3g} MiB"
    mend = "send a smaller one, or raise the server's limit"
    headers = {"Connection": "close"}
    return Refused(413, "upload_too_large", "the upload", reason, mend, headers)
