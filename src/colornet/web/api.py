"""The routes, and what they take and give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from colornet import warned
from colornet.errors import ColornetError
from colornet.guidance import Guidance
from colornet.modelfile import ModelCard
from colornet.picture import Encoding, Format, Picture, shrunk, write
from colornet.reference import Reference
from colornet.web.answers import PatientResponse
from colornet.web.canvases import Open
from colornet.web.messages import (
    ERRORS,
    GUIDANCE_SCHEMA,
    PICTURE_OUT,
    SCREEN,
    CanvasMessage,
    ModelMessage,
    ServerMessage,
    SuggestionMessage,
    VariantsWish,
    Wish,
    json_body,
    picture_body,
)
from colornet.web.problems import Refused
from colornet.web.settings import Settings
from colornet.web.state import State
from colornet.web.uploads import read_upload
from colornet.web.wishes import parsed_guidance, read_wish

PREVIEW_QUALITY = 90
AVIF_SPEED = 500_000
"""Pixels a second that are encoded at the least; unlike the others, it cannot be stopped."""
NOTICES = 20
"""Told in the header of an answer, which clients take only so much of; of more, their number."""


async def _state(request: Request) -> State:
    state: State = request.app.state.colornet
    return state


Shared = Annotated[State, Depends(_state)]
ModelName = Annotated[str | None, Query(description="One of those that `models` lists.")]
Partial = Annotated[
    bool, Query(description="Color what there is of a JPEG, PNG or TIFF that ends too early.")
]


async def _check_query(request: Request) -> None:
    """Nothing that was sent is left out in silence."""
    known = [field.alias for field in request.scope["route"].dependant.query_params]
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            mend = f"use {', '.join(known)}" if known else "leave it out"
            raise Refused(422, "invalid", name, "is unknown", mend)
        if given.count(name) > 1:
            raise Refused(422, "invalid", name, "is given more than once", "keep one")


api = APIRouter(prefix="/api/v1", responses=ERRORS, dependencies=[Depends(_check_query)])


@api.get("/models", tags=["server"])
async def models(shared: Shared) -> ServerMessage:
    """The models that are loaded, the default first, and the limits on uploads."""
    return ServerMessage(
        models=[_describe(name, one.card) for name, one in shared.colorizers.items()],
        max_bytes=shared.settings.bytes,
        max_pixels=shared.settings.pixels,
    )


@api.post(
    "/colorize",
    tags=["one picture"],
    response_class=Response,
    responses=PICTURE_OUT,
    openapi_extra=picture_body(
        {
            "guidance": {"type": "string", "contentMediaType": "application/json"},
            "reference": {"type": "string", "format": "binary"},
        }
    ),
)
async def colorize(
    request: Request,
    shared: Shared,
    model: ModelName = None,
    guidance: Annotated[str | None, Query(description="JSON; or a field of the form.")] = None,
    format: Annotated[Format | None, Query(description="By default, that of the upload.")] = None,
    quality: Annotated[int | None, Query(ge=1, le=100)] = None,
    metadata: Annotated[bool, Query(description="Keep EXIF, place and comments.")] = False,
    partial: Partial = False,
) -> Response:
    """Color a picture: the body itself, or the field `picture` of a form.

    A form may also hold `guidance`, as JSON, and another photograph as `reference`.
    """
    _, colorizer = shared.colorizer(model)
    encoding = Encoding(format, quality, strip_metadata=not metadata)
    with shared.canvases.uploading() as reservation:
        upload = await read_upload(request, shared.settings, reservation)
        if guidance is not None and upload.guidance is not None:
            raise Refused(422, "invalid", "guidance", "is given more than once", "keep one")
        text = upload.guidance if guidance is None else guidance
        wish = await shared.jobs.parse(lambda: parsed_guidance(text))

        def work() -> Colored:
            with warned.collected() as found, _named(upload.name):
                canvas = colorizer.open(upload.picture, partial=partial)
                format = _format(encoding, canvas.picture, shared.settings)
                with _named(upload.reference_name):
                    guided = colorizer.prepared(replace(wish, reference=upload.reference))
                result = write(canvas.picture, canvas.colorize(guided), None, encoding)
            return Colored(result, format, found)

        colored = await shared.jobs.run(work, request.receive)
    return _answer(colored, shared)


@api.post("/canvases", status_code=201, tags=["canvases"], openapi_extra=picture_body({}))
async def open_canvas(
    request: Request,
    shared: Shared,
    response: Response,
    model: ModelName = None,
    partial: Partial = False,
) -> CanvasMessage:
    """Open a photograph, to be colored as often as one likes; it is kept in memory for a while."""
    name, colorizer = shared.colorizer(model)
    with shared.canvases.uploading() as reservation:
        upload = await read_upload(request, shared.settings, reservation, ("picture",))

        def work() -> Open:
            with warned.collected() as found, _named(upload.name):
                canvas = colorizer.open(upload.picture, partial=partial)
                small = shrunk(canvas.picture, SCREEN)
            return Open(canvas, name, small, found, len(upload.picture))

        opened = await shared.jobs.run(work, request.receive)
    canvas_id = shared.canvases.add(opened)
    response.headers["Location"] = f"{request.url.path}/{canvas_id}"
    return _canvas_message(canvas_id, opened, shared)


@api.get("/canvases/{canvas_id}", tags=["canvases"])
async def show_canvas(canvas_id: str, shared: Shared) -> CanvasMessage:
    """Whether a photograph is still open; asking keeps it so."""
    return _canvas_message(canvas_id, shared.canvases.get(canvas_id), shared)


@api.delete("/canvases/{canvas_id}", status_code=204, tags=["canvases"])
async def close_canvas(canvas_id: str, shared: Shared) -> None:
    """Let go of a photograph."""
    shared.canvases.close(canvas_id)


@api.post(
    "/canvases/{canvas_id}/colorize",
    tags=["canvases"],
    response_class=Response,
    responses=PICTURE_OUT,
    openapi_extra=json_body(Wish),
)
async def colorize_canvas(canvas_id: str, request: Request, shared: Shared) -> Response:
    """Color an open photograph: all of it, a small copy for a screen, or a part at full size."""
    opened = shared.canvases.get(canvas_id)
    wish = await read_wish(request, shared, Wish)
    reference = _reference(wish.reference, shared)
    encoding = Encoding(wish.format, wish.quality, strip_metadata=not wish.metadata)
    whole = opened.canvas.picture
    if wish.region:
        _check_region(wish.region, whole)
    if wish.side or wish.region:
        encoding = Encoding("jpeg", wish.quality or PREVIEW_QUALITY, strip_metadata=True)

    def work() -> Colored:
        picture = shrunk(opened.small, wish.side) if wish.side and not wish.region else whole
        format = _format(encoding, picture, shared.settings)
        with warned.collected() as found:
            rgb = opened.canvas.colorize(replace(wish.guidance, reference=reference()), picture)
            if wish.region:
                rgb = rgb.crop(*wish.region)
            result = write(picture, rgb, None, encoding)
        return Colored(result, format, found)

    return _answer(await shared.jobs.run(work, request.receive), shared)


@api.get("/canvases/{canvas_id}/suggestions", tags=["canvases"])
async def suggestions(
    canvas_id: str,
    request: Request,
    shared: Shared,
    x: Annotated[float, Query(ge=0, allow_inf_nan=False, description="Pixels from the left.")],
    y: Annotated[float, Query(ge=0, allow_inf_nan=False, description="Pixels from the top.")],
    n: Annotated[int, Query(ge=1, le=24)] = 8,
) -> list[SuggestionMessage]:
    """Colors that the model holds possible at a place, the likeliest first."""
    canvas = shared.canvases.get(canvas_id).canvas
    found = await shared.jobs.run(lambda: canvas.suggest(x, y, n), request.receive)
    return [SuggestionMessage(color=s.color, probability=s.probability) for s in found]


@api.post(
    "/canvases/{canvas_id}/variants", tags=["canvases"], openapi_extra=json_body(VariantsWish)
)
async def variants(
    canvas_id: str, request: Request, shared: Shared
) -> list[Annotated[dict[str, Any], Field(json_schema_extra=GUIDANCE_SCHEMA)]]:
    """Guidance for other plausible colorizations, the likeliest first; the first is the usual."""
    canvas = shared.canvases.get(canvas_id).canvas
    wish = await read_wish(request, shared, VariantsWish)
    reference = _reference(wish.reference, shared)

    def work() -> list[Guidance]:
        return canvas.variants(wish.n, replace(wish.guidance, reference=reference()))

    return [one.to_json() for one in await shared.jobs.run(work, request.receive)]


def _describe(name: str, card: ModelCard) -> ModelMessage:
    return ModelMessage(
        name=name,
        title=card.title,
        description=card.description,
        license=card.license,
        weaknesses=list(card.weaknesses),
        settings=list(card.settings),
        hints=card.hints,
        suggestions=bool(card.bins),
    )


def _canvas_message(canvas_id: str, opened: Open, shared: State) -> CanvasMessage:
    picture = opened.canvas.picture
    return CanvasMessage(
        id=canvas_id,
        model=opened.model,
        width=picture.width,
        height=picture.height,
        format=picture.format or "png",
        expires_in=shared.settings.idle,
        notices=opened.notices,
    )


def _reference(canvas_id: str | None, shared: State) -> Callable[[], Reference | None]:
    """What another open photograph tells, to be computed in a thread, the first time."""
    other = None if canvas_id is None else shared.canvases.get(canvas_id)
    return lambda: other.reference if other else None


def _check_region(region: tuple[int, int, int, int], picture: Picture) -> None:
    x, y, width, height = region
    inside = x >= 0 and y >= 0 and x + width <= picture.width and y + height <= picture.height
    if not inside or width < 1 or height < 1:
        reason = f"is not inside the picture's {picture.width} x {picture.height} pixels"
        raise Refused(422, "invalid", "region", reason, "use x, y, width, height within it")


@dataclass(frozen=True)
class Colored:
    """A picture to be sent."""

    result: bytes
    format: str
    notices: list[str]


def _answer(colored: Colored, shared: State) -> Response:
    told = colored.notices[:NOTICES]
    if more := len(colored.notices) - len(told):
        told.append(f"and {more:,} more of the kind")
    text = quote("\n".join(told), safe=" ;:,.()", errors="replace")
    headers = {"Colornet-Notices": text} if told else {}
    kind = f"image/{colored.format}"
    return PatientResponse(colored.result, kind, headers, shared.settings.seconds, shared.canvases)


def _format(encoding: Encoding, picture: Picture, settings: Settings) -> str:
    """The format of a picture's result.

    Raises:
        Refused: it takes longer to encode than it may, and could not be stopped.
    """
    format = encoding.format or picture.format or "png"
    if format == "avif" and picture.width * picture.height > AVIF_SPEED * settings.seconds:
        reason = f"takes too long for {picture.width} x {picture.height} pixels"
        raise Refused(422, "invalid", "format", f"AVIF {reason}", "ask for another, such as jpeg")
    return format


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors about a picture speak of it by the name that the client gave it."""
    try:
        yield
    except ColornetError as error:
        if name and error.subject == "the picture":
            raise type(error)(name[:200], error.reason, error.mend) from None
        raise
