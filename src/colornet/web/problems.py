"""Errors as HTTP statuses and JSON: the only place where they meet."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from colornet.errors import (
    ColornetError,
    GuidanceError,
    ModelError,
    ModelLacks,
    ModelNotFound,
    OptionError,
    PictureTooLarge,
    UnreadablePicture,
    UnwritablePicture,
)

log = logging.getLogger("colornet.web")

STATUSES: dict[type[ColornetError], int] = {
    PictureTooLarge: 413,
    UnreadablePicture: 422,
    UnwritablePicture: 422,
    GuidanceError: 422,
    OptionError: 422,
    ModelLacks: 422,
    ModelNotFound: 404,
}
"""Those that the client can mend; any other is the server's own fault, 500."""

RETRY_SECONDS = 2
MOST_CHARACTERS = 500
"""Of each part of a message."""
CLIENT_GONE = 499
"""Seen by nobody but the log and the counters."""


class Problem(BaseModel):
    """What went wrong with what, and what to do about it."""

    code: str = Field(examples=["picture_too_large"])
    subject: str = Field(examples=["the picture"])
    reason: str = Field(examples=["9000 x 9000 pixels, more than 50,000,000 in all"])
    mend: str = Field(examples=["make it smaller, or raise the limit"])


class Problems(BaseModel):
    """The body of every answer that is an error."""

    error: Problem


class Refused(Exception):
    """A request that is not answered as it was asked."""

    def __init__(
        self,
        status: int,
        code: str,
        subject: str,
        reason: str,
        mend: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{subject}: {reason}")
        self.status = status
        self.problem = Problem(
            code=code, subject=_printable(subject), reason=_printable(reason), mend=_printable(mend)
        )
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer."""
        return JSONResponse(
            Problems(error=self.problem).model_dump(), self.status, headers=self.headers
        )


def _printable(text: str) -> str:
    """What a message may repeat of a request: not too long, and nothing that UTF-8 lacks."""
    return text[:MOST_CHARACTERS].encode("utf-8", "replace").decode()


def busy(reason: str) -> Refused:
    """503: there is more to do than can wait."""
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return Refused(503, "busy", "the server", reason, "try again in a moment", headers)


def too_long(seconds: float) -> Refused:
    """503: the work took longer than any may."""
    headers = {"Retry-After": str(RETRY_SECONDS)}
    reason = f"needed more than {seconds:g} seconds"
    mend = "ask for less, such as a smaller picture or another format, or try again later"
    return Refused(503, "too_long", "the server", reason, mend, headers)


def refusal(error: ColornetError) -> Refused:
    """An error of the library; what only the server's owner can mend is told in the log alone."""
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)
    code = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")
    if status == 500:
        log.error("%s", error)
        subject = "the model" if isinstance(error, ModelError) else "the server"
        return Refused(500, code, subject, "failed", "see the server's log")
    return Refused(status, code, error.subject, error.reason, error.mend)


def unexpected(error: Exception) -> Refused:
    """A fault of the program."""
    log.error("a request failed", exc_info=error)
    return Refused(500, "internal", "the server", "failed", "see the server's log")


def install(app: FastAPI) -> None:
    """Answer every error with the same shape of JSON."""

    async def refused(request: Request, error: Any) -> Response:
        return error.response()

    async def from_library(request: Request, error: Any) -> Response:
        return refusal(error).response()

    async def invalid(request: Request, error: Any) -> Response:
        first = error.errors()[0]
        subject = ".".join(str(part) for part in first["loc"][1:]) or "the body"
        mend = "see the description of the API"
        return Refused(422, "invalid", subject, str(first["msg"]).lower(), mend).response()

    async def from_router(request: Request, error: Any) -> Response:
        reason = str(error.detail).lower()
        mend = "see the description of the API"
        code = reason.replace(" ", "_")
        answer = Refused(error.status_code, code, request.url.path, reason, mend, error.headers)
        return answer.response()

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(ColornetError, from_library)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, from_router)
