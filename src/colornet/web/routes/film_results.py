"""Colored films: watched, a part of the file at a time, or saved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.responses import FileResponse

from colornet.web.errors import ApiError
from colornet.web.films.orders import Kind
from colornet.web.openapi import FILM_ERRORS, PLAYED
from colornet.web.routes.dependencies import API, State

Download = Annotated[bool, Query(description="To be saved, with a name.")]
Range = Annotated[
    str | None,
    Header(description="Of one range of bytes; others are ignored.", examples=["bytes=0-99"]),
]

router = APIRouter(prefix=f"{API}/films/{{film_id}}", tags=["films"], responses=FILM_ERRORS)


class Player:
    """Plays a colored film; what both routes take."""

    def __init__(
        self,
        film_id: str,
        request: Request,
        state: State,
        download: Download = False,
        range: Range = None,
    ) -> None:
        self._film, self._request, self._download = state.films.get(film_id), request, download

    def play(self, kind: Kind) -> Response:
        """The file, or the part of it that is asked for."""
        result = self._film.results.get(kind)
        if result is None:
            remedy = "color it first"
            raise ApiError(404, "no_result", self._film.name, "is not colored yet", remedy)
        _check_range(self._request, result.bytes)
        ending = "-color" if kind == "whole" else "-preview"
        name = f"{Path(self._film.name).stem}{ending}{result.path.suffix}"
        saved_as = name if self._download else None
        return FileResponse(result.path, media_type=result.type, filename=saved_as)


@router.head("/result", include_in_schema=False)
@router.get("/result", response_class=Response, responses=PLAYED)
async def play_result(player: Annotated[Player, Depends()]) -> Response:
    """The whole film in color, or a part of that file."""
    return player.play("whole")


@router.head("/preview", include_in_schema=False)
@router.get("/preview", response_class=Response, responses=PLAYED)
async def play_preview(player: Annotated[Player, Depends()]) -> Response:
    """The part of the film that was colored last, or a part of that file."""
    return player.play("preview")


def _check_range(request: Request, size: int) -> None:
    """Leave out a header `Range` that is not of one range of bytes, as HTTP allows.

    So it is with one beyond the end that is meant for another version of the file.

    Raises:
        ApiError: it begins beyond the end of a file of this size.
    """
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("range", ""), re.ASCII)
    first, last = asked.groups() if asked else ("", "")
    no_range = not (first or last) or (first and last and int(last) < int(first))
    is_beyond = not no_range and int(first or size - int(last)) >= size
    if no_range or (is_beyond and "if-range" in request.headers):
        kept = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
        request.scope["headers"] = kept
    elif is_beyond:
        headers = {"Content-Range": f"bytes */{size}"}
        remedy = f"the file has {size} bytes"
        raise ApiError(416, "no_such_range", "Range", "is beyond the end", remedy, headers)
