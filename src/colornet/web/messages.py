"""What requests and answers look like: as pydantic models, and as OpenAPI where these do not do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, Strict, WithJsonSchema

from colornet.checks import FARTHEST, MAX_HINTS, MAX_POINTS, MAX_POINTS_IN_ALL
from colornet.guidance import MAX_REACH, MAX_SATURATION, Guidance
from colornet.picture import SUFFIXES, Format
from colornet.web.problems import Problems

SCREEN = 2048
"""Pixels of the longer side of the small copy that is kept of an open photograph."""

HINT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["points", "color"],
    "additionalProperties": False,
    "properties": {
        "points": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_POINTS,
            "items": {
                "type": "array",
                "items": {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST},
                "minItems": 2,
                "maxItems": 2,
            },
            "description": "x, y from the upper left; one is a point, several are a stroke",
        },
        "color": {"type": "string", "examples": ["#2a5a2a", "skyblue", "keep"]},
        "radius": {"type": "number", "minimum": 0, "maximum": FARTHEST, "default": 0},
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
        "hints": {
            "type": "array",
            "items": HINT_SCHEMA,
            "maxItems": MAX_HINTS,
            "default": [],
            "description": f"with {MAX_POINTS_IN_ALL:,} points in all, at most",
        },
    },
    "examples": [{"version": 1, "strength": 0.8}],
}
"""The JSON of `colornet.guidance`, which checks it."""

GuidanceJson = Annotated[Any, PlainValidator(Guidance.from_json), WithJsonSchema(GUIDANCE_SCHEMA)]
"""Becomes a `Guidance`, whose own types pydantic does not have to know."""


class Wish(BaseModel):
    """How a photograph that is open is to be colored, and what of it is to be sent."""

    model_config = ConfigDict(extra="forbid", strict=True)

    guidance: GuidanceJson = Guidance()
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
    region: Annotated[tuple[int, int, int, int], Strict(False)] | None = Field(
        None, description="x, y, width, height in pixels: a JPEG of that part at full size."
    )


class VariantsWish(BaseModel):
    """What other colorizations are asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    guidance: GuidanceJson = Guidance()
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


def picture_body(form: dict[str, Any]) -> dict[str, Any]:
    """For OpenAPI: a picture as the body, or in a form beside these fields."""
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


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """For OpenAPI: a message of this kind, which may be missing."""
    schema = model.model_json_schema()
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}
