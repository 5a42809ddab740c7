"""The routes, and what they take and give."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from colornet.colorizer import Colorizer
from colornet.errors import ColornetError
from colornet.guidance import MAX_REACH, MAX_SATURATION, Guidance
from colornet.modelfile import ModelCard
from colornet.picture import SUFFIXES, Encoding, Format, Picture, shrunk, write
from colornet.reference import Reference
from colornet.web import notices
from colornet.web.answers import PatientResponse
from colornet.web.canvases import Canvases, Open
from colornet.web.jobs import Jobs
from colornet.web.problems import Problems, Refused
from colornet.web.settings import Settings
from colornet.web.uploads import Upload, read_body, read_upload

T = TypeVar("T")

SCREEN = 2048
"""Pixels of the longer side of the small copy that is kept of an open photograph."""
PREVIEW_QUALITY = 90

HINT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["points", "color"],
    "additionalProperties": False,
    "properties": {
        "points": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 2,
                "maxItems": 2,
            },
            "description": "x, y from the upper left; one is a point, several are a stroke",
        },
        "color": {"type": "string", "examples": ["#2a5a2a", "skyblue", "keep"]},
        "radius": {"type": "number", "minimum": 0, "default": 0},
        "unit": {"enum": ["pixels", "fractions"], "default": "pixels"},
        "reach": {"type": "number", "minimum": 0, "maximum": MAX_REACH, "default": 1},
    },
}
GUIDANCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Guidance",
    "required": ["version"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": 1},
        "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
        "saturation": {"type": "number", "minimum": 0, "maximum": MAX_SATURATION, "default": 1},
        "setting": {"type": ["string", "null"], "default": None},
        "variant": {"type": "integer", "minimum": 0, "default": 0},
        "hints": {"type": "array", "items": HINT_SCHEMA, "default": []},
    },
    "examples": [{"version": 1, "strength": 0.8}],
}
"""The JSON of `colornet.guidance`, which checks it."""

GuidanceJson = Annotated[dict[str, Any] | None, Field(json_schema_extra=GUIDANCE_SCHEMA)]


class Wish(BaseModel):
    """How a photograph that is open is to be colored, and what of it is to be sent."""

    model_config = ConfigDict(extra="forbid")

    guidance: GuidanceJson = None
    reference: str | None = Field(None, description="The id of another open photograph.")
    format: Format | None = Field(
        None,
        description="By default, that of the upload; JPEG for HEIC, PNG for others only read.",
    )
    quality: int | None = Field(None, ge=1, le=100)
    metadata: bool = Field(False, description="Keep EXIF, place and comments.")
    side: int | None = Field(
        None, ge=16, le=SCREEN, description="Of the longer side at most: a JPEG for a screen."
    )
    region: tuple[int, int, int, int] | None = Field(
        None, description="x, y, width, height in pixels: a JPEG of that part at full size."
    )


class VariantsWish(BaseModel):
    """What other colorizations are asked for."""

    model_config = ConfigDict(extra="forbid")

    guidance: GuidanceJson = None
    reference: str | None = None
    n: int = Field(4, ge=1, le=8)


class CanvasMessage(BaseModel):
    """A photograph that is open."""

    id: str
    model: str
    width: int = Field(description="In pixels, upright.")
    height: int
    format: str
    expires_in: float = Field(description="Seconds until it is closed if nobody uses it.")
    notices: list[str] = Field(description="What may not be as expected, one line each.")


class SuggestionMessage(BaseModel):
    """A color that the model holds possible at a place."""

    color: str = Field(examples=["#7aa05c"])
    probability: float


class ModelMessage(BaseModel):
    """A model, and what guidance it can use."""

    name: str
    title: str
    description: str
    license: str
    weaknesses: list[str]
    settings: list[str] = Field(description="The default first.")
    hints: bool
    suggestions: bool


class ServerMessage(BaseModel):
    """The models that are loaded, the default first, and what is asked of uploads."""

    models: list[ModelMessage]
    max_bytes: int
    max_pixels: int


class Health(BaseModel):
    """Whether the server answers."""

    status: Literal["ok"] = "ok"


@dataclass(frozen=True)
class State:
    """What the routes share; one for each application."""

    settings: Settings
    colorizers: dict[str, Colorizer]
    jobs: Jobs
    canvases: Canvases

    def colorizer(self, name: str | None) -> tuple[str, Colorizer]:
        """The model of that name, never of a path.

        Raises:
            Refused: there is none.
        """
        name = name or next(iter(self.colorizers))
        if name not in self.colorizers:
            mend = f"use {' or '.join(self.colorizers)}"
            raise Refused(404, "no_such_model", "model", "there is none of that name", mend)
        return name, self.colorizers[name]


async def _state(request: Request) -> State:
    state: State = request.app.state.colornet
    return state


Shared = Annotated[State, Depends(_state)]
ModelName = Annotated[str | None, Query(description="One of those that `models` lists.")]
Partial = Annotated[
    bool, Query(description="Color what there is of a JPEG, PNG or TIFF that ends too early.")
]

PICTURE_TYPES = tuple(f"image/{format}" for format in SUFFIXES)
READ_TYPES = (
    *("image/heic", "image/heif", "image/gif", "image/bmp", "image/jp2", "image/jxl"),
    *("image/x-portable-bitmap", "image/x-portable-graymap", "image/x-portable-pixmap"),
)
"""Those of uploads that a result cannot have."""
BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURE_OUT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture in color.",
        "content": dict.fromkeys(PICTURE_TYPES, BINARY),
        "headers": {
            "Colornet-Notices": {
                "description": "What may not be as expected; percent-encoded, one line each.",
                "schema": {"type": "string"},
            }
        },
    }
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problems, "description": description}
    for status, description in {
        400: "The request makes no sense.",
        401: "The token is missing or wrong.",
        403: "The request comes from a page of another origin.",
        404: "There is no such canvas or model.",
        408: "The upload took too long.",
        413: "The upload or the picture is too large.",
        421: "The server does not know that host name.",
        422: "The picture cannot be read, or what was asked for makes no sense.",
        503: "There is too much to do; Retry-After says when to ask again.",
    }.items()
}


def _picture_body(form: dict[str, Any]) -> dict[str, Any]:
    properties = {"picture": {"type": "string", "format": "binary"}} | form
    schema = {"type": "object", "required": ["picture"], "properties": properties}
    content: dict[str, Any] = dict.fromkeys(
        (*PICTURE_TYPES, *READ_TYPES, "application/octet-stream"), BINARY
    )
    return {
        "requestBody": {
            "required": True,
            "content": content | {"multipart/form-data": {"schema": schema}},
        }
    }


def _json_body(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


api = APIRouter(prefix="/api/v1", responses=ERRORS)


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
    openapi_extra=_picture_body(
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
        wish = _guidance(_parse(guidance or upload.fields.get("guidance")))

        def work() -> Response:
            with notices.collected() as found:
                canvas = colorizer.open(upload.picture, partial=partial)
                rgb = canvas.colorize(replace(wish, reference=upload.reference))
                result = write(canvas.picture, rgb, None, encoding)
            kind = encoding.format or canvas.picture.format or "png"
            return _answer(result, kind, found, shared.settings)

        return await shared.jobs.run(_naming(upload, work), request.receive)


@api.post("/canvases", status_code=201, tags=["canvases"], openapi_extra=_picture_body({}))
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
        upload = await read_upload(request, shared.settings, reservation)

        def work() -> Open:
            with notices.collected() as found:
                canvas = colorizer.open(upload.picture, partial=partial)
            return Open(canvas, name, shrunk(canvas.picture, SCREEN), found, len(upload.picture))

        opened = await shared.jobs.run(_naming(upload, work), request.receive)
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
    openapi_extra=_json_body(Wish),
)
async def colorize_canvas(canvas_id: str, request: Request, shared: Shared) -> Response:
    """Color an open photograph: all of it, a small copy for a screen, or a part at full size."""
    opened = shared.canvases.get(canvas_id)
    wish = await _read_json(request, shared, Wish)
    guidance, reference = _guidance(wish.guidance), _reference(wish.reference, shared)
    encoding = Encoding(wish.format, wish.quality, strip_metadata=not wish.metadata)
    whole = opened.canvas.picture
    if wish.region:
        _check_region(wish.region, whole)
    if wish.side or wish.region:
        encoding = Encoding("jpeg", wish.quality or PREVIEW_QUALITY, strip_metadata=True)

    def work() -> Response:
        picture = shrunk(opened.small, wish.side) if wish.side and not wish.region else whole
        with notices.collected() as found:
            rgb = opened.canvas.colorize(replace(guidance, reference=reference()), picture)
            if wish.region:
                rgb = rgb.crop(*wish.region)
            result = write(picture, rgb, None, encoding)
        kind = encoding.format or whole.format or "png"
        return _answer(result, kind, found, shared.settings)

    return await shared.jobs.run(work, request.receive)


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
    "/canvases/{canvas_id}/variants", tags=["canvases"], openapi_extra=_json_body(VariantsWish)
)
async def variants(
    canvas_id: str, request: Request, shared: Shared
) -> list[Annotated[dict[str, Any], Field(json_schema_extra=GUIDANCE_SCHEMA)]]:
    """Guidance for other plausible colorizations, the likeliest first; the first is the usual."""
    canvas = shared.canvases.get(canvas_id).canvas
    wish = await _read_json(request, shared, VariantsWish)
    guidance, reference = _guidance(wish.guidance), _reference(wish.reference, shared)

    def work() -> list[Guidance]:
        return canvas.variants(wish.n, replace(guidance, reference=reference()))

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


M = TypeVar("M", bound=BaseModel)


async def _read_json(request: Request, shared: State, kind: type[M]) -> M:
    """The body as that kind of message; an empty body asks for nothing special."""
    with shared.canvases.uploading() as reservation:
        body = await read_body(request, shared.settings, reservation)
    try:
        return kind.model_validate(_parse(body) or {})
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from None


def _parse(text: str | bytes | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON ({str(error).splitlines()[0]})"
        raise Refused(422, "invalid", "the JSON", reason, "mend it there") from None


def _guidance(value: Any) -> Guidance:
    return Guidance() if value is None else Guidance.from_json(value)


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


def _answer(result: bytes, kind: str, found: list[str], settings: Settings) -> Response:
    headers = {"Colornet-Notices": quote("\n".join(found), safe=" ;:,.()")} if found else {}
    return PatientResponse(result, f"image/{kind}", headers, settings.seconds)


def _naming(upload: Upload, work: Callable[[], T]) -> Callable[[], T]:
    """The work, whose errors speak of the file by the name that the client gave it."""

    def named() -> T:
        try:
            return work()
        except ColornetError as error:
            if upload.name and error.subject == "the picture":
                raise type(error)(upload.name[:200], error.reason, error.mend) from None
            raise

    return named
