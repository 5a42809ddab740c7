"""Films: uploaded, looked at, corrected shot by shot, colored, and watched."""

from __future__ import annotations

import math
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import FileResponse

from colornet.web.bodies import read_json
from colornet.web.errors import ApiError, invalid
from colornet.web.film_uploads import no_space, write_body
from colornet.web.films.film import Film
from colornet.web.films.orders import Kind, Order, Result
from colornet.web.films.schemas import (
    ColorFilmRequest,
    DoneInfo,
    FilmForm,
    FilmInfo,
    FilmOptions,
    PartInfo,
    PreviewInfo,
    ResultInfo,
    ShotInfo,
)
from colornet.web.naming import MAX_NAME
from colornet.web.openapi import FILM_ERRORS, PLAYED, film_body, json_body
from colornet.web.routes.dependencies import API, State
from colornet.web.schemas import NoticeInfo
from colornet.web.state import AppState

MP4 = "video/mp4"
Download = Annotated[bool, Query(description="To be saved, with a name.")]
THE_FILM = "the film"
"""What messages call a film without a name."""

router = APIRouter(prefix=f"{API}/films", tags=["films"], responses=FILM_ERRORS)


@router.post("", status_code=201, openapi_extra=film_body(FilmForm))
async def upload_film(
    request: Request, state: State, response: Response, query: Annotated[FilmOptions, Query()]
) -> FilmInfo:
    """Upload a film; its shots are looked for while the answer comes."""
    settings = state.settings
    with state.films.uploading():
        film = None
        try:
            film = await state.films.place(query.name[:MAX_NAME] or THE_FILM, query.partial)
            await write_body(request, settings, film.path)
            await film.read(settings.max_film_seconds, settings.max_pixels)
        except BaseException as error:
            if film is not None:
                await film.close()
            if isinstance(error, OSError):
                raise no_space(error) from None
            raise
        state.films.add(film)
    response.headers["Location"] = f"{request.url.path}/{film.id}"
    return _info(film, state)


@router.head("/{film_id}", include_in_schema=False)
@router.get("/{film_id}")
async def show_film(film_id: str, state: State) -> FilmInfo:
    """Describe a film, and how far it is; this counts as using it."""
    return _info(state.films.get(film_id), state)


@router.delete("/{film_id}", status_code=204)
async def remove_film(film_id: str, state: State) -> None:
    """Remove a film with all that was made of it; what is being done with it ends."""
    await state.films.remove(film_id)


@router.post("/{film_id}/color", status_code=202, openapi_extra=json_body(ColorFilmRequest))
async def color_film(film_id: str, request: Request, state: State) -> FilmInfo:
    """Color a film, or a part of it; one film is colored at a time, the others wait.

    The work goes on when nobody asks. What was finished of the whole film before it was canceled is
    kept, and the same request goes on there.
    """
    film = state.films.get(film_id)
    asked = await read_json(request, state, ColorFilmRequest)
    order = await state.jobs.parse(lambda: _order(asked, film, state))
    film = state.films.get(film_id)  # it may have been removed meanwhile
    _check_idle(film)
    film.color(order, state.films.gate)
    return _info(film, state)


@router.delete("/{film_id}/color", status_code=204)
async def cancel_coloring(film_id: str, state: State) -> None:
    """End the coloring of a film; no error if there is none."""
    film = state.films.get(film_id)
    if film.state in ("waiting", "coloring"):
        await film.cancel()


@router.head("/{film_id}/result", include_in_schema=False)
@router.get("/{film_id}/result", response_class=Response, responses=PLAYED)
async def play_result(film_id: str, state: State, download: Download = False) -> Response:
    """The whole film in color, or with the header `Range` a part of that file."""
    return _played(state.films.get(film_id), "whole", download)


@router.head("/{film_id}/preview", include_in_schema=False)
@router.get("/{film_id}/preview", response_class=Response, responses=PLAYED)
async def play_preview(film_id: str, state: State, download: Download = False) -> Response:
    """The same of the colored part that was asked for last."""
    return _played(state.films.get(film_id), "preview", download)


