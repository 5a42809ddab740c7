"""Models of requests and responses; the OpenAPI document is generated from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, Strict, WithJsonSchema

from colornet.guidance import MAX_REACH, MAX_SATURATION, Guidance, Unit
from colornet.guidance.checks import FARTHEST, MAX_HINTS, MAX_POINTS, MAX_POINTS_IN_ALL
from colornet.keywords import OpenKeywords
from colornet.picture import Format

SCREEN = 2048
"""Longer side in pixels of the small copy that is kept of an open photograph."""

Coordinate = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST)]
Levels = Annotated[list[Annotated[float, Field(ge=0, le=100)]], Field(min_length=2, max_length=2)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
File = Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]


# Guidance


class HintSchema(BaseModel):
    """The color of a place, as in the JSON of `colornet.Hint`."""

    model_config = ConfigDict(extra="forbid", title="Hint")

    points: list[Point] = Field(
        min_length=1,
        max_length=MAX_POINTS,
        description="x, y from the upper left; one is a point, several are a stroke.",
    )
    color: str = Field(
        description="#RRGGBB, a CSS name or keep.", examples=["#2a5a2a", "skyblue", "keep"]
    )
    radius: float = Field(0.0, ge=0, le=FARTHEST, description="Of the brush.")
    unit: Unit = "pixels"
    reach: float = Field(1.0, ge=0, le=MAX_REACH, description="How far the color goes.")


class LookSchema(BaseModel):
    """What photographs, films and shots of these have in common of a guidance."""

    strength: float = Field(1.0, ge=0, le=1, description="From 0, gray, to 1, full color.")
    saturation: float = Field(1.0, ge=0, le=MAX_SATURATION, description="Factor on the chroma.")
    setting: str | None = Field(None, description="One of the model's; null: its first.")


class GuidanceSchema(LookSchema):
    """How a picture is to be colored, as in the JSON of `colornet.Guidance`."""

    model_config = ConfigDict(
        extra="forbid",
        title="Guidance",
        json_schema_extra={"examples": [{"version": 1, "strength": 0.8}]},
    )

    version: Literal[1]
    variant: int = Field(0, ge=0, description="0 the likeliest, 1, 2 .. other plausible colors.")
    levels: Literal["auto"] | Levels | None = Field(
        None,
        description="Black and white point of a faded print: the lightness, 0 to 100, that becomes "
        "black, and the one that becomes white; auto: as the picture needs.",
        examples=["auto", [12, 85]],
    )
    hints: list[HintSchema] = Field(
        [],
        max_length=MAX_HINTS,
        description=f"With {MAX_POINTS_IN_ALL:,} points together, at most.",
    )


CheckedGuidance = Annotated[
    Any, PlainValidator(Guidance.from_json, json_schema_input_type=GuidanceSchema)
]
"""JSON that becomes a `Guidance`, with the library's own errors."""
GUIDANCE = Field(default_factory=Guidance)


# Requests

REFERENCE = Field(None, description="The id of another open photograph.")
QUALITY = Field(None, ge=1, le=100, description="Of JPEG, WebP and AVIF; by default, high.")
NOTICES = Field(False, description="Answer with a form of all notices, as JSON, and the picture.")
MARK = Field(False, description='Write "colorized" into the lower right corner; not of a region.')


