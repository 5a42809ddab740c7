"""Bodies of requests, read under limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from colornet.guidance.checks import shown
from colornet.guidance.json_text import JsonObject, not_json, parse_json
from colornet.web.canvases import Reservation
from colornet.web.errors import ApiError, client_gone, invalid, repeated, unknown
from colornet.web.settings import MEBIBYTE, MIN_BYTES_PER_SECOND, Settings
from colornet.web.state import AppState
from colornet.web.validation import explained

JSON_BYTES = 4 * MEBIBYTE
"""Limit on a JSON body, and on guidance in a form."""
DRAIN_FACTOR = 2
"""A body announced as up to so many times the limit is read and dropped, then refused."""

M = TypeVar("M", bound=BaseModel)


async def stream_body(
    request: Request, settings: Settings, max_bytes: int, reservation: Reservation | None = None
) -> AsyncGenerator[bytes, None]:
    """Yield the body in pieces, under limits on its size and time.

    Args:
        request: whose body has not been read yet.
        settings: limits on its time.
        max_bytes: limit on its size.
        reservation: of memory for it; None: it is kept on disk, and has more time, the more there
            is of it.

    Raises:
        ApiError: it is compressed, too large or too slow, or the client has disconnected.
    """
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        remedy = "send the body uncompressed, without that header"
        raise invalid("Content-Encoding", f"{shown(coding)} is not supported", remedy)
    length = request.headers.get("content-length", "0")
    announced = int(length) if length.isdigit() else 0
    # A client that is sending already would not see an answer before having sent it all.
    drain = announced <= DRAIN_FACTOR * max_bytes and "expect" not in request.headers
    if announced > max_bytes and not drain:
        raise too_large(max_bytes)
    size, seconds = 0, settings.timeout
    began, chunks = asyncio.get_running_loop().time(), request.stream()
    while True:
        try:
            # Around `yield`, this would end what the caller does with a piece.
            async with asyncio.timeout_at(began + seconds):
                chunk = await anext(chunks, None)
        except TimeoutError:
            reason = f"took more than {seconds:.4g} seconds"
            remedy = "send it again, over a faster connection"
            headers = {"Connection": "close"}
            raise ApiError(408, "too_slow", "the upload", reason, remedy, headers) from None
        except ClientDisconnect:
            raise client_gone() from None
        if chunk is None:
            break
        if announced > max_bytes:
            continue
        size += len(chunk)
        if size > max_bytes:
            raise too_large(max_bytes)
        if reservation is None:
            seconds = settings.timeout + size / MIN_BYTES_PER_SECOND
        else:
            reservation.grow(len(chunk))
        yield chunk
    if announced > max_bytes:
        raise too_large(max_bytes)


async def read_json(request: Request, state: AppState, model: type[M]) -> M:
    """Parse and validate a JSON body; an empty body counts as an empty object.

    Raises:
        ApiError: as in `stream_body`; or it is not JSON, not an object, repeats a key, or has an
            unknown or invalid field other than the guidance.
        GuidanceError: the guidance in it is invalid.
    """
    settings = state.settings
    with state.canvases.uploading() as reservation:
        limit = min(JSON_BYTES, settings.max_bytes)
        stream = stream_body(request, settings, limit, reservation)
        body = b"".join([chunk async for chunk in stream])
        return await state.jobs.parse(lambda: _validated(model, parsed(body or b"{}", "the JSON")))


def parsed(text: str | bytes, subject: str) -> Any:
    """Parse JSON text.

    Raises:
        ApiError: it is not JSON.
    """
    try:
        return parse_json(text)
    except (ValueError, RecursionError) as error:
        raise invalid(subject, *not_json(error)) from None


def _validated(model: type[M], value: Any) -> M:
    if not isinstance(value, JsonObject):
        raise invalid("the body", "is not a JSON object", "use {..}")
    if value.repeated is not None:
        raise repeated(value.repeated)
    known = [field.alias or name for name, field in model.model_fields.items()]
    for name in value:
        if name not in known:
            raise unknown(name, known)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_field(error) from None


def invalid_field(error: ValidationError) -> ApiError:
    """422: the first of the fields that are invalid."""
    first = error.errors(include_url=False)[0]
    return invalid(*explained({**first, "loc": ("body", *first["loc"])}))


def too_large(max_bytes: int) -> ApiError:
    """413: the upload is over the limit."""
    reason = f"is larger than {max_bytes / MEBIBYTE:,.3g} MiB"
    remedy = "send a smaller one, or raise the server's limit"
    headers = {"Connection": "close"}
    return ApiError(413, "upload_too_large", "the upload", reason, remedy, headers)
