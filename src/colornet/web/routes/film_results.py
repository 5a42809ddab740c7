"""Colored films: watched, a part of the file at a time, or saved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import FileResponse

from colornet.web.errors import ApiError
from colornet.web.films.film import Film
from colornet.web.films.orders import Kind
from colornet.web.openapi import FILM_ERRORS, PLAYED
from colornet.web.routes.dependencies import API, State

Download = Annotated[bool, Query(description="To be saved, with a name.")]
Range = Annotated[
    str | None,
    Header(description="Of one range of bytes; others are ignored.", examples=["bytes=0-99"]),
]

router = APIRouter(prefix=f"{API}/films/{{film_id}}", tags=["films"], responses=FILM_ERRORS)


@router.head("/result", include_in_schema=False)
@router.get("/result", response_class=Response, responses=PLAYED)
async def play_result(
    film_id: str,
    request: Request,
    state: State,
    download: Download = False,
    range: Range = None,
) -> Response:
    """The whole film in color, or a part of that file."""
    return _played(state.films.get(film_id), "whole", download, request)


@router.head("/preview", include_in_schema=False)
@router.get("/preview", response_class=Response, responses=PLAYED)
async def play_preview(
    film_id: str,
    request: Request,
    state: State,
    download: Download = False,
    range: Range = None,
) -> Response:
    """The part of the film that was colored last, or a part of that file."""
    return _played(state.films.get(film_id), "preview", download, request)


def _played(film: Film, kind: Kind, download: bool, request: Request) -> Response:
    result = film.results.get(kind)
    if result is None:
        raise ApiError(404, "no_result", film.name, "is not colored yet", "color it first")
    _check_range(request, result.bytes)
    ending = "-color" if kind == "whole" else "-preview"
    name = f"{Path(film.name).stem}{ending}{result.path.suffix}" if download else None
    return FileResponse(result.path, media_type=result.type, filename=name)


def _check_range(request: Request, size: int) -> None:
    """Leave out a header `Range` that is not of one range of bytes, as HTTP allows.

    Raises:
        ApiError: it begins beyond the end of a file of this size.
    """
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("range", ""), re.ASCII)
    first, last = asked.groups() if asked else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        kept = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
        request.scope["headers"] = kept
    elif int(first or size - int(last)) >= size:
        headers = {"Content-Range": f"bytes */{size}"}
        remedy = f"the file has {size} bytes"
        raise ApiError(416, "no_such_range", "Range", "is beyond the end", remedy, headers)
