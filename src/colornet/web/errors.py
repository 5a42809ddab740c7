"""Errors as HTTP statuses and JSON."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from colornet.errors import (
    ColornetError,
    FilmTooLarge,
    GuidanceError,
    ModelError,
    ModelLacks,
    ModelNotFound,
    OptionError,
    PictureTooLarge,
    UnreadableFilm,
    UnreadablePicture,
    UnwritableFilm,
    UnwritablePicture,
)
from colornet.web.schemas import ErrorBody, ErrorDetail
from colornet.web.validation import SEE_DESCRIPTION, explained

log = logging.getLogger("colornet.web")

STATUSES: dict[type[ColornetError], int] = {
    PictureTooLarge: 413,
    UnreadablePicture: 422,
    UnwritablePicture: 422,
    FilmTooLarge: 413,
    UnreadableFilm: 422,
    UnwritableFilm: 507,
    GuidanceError: 422,
    OptionError: 422,
    ModelLacks: 422,
    ModelNotFound: 404,
}
"""Errors that the client can do something about; any other is 500."""

RETRY_SECONDS = 2
MAX_CHARACTERS = 500
"""Limit on each part of a message."""
LESS = "ask for less, such as a smaller picture or another format, or try again later"
LESS_OF_A_FILM = "save the film smaller or in parts, in another program, or try again later"
"""Remedies for work that takes too long."""
CLIENT_GONE = 499
"""Status of requests whose client has disconnected, for the log and the metrics."""
OPTION = re.compile(r"--[\w-]+(?: \S+)? \((\w+)=(\w+)\)")
"""An option of the command line with its keyword in Python, as in `--partial (partial=True)`."""
IN_PYTHON = re.compile(r" \(in Python, \S+\)$")
"""How something is done in Python alone; the server has an option for it."""


class ApiError(Exception):
    """A request is refused, or failed."""

    def __init__(
        self,
        status: int,
        code: str,
        subject: str,
        reason: str,
        remedy: str,
        headers: dict[str, str] | None = None,
        pages: int | None = None,
    ) -> None:
        super().__init__(f"{subject}: {reason}")
        self.status = status
        self.detail = ErrorDetail(
            code=code,
            subject=printable(subject),
            reason=printable(reason),
            remedy=printable(remedy),
            pages=pages,
        )
        self.headers = headers or {}

    def response(self) -> Response:
        """The response that reports it."""
        body = ErrorBody(error=self.detail).model_dump(exclude_none=True)
        return JSONResponse(body, self.status, headers=self.headers)


def printable(text: str) -> str:
    """Text for a message: shortened, and without lone surrogates, which UTF-8 cannot encode."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()


def invalid(subject: str, reason: str, remedy: str) -> ApiError:
    """422: a part of the request is invalid."""
    return ApiError(422, "invalid", subject, reason, remedy)


def unknown(name: str, known: Iterable[str]) -> ApiError:
    """422: a parameter or field is none of those that are known."""
    remedy = f"use {', '.join(known)}" if known else "leave it out"
    return invalid(name or "a field without a name", "is unknown", remedy)


def repeated(name: str) -> ApiError:
    """422: a parameter or field is repeated."""
    return invalid(name, "is given more than once", "keep one")


def of_wrong_kind(name: str, is_file: bool) -> ApiError:
    """422: a field of a form is a file, and is to be a value, or the other way round."""
    if is_file:
        return invalid(name, "is a file", f"send its value, in curl by {name}=VALUE")
    return invalid(name, "is not a file", f"send it as one, in curl by {name}=@FILE")


def client_gone() -> ApiError:
    """499: the client has disconnected; it gets no answer."""
    return ApiError(CLIENT_GONE, "client_gone", "the client", "has gone", "")


def busy(reason: str) -> ApiError:
    """503: the queue, the memory or the number of connections is at its limit."""
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return ApiError(503, "busy", "the server", reason, "try again in a moment", headers)


def too_long(seconds: float, remedy: str = LESS) -> ApiError:
    """503: the work took longer than the timeout."""
    headers = {"Retry-After": str(RETRY_SECONDS)}
    reason = f"needed more than {seconds:g} seconds"
    return ApiError(503, "too_long", "the server", reason, remedy, headers)


def from_library(error: ColornetError, pages: int | None = None) -> ApiError:
    """An error of the library; what only the server's owner can act on goes to the log alone.

    Args:
        error: of the library.
        pages: of the picture that it is about, if that has several.
    """
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)
    code = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")
    if status == 500:
        log.error("%s", error)
        subject = "the model" if isinstance(error, ModelError) else "the server"
        return ApiError(500, code, subject, "failed", "see the server's log")
    remedy = OPTION.sub(
        lambda found: f"{found[1]}={found[2].replace('True', 'true')}",
        IN_PYTHON.sub("", error.remedy),
    )
    return ApiError(status, code, error.subject, error.reason, remedy, pages=pages)


def unexpected(error: Exception) -> ApiError:
    """500: a bug; its traceback goes to the log."""
    log.error("a request failed", exc_info=error)
    return ApiError(500, "internal", "the server", "failed", "see the server's log")


def install(app: FastAPI) -> None:
    """Register handlers, so that every error is answered by the same kind of JSON."""

    async def on_api_error(request: Request, error: Any) -> Response:
        return error.response()

    async def on_library_error(request: Request, error: Any) -> Response:
        return from_library(error).response()

    async def on_validation_error(request: Request, error: Any) -> Response:
        return invalid(*explained(error.errors()[0])).response()

    async def on_http_error(request: Request, error: Any) -> Response:
        status, headers = error.status_code, dict(error.headers or {})
        reason, remedy = str(error.detail).lower(), SEE_DESCRIPTION
        code = reason.replace(" ", "_")
        if status == 405 and (allowed := ", ".join(_allowed_methods(request))):
            reason, remedy = f"does not take {request.method}", f"use {allowed}"
            headers["Allow"] = allowed
        elif status in (404, 405):
            status, code, reason = 404, "not_found", "is not there"
        return ApiError(status, code, request.url.path, reason, remedy, headers).response()

    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(ColornetError, on_library_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_error)


def _allowed_methods(request: Request) -> list[str]:
    """The methods that the routes of a path take; for other paths, those of the page's files."""
    found: set[str] = set()
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            found.add(method)
    files = request.app.router.default
    with suppress(OSError, ValueError):  # such as for a name that no file can have
        if not found and files.lookup_path(files.get_path(request.scope))[1]:
            return ["GET", "HEAD"]
    return sorted(found)