class UploadOptions(BaseModel):
    """Options of any upload, in the query or in a form."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="One of those that `models` lists.")
    partial: bool = Field(
        False, description="Color what there is of a JPEG, PNG or TIFF that ends too early."
    )
    turn: int = Field(
        0,
        ge=0,
        le=270,
        multiple_of=90,
        description="Degrees by which to turn the picture clockwise before it is colored.",
    )
    page: int | None = Field(
        None, ge=1, description="Of a TIFF with several pages, the one to color, from 1."
    )

    @property
    def opening(self) -> OpenKeywords:
        """The keywords of `Colorizer.encode`."""
        return {"partial": self.partial, "turn": self.turn, "page": self.page}


class ColorizeOptions(UploadOptions):
    """Options of `colorize`, in the query or in a form."""

    guidance: str | None = Field(
        None, description="JSON; in a form also a file.", examples=['{"version": 1}']
    )
    format: Format | None = Field(
        None,
        description="By default, that of the upload; JPEG for HEIC, PNG for others only read.",
    )
    quality: int | None = QUALITY
    metadata: bool = Field(
        False,
        description="Keep EXIF, place and comments; the note that the colors are computed stays "
        "in any case.",
    )
    mark: bool = MARK
    notices: bool = NOTICES
    before_after: bool = Field(
        False, description="The gray original beside the colors, in one picture."
    )


class UploadForm(UploadOptions):
    """A picture in a form."""

    picture: File


class ColorizeForm(ColorizeOptions):
    """A picture in a form, perhaps with a reference."""

    picture: File
    reference: File | None = Field(None, description="Another photograph, whose colors it takes.")


class ColorizeRequest(BaseModel):
    """How to color an open photograph, and which part of it to send."""

    model_config = ConfigDict(extra="forbid", strict=True)

    guidance: CheckedGuidance = GUIDANCE
    reference: str | None = REFERENCE
    format: Format | None = Field(
        None,
        description="By default, that of the upload; JPEG for HEIC, PNG for others only read; "
        "with `side` or `region`, JPEG.",
    )
    quality: int | None = QUALITY
    metadata: bool = Field(
        False,
        description="Keep EXIF, place and comments, but not with `side` or `region`; the note "
        "that the colors are computed stays in any case.",
    )
    mark: bool = MARK
    notices: bool = NOTICES
    side: int | None = Field(
        None, ge=16, le=SCREEN, description="Of the longer side at most, in pixels."
    )
    before_after: bool = Field(
        False, description="The gray original beside the colors, in one picture; not of a region."
    )
    region: Annotated[list[int], Strict(False), Field(min_length=4, max_length=4)] | None = Field(
        None, description="x, y, width, height of a part at full size, in pixels."
    )


class VariantsRequest(BaseModel):
    """Which variants to find."""

    model_config = ConfigDict(extra="forbid", strict=True)

    guidance: CheckedGuidance = GUIDANCE
    reference: str | None = REFERENCE
    n: int = Field(4, ge=1, le=8, description="How many, at most.")


class MatchesRequest(BaseModel):
    """Whose hints are to be found again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    source: str = Field(description="The id of the open photograph that has the hints.")
    guidance: CheckedGuidance = Field(description="Its guidance, of which the hints count.")


# Answers


class NoticeInfo(BaseModel):
    """Something that may not be as expected, although the request succeeded."""

    code: str = Field(description="Stable, for programs.", examples=["gain-map-left-out"])
    subject: str = Field(description="Whose: a file, a hint; may be empty.")
    text: str = Field(description="The sentence that begins with the subject.")


class ColoredForm(BaseModel):
    """A picture in color, and all notices about it."""

    notices: list[NoticeInfo]
    picture: File


class CanvasInfo(BaseModel):
    """An open photograph."""

    id: str
    model: str
    width: int = Field(description="In pixels, upright.")
    height: int
    format: str
    auto_levels: Levels = Field(
        description="The black and white point that auto finds; 0 and 100 if it needs none."
    )
    pages: int = Field(description="Of the file that was uploaded, which may be a TIFF.")
    expires_in: float = Field(description="Seconds until it is closed if nobody uses it.")
    notices: list[NoticeInfo]


class SuggestionInfo(BaseModel):
    """A likely color of a place."""

    color: str = Field(examples=["#7aa05c"])
    probability: float


class MatchInfo(BaseModel):
    """A place that looks like the one under a hint of another photograph."""

    hint: int = Field(description="Index of the hint.")
    x: float = Field(description="Fraction of the width.")
    y: float = Field(description="Fraction of the height.")
    similarity: float = Field(description="Above 0.6 it mostly is the same thing, below 1.")


class UncertaintyInfo(BaseModel):
    """How unsure the model is of the colors, on a coarse grid over the photograph."""

    rows: list[list[float]] = Field(description="From the top; 0 is sure, 1 could be of any color.")


class ErrorDetail(BaseModel):
    """What is wrong with what, and what to do about it."""

    code: str = Field(examples=["picture_too_large"])
    subject: str = Field(examples=["the picture"])
    reason: str = Field(examples=["has 9000 x 9000 pixels, more than 50,000,000 in all"])
    remedy: str = Field(examples=["make it smaller, or raise the limit"])
    pages: int | None = Field(None, description="Of a TIFF that has others to choose.")


class ErrorBody(BaseModel):
    """The body of every error response."""

    error: ErrorDetail
