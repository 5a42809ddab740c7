"""Films: uploaded, looked at, corrected shot by shot, colored, and watched."""

from __future__ import annotations

import asyncio
import math
import shutil
from bisect import bisect_right
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from colornet.errors import GuidanceError, ModelLacks, OptionError
from colornet.guidance import Guidance
from colornet.model import ModelCard
from colornet.web.bodies import read_json
from colornet.web.errors import LESS_OF_A_FILM, ApiError, invalid
from colornet.web.film_uploads import no_space, receive_film
from colornet.web.films.film import Film
from colornet.web.films.orders import Order, Result
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
from colornet.web.jobs import answered
from colornet.web.openapi import FILM_ERRORS, UPLOADED_FILMS, file_body, json_body
from colornet.web.routes.dependencies import API, State
from colornet.web.schemas import LookSchema, NoticeInfo
from colornet.web.state import AppState

router = APIRouter(prefix=f"{API}/films", tags=["films"], responses=FILM_ERRORS)


@router.post("", status_code=201, openapi_extra=file_body(UPLOADED_FILMS, FilmForm))
async def upload_film(
    request: Request, state: State, response: Response, query: Annotated[FilmOptions, Query()]
) -> FilmInfo:
    """Upload a film; its shots are looked for while the answer comes."""
    settings = state.settings
    with state.films.uploading():
        folder = film = None
        try:
            folder = await state.films.make_folder()
            film = await receive_film(request, settings, folder, query)
            pixels = min(settings.max_pixels, settings.max_film_pixels)
            reading = asyncio.create_task(film.read(settings.max_film_seconds, pixels))
            await answered(reading, request.receive, settings.timeout, LESS_OF_A_FILM)
        except BaseException as error:
            if film is not None:
                await film.cancel()
            if folder is not None:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
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
    from colornet.video.hints import FilmGuidance
    from colornet.video.placing import placed

    _check_idle(film)
    overview = film.overview
    assert overview is not None
    assert film.header is not None
    model, colorizer = state.colorizer(asked.model)
    _check_model("", Guidance(setting=asked.setting), colorizer.card)
    source, suffix = film.source, film.header.suffix
    size, bits = (source.width, source.height), source.coding.bits
    coder(Path(f"film{suffix}"), size, bits, asked.codec, asked.crf)
    length = overview.length(source)
    start, end = asked.start or 0.0, asked.end
    try:
        overview.span(source, start, end)
    except OptionError as error:
        field = "from" if end is None or start >= length else "to"
        raise invalid(field, "leaves no frame", error.remedy) from None
    shots = FilmGuidance.from_json(asked.guidance).shots
    for number, shot in enumerate(placed(shots, overview.times(source), length, source.upright)):
        _check_model(f"shots[{number}].", shot.guidance, colorizer.card)
    return Order(
        model=state.model_sources[model],
        whole=asked.model_dump(include={*LookSchema.model_fields}),
        guidance=asked.guidance,
        options={
            "codec": asked.codec,
            "crf": asked.crf,
            "start": start,
            "end": None if end is None or end >= length else end,
            "partial": film.partial,
        },
        suffix=suffix,
    )


def _check_model(prefix: str, guidance: Guidance, card: ModelCard) -> None:
    """Raises `GuidanceError` if a model cannot do what is asked; `prefix` says of what."""
    try:
        card.setting(guidance.setting)
    except ModelLacks as error:
        raise GuidanceError(f"{prefix}setting", error.reason, error.remedy) from None
    if guidance.hints and not card.hints:
        raise GuidanceError(
            f"{prefix}hints", f"are not supported by {card.name}", "use another model"
        )


def _info(film: Film, state: AppState) -> FilmInfo:
    header, overview, order = film.header, film.overview, film.order
    assert header is not None
    length = None if overview is None else float(overview.length(film.source))
    told = asdict(header)
    del told["suffix"]
    part = None if order is None or length is None else _part(order, length)
    whole, preview = film.results.get("whole"), film.results.get("preview")
    notices = [] if overview is None else map(film.about, overview.survey.notices)
    return FilmInfo(
        id=film.id,
        name=film.name,
        state=film.state,
        **told,
        seconds=length,
        frames=None if overview is None else len(overview.survey.pts),
        shots=_shots(film),
        done=None if film.done is None else DoneInfo(**film.done),
        order=None if order is None else order.id,
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
    told = {"bytes": result.bytes, "type": result.type, "seconds": result.seconds}
    return told | {"order": result.order.id, "notices": notices}


def _shots(film: Film) -> list[ShotInfo]:
    overview = film.overview
    if overview is None:
        return []
    times = overview.times(film.source)
    begins = [Fraction(0), *(times[cut] for cut in overview.cuts[1:])]
    ends = [*begins[1:], overview.length(film.source)]
    again = {cut: bisect_right(overview.cuts, last) for cut, last in overview.scenes}
    return [
        ShotInfo(
            number=number,
            frame=cut,
            at=_clock(begin),
            seconds=float(end - begin),
            again=again.get(cut),
        )
        for number, (cut, begin, end) in enumerate(zip(overview.cuts, begins, ends, strict=True), 1)
    ]


def _clock(seconds: Fraction) -> str:
    """As "00:01:02.500", never before that time, which might be in the shot before."""
    whole, rest = divmod(math.ceil(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:03d}"
