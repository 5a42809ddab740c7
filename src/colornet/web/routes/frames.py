"""Single frames of films: as stills, and as photographs to be corrected."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Annotated, Any, cast

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from numpy.typing import NDArray
from PIL import Image

from colornet.errors import ColornetError
from colornet.guidance import Guidance
from colornet.guidance.raster import NamedHint
from colornet.picture import write
from colornet.web.bodies import read_json
from colornet.web.canvases import OpenCanvas
from colornet.web.errors import LESS_OF_A_FILM, ApiError
from colornet.web.films.film import Film
from colornet.web.films.schemas import WIDEST, PlaceInfo, PlacesRequest
from colornet.web.openapi import FILM_ERRORS, STILL, json_body
from colornet.web.routes.canvases import canvas_info, opened_canvas
from colornet.web.routes.dependencies import API, State
from colornet.web.schemas import CanvasInfo

QUALITY = 88
NEARER = (
    "choose a frame nearer to where they were given, or color the film, which has no such limit"
)
FrameNumber = Annotated[int, Path(ge=0, description="From 0.")]

router = APIRouter(
    prefix=f"{API}/films/{{film_id}}/frames/{{frame}}", tags=["films"], responses=FILM_ERRORS
)


@router.head("", include_in_schema=False)
@router.get("", response_class=Response, responses=STILL)
async def show_frame(
    film_id: str,
    frame: FrameNumber,
    request: Request,
    state: State,
    width: Annotated[int, Query(ge=16, le=WIDEST, description="In pixels, at most.")] = 320,
    color: Annotated[bool, Query(description="As the model colors it alone.")] = False,
) -> Response:
    """A frame as a JPEG, in gray as it is taken, or colored as a photograph would be."""
    film = _checked(state.films.get(film_id), frame)
    _, colorizer = state.colorizer(None)

    def work() -> bytes:
        shown = _scaled(film.still(frame), width)
        if color:
            canvas = colorizer.encode(shown)
            shown = write(canvas.picture, canvas.render(Guidance())).result
        return _encoded(shown, "JPEG", quality=QUALITY)

    content = await state.jobs.run(work, request.receive, LESS_OF_A_FILM)
    return Response(content, media_type="image/jpeg")


@router.post("/canvas", status_code=201)
async def open_frame(
    film_id: str,
    frame: FrameNumber,
    request: Request,
    state: State,
    response: Response,
    model: Annotated[str | None, Query(description="One of those that `models` lists.")] = None,
) -> CanvasInfo:
    """Open a frame as a photograph, to try corrections on it; it has the film's own pixels."""
    film = _checked(state.films.get(film_id), frame)
    named, colorizer = state.colorizer(model)
    name = f"{film.name}, frame {frame}"

    def work() -> OpenCanvas:
        from colornet.video.placing import CELL

        picture = _encoded(film.still(frame), "PNG", compress_level=1)
        opened = opened_canvas(colorizer, named, name, picture, len(picture))
        return replace(opened, brush=CELL)

    opened = await state.jobs.run(work, request.receive, LESS_OF_A_FILM)
    canvas_id = state.canvases.add(opened)
    response.headers["Location"] = f"{API}/canvases/{canvas_id}"
    return canvas_info(canvas_id, opened, state)


@router.post("/hints", openapi_extra=json_body(PlacesRequest))
async def find_hints(
    film_id: str, frame: FrameNumber, request: Request, state: State
) -> list[PlaceInfo]:
    """Where hints are in a frame, as coloring the film has them; not those unseen."""
    film = _checked(state.films.get(film_id), frame)
    asked = await read_json(request, state, PlacesRequest)

    def work() -> list[PlaceInfo]:
        try:
            found = _found(film, asked.guidance, frame)
        except ColornetError as error:
            raise film.renamed(error) from None
        return [PlaceInfo(hint=hint.name, points=list(hint.points)) for hint in found]

    return await state.jobs.run(work, request.receive, NEARER)


def _found(film: Film, guidance: Any, frame: int) -> tuple[NamedHint, ...]:
    """The hints that are seen in a frame, in fractions of it; in a thread.

    Raises:
        GuidanceError: it speaks of a frame that is not there, or a hint lies outside it.
        UnreadableFilm: the film cannot be read any more.
    """
    from colornet.video.hints import FilmGuidance
    from colornet.video.schedule import SIDE, schedule

    source, overview = film.source, film.overview
    assert overview is not None
    known = schedule(
        FilmGuidance.from_json(guidance),
        overview.times(source),
        overview.length(source),
        overview.cuts,
        source.upright,
        overview.looks(source, overview.survey.interlaced, SIDE),
        (frame, frame + 1),
        overview.scenes,
    )
    return tuple(cast("NamedHint", hint) for hint in known.hints.get(frame, ()))


def _checked(film: Film, frame: int) -> Film:
    """The film, if it has such a frame.

    Raises:
        ApiError: it has not, or is not read yet.
    """
    film.check_read()
    frames = len(film.overview.survey.pts) if film.overview else 0
    if frame >= frames:
        remedy = f"use 0 to {frames - 1}"
        raise ApiError(404, "no_such_frame", "frame", f"{frame} is beyond the film's end", remedy)
    return film


def _scaled(still: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """A still that is no wider; a smaller one stays as it is."""
    if still.shape[1] <= width:
        return still
    height = max(round(still.shape[0] * width / still.shape[1]), 1)
    return np.asarray(Image.fromarray(still).resize((width, height), reducing_gap=2.0))


def _encoded(pixels: NDArray[np.uint8], format: str, **options: int) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, format, **options)
    return stored.getvalue()