def _played(film: Film, kind: Kind, download: bool) -> Response:
    result = film.results.get(kind)
    if result is None:
        raise ApiError(404, "no_result", film.name, "is not colored yet", "color it first")
    ending = "-color.mp4" if kind == "whole" else "-preview.mp4"
    name = f"{Path(film.name).stem}{ending}" if download else None
    return FileResponse(result.path, media_type=MP4, filename=name)


def _check_idle(film: Film) -> None:
    """Raises `ApiError` while something is done with a film, or if it could not be read."""
    film.check_read()
    if film.is_busy:
        remedy = "cancel that, or wait for its end"
        raise ApiError(409, "coloring", film.name, "is being colored", remedy)


def _order(asked: ColorFilmRequest, film: Film, state: AppState) -> Order:
    """What was asked for.

    Raises:
        ApiError, GuidanceError, OptionError: it makes no sense for this film.
    """
    from colornet.video.codecs import coder

    _check_idle(film)
    assert film.overview is not None
    model, colorizer = state.colorizer(asked.model)
    colorizer.card.setting(asked.setting)
    source = film.source
    coder(Path("film.mp4"), source.upright, source.coding.bits, asked.codec, asked.crf)
    length = float(film.overview.length(source))
    start, end = asked.start or 0.0, asked.end
    if start >= length:
        raise invalid("from", f"{start:g} is beyond the film's end", f"it lasts {length:.2f} s")
    if end is not None and end <= start:
        raise invalid("to", f"{end:g} is not after {start:g}", "use a later time")
    return Order(
        model=state.model_sources[model],
        whole={
            "setting": asked.setting,
            "strength": asked.strength,
            "saturation": asked.saturation,
        },
        guidance=asked.guidance,
        options={
            "codec": asked.codec,
            "crf": asked.crf,
            "start": start,
            "end": None if end is None or end >= length else end,
            "partial": film.partial,
        },
    )


def _info(film: Film, state: AppState) -> FilmInfo:
    header, overview, order = film.header, film.overview, film.order
    assert header is not None
    length = None if overview is None else float(overview.length(film.source))
    part = None if order is None or length is None else _part(order, length)
    whole, preview = film.results.get("whole"), film.results.get("preview")
    notices = [] if overview is None else map(film.about, overview.survey.notices)
    return FilmInfo(
        id=film.id,
        name=film.name,
        state=film.state,
        **asdict(header),
        seconds=length,
        frames=None if overview is None else len(overview.survey.pts),
        shots=_shots(film),
        done=None if film.done is None else DoneInfo(**film.done),
        part=part,
        result=None if whole is None else ResultInfo(**_result(whole)),
        preview=None
        if preview is None or length is None
        else PreviewInfo(**_result(preview), **dict(_part(preview.order, length) or {})),
        error=film.error,
        expires_in=state.settings.idle,
        notices=[NoticeInfo(**asdict(one)) for one in notices],
    )


def _part(order: Order, length: float) -> PartInfo | None:
    """The part of the film that is asked for; None: all of it."""
    if order.kind == "whole":
        return None
    return PartInfo(start=order.start, end=length if order.end is None else order.end)


def _result(result: Result) -> dict[str, Any]:
    notices = [NoticeInfo(**asdict(one)) for one in result.notices]
    told = {"bytes": result.bytes, "type": MP4, "seconds": result.seconds}
    return told | {"notices": notices}


def _shots(film: Film) -> list[ShotInfo]:
    overview = film.overview
    if overview is None:
        return []
    base, pts = film.source.time_base, overview.survey.pts
    begins = [(pts[cut] - pts[0]) * base for cut in overview.cuts]
    ends = [*begins[1:], overview.length(film.source)]
    return [
        ShotInfo(number=number, frame=cut, at=_clock(begin), seconds=float(end - begin))
        for number, (cut, begin, end) in enumerate(zip(overview.cuts, begins, ends, strict=True), 1)
    ]


def _clock(seconds: Fraction) -> str:
    """As "00:01:02.500", never before that time, which might be in the shot before."""
    whole, rest = divmod(math.ceil(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:03d}"
