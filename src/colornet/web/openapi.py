"""The OpenAPI document: what FastAPI derives, and the bodies that routes read themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from colornet.picture import SUFFIXES
from colornet.web.films.orders import TYPES
from colornet.web.films.schemas import ColorFilmRequest, FilmForm, PlacesRequest
from colornet.web.middleware.access import PROTECTED
from colornet.web.schemas import (
    ColoredForm,
    ColorizeForm,
    ColorizeRequest,
    ErrorBody,
    MatchesRequest,
    UploadForm,
    VariantsRequest,
)

Responses = dict[int | str, dict[str, Any]]

REFERENCE = "#/components/schemas/{model}"
STREAMED: list[type[BaseModel]] = [
    *(ColoredForm, ColorizeForm, ColorizeRequest, MatchesRequest, UploadForm, VariantsRequest),
    *(ColorFilmRequest, FilmForm, PlacesRequest),
]
"""The models of bodies that routes read or write themselves."""
BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURE_TYPES = tuple(f"image/{format}" for format in SUFFIXES)
UPLOADED_PICTURES = (
    *PICTURE_TYPES,
    *("image/heic", "image/heif", "image/gif", "image/bmp", "image/jp2", "image/jxl"),
    *("image/x-portable-bitmap", "image/x-portable-graymap", "image/x-portable-pixmap"),
    "application/octet-stream",
)
UPLOADED_FILMS = ("application/octet-stream", "video/*")
JSON_IN_HEADER = {
    "description": "How many notices there are, and the first few of them, as JSON: "
    '`{"count": 1, "first": [{"code", "subject", "text"}]}`. Missing if there are none.',
    "schema": {"type": "string"},
}


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Refer to a model's schema."""
    return {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}


def file_body(types: Iterable[str], form: type[BaseModel]) -> dict[str, Any]:
    """A request body that is a file of one of these types, or a form with one."""
    content = {**dict.fromkeys(types, BINARY), "multipart/form-data": schema_of(form)}
    return {"requestBody": {"required": True, "content": content}}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """A request body of JSON, which is optional if all of its fields are."""
    required = any(field.is_required() for field in model.model_fields.values())
    content = {"application/json": schema_of(model)}
    return {"requestBody": {"required": required, "content": content}}


COLORED: Responses = {
    200: {
        "description": "The picture in color; with `notices`, a form of all notices and it.",
        "content": {
            **dict.fromkeys(PICTURE_TYPES, BINARY),
            "multipart/form-data": schema_of(ColoredForm),
        },
        "headers": {"Colornet-Notices": JSON_IN_HEADER},
    }
}
STILL: Responses = {200: {"description": "The frame.", "content": {"image/jpeg": BINARY}}}
FILM_TYPES = dict.fromkeys(TYPES.values(), BINARY)
PLAYED: Responses = {
    200: {"description": "The whole file.", "content": FILM_TYPES},
    206: {"description": "The part that `Range` asks for.", "content": FILM_TYPES},
    416: {"model": ErrorBody, "description": "`Range` is beyond the end of the file."},
}
TEXT = {"text/plain": {"schema": {"type": "string"}}}
PLAIN_TEXT: Responses = {200: {"description": "Text.", "content": TEXT}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
CHALLENGE = {"WWW-Authenticate": {"schema": {"type": "string"}}}


def _errors(statuses: dict[int, str], headers: dict[int, dict[str, Any]]) -> Responses:
    return {
        status: {"model": ErrorBody, "description": description}
        | ({"headers": headers[status]} if status in headers else {})
        for status, description in statuses.items()
    }


ANY_ERRORS = _errors(
    {
        421: "The server does not know that host name.",
        500: "The server failed; its log says why.",
        503: "The server is busy, or the work took too long; Retry-After says when to try again.",
    },
    {503: RETRY_AFTER},
)
"""Errors of every route."""
API_ERRORS = _errors(
    {
        401: "The token is missing or wrong.",
        403: "The request comes from a page of another origin.",
        404: "There is no such canvas, film, frame or model.",
        408: "The upload took too long.",
        413: "The upload or the picture is too large.",
        422: "The picture cannot be read, or the request is invalid.",
    },
    {401: CHALLENGE},
) | {400: {"description": "What came is not HTTP; uvicorn says so.", "content": TEXT}}


FILM_ERRORS = _errors(
    {
        404: "There is no such film, frame or model, or no result yet.",
        409: "The film is being read or colored, or could not be read.",
        501: "The server colors no films: its extra `video` is not installed.",
        503: "The server is busy, or the work took too long; Retry-After says when to try again. "
        "Without Retry-After: it has as many films as it takes.",
        507: "The server has no space left on its disk.",
    },
    {503: RETRY_AFTER},
)


def install(app: FastAPI, token: bool) -> None:
    """Make this document the application's description.

    Args:
        app: the application, with all its routes.
        token: whether requests need one.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, token)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def _document(app: FastAPI, token: bool) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    _, definitions = models_json_schema(
        [(model, "validation") for model in STREAMED], ref_template=REFERENCE
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(definitions["$defs"])
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token that the server was started with, if any.",
        }
    }
    needed: list[dict[str, list[str]]] = [{"token": []}]
    for path, operations in document["paths"].items():
        if path.startswith(PROTECTED):
            for operation in operations.values():
                operation["security"] = needed if token else [{}, *needed]
    return document
