"""Models of requests about films and of their answers."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from colornet.errors import GuidanceError
from colornet.guidance.checks import MAX_HINTS
from colornet.web.schemas import ErrorDetail, File, HintSchema, LookSchema, NoticeInfo

WIDEST = 4096
"""Of a still, in pixels."""
Codec = Literal["h264", "hevc", "av1", "vp9"]
"""Those that go into MP4."""


class FilmOptions(BaseModel):
    """Options of an upload, in the query or in a form."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", description="Of the file, for messages and for the result's name.")
    partial: bool = Field(False, description="Take what can be read of a damaged film.")


class FilmForm(FilmOptions):
    """A film in a form."""

    film: File


class ShotSchema(LookSchema):
    """What is said about one shot, as in the files of `colornet video --guidance`.

    What is left out is as in the whole film.
    """

    model_config = ConfigDict(extra="forbid", title="ShotGuidance")

    at: int | str = Field(
        description="A frame of the shot, from 0, or a time in it.", examples=[93, "00:01:02.5"]
    )
    hints: list[HintSchema] = Field(
        [], max_length=MAX_HINTS, description="Where their things are in that very frame."
    )
    variant: int = Field(0, ge=0)


class FilmGuidanceSchema(BaseModel):
    """What is said about a film's shots."""

    model_config = ConfigDict(extra="forbid", title="FilmGuidance")

    version: Literal[1]
    shots: list[ShotSchema] = []


def _checked(value: Any) -> Any:
    """The value, which is the JSON of a film's guidance.

    Raises:
        GuidanceError: it makes no sense, or names a file as a reference.
    """
    from colornet.video.hints import FilmGuidance

    for number, shot in enumerate(FilmGuidance.from_json(value).shots):
        if shot.guidance.reference is not None:
            subject = f"shots[{number}].reference"
            raise GuidanceError(subject, "would be a file on the server", "leave it out")
    return json.loads(json.dumps(value))  # of plain objects


CheckedFilmGuidance = Annotated[
    Any, PlainValidator(_checked, json_schema_input_type=FilmGuidanceSchema)
]
"""JSON of a film's guidance, with the library's own errors."""
GUIDANCE = Field(default_factory=lambda: {"version": 1})


class ColorFilmRequest(LookSchema):
    """How to color a film."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str | None = Field(None, description="One of those that `models` lists.")
    codec: Codec = Field("h264", description="Of the result, an MP4.")
    crf: int | None = Field(
        None, ge=0, le=63, description="Quality, smaller is better; by default the codec's usual."
    )
    start: float | None = Field(
        None, alias="from", ge=0, allow_inf_nan=False, description="Seconds; for a preview."
    )
    end: float | None = Field(
        None, alias="to", ge=0, allow_inf_nan=False, description="Seconds; for a preview."
    )
    guidance: CheckedFilmGuidance = GUIDANCE


class PlacesRequest(BaseModel):
    """Hints of a shot, to be found in another frame of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    guidance: CheckedFilmGuidance = GUIDANCE


class PlaceInfo(BaseModel):
    """Where a hint is in a frame."""

    hint: str = Field(examples=["shots[0].hints[0]"])
    points: list[tuple[float, float]] = Field(
        description="Those that are seen, in fractions of width and height."
    )


class ShotInfo(BaseModel):
    """A shot: what lies between two cuts."""

    number: int = Field(description="From 1.")
    frame: int = Field(description="Its first one, from 0.")
    at: str = Field(description="When it begins.", examples=["00:00:04.200"])
    seconds: float
    again: int | None = Field(
        description="Number of the first shot with the picture that it shows again; null: none."
    )


class DoneInfo(BaseModel):
    """How far the coloring is."""

    frames: int
    of: int
    shots: int
    left_seconds: float | None = Field(description="About; null: not known yet.")
    read: int = Field(description="Frames looked at, which come before the colored ones.")


class PartInfo(BaseModel):
    """A part of a film, in seconds."""

    start: float = Field(serialization_alias="from")
    end: float = Field(serialization_alias="to")


class ResultInfo(BaseModel):
    """A colored film that can be downloaded."""

    order: str = Field(description="Of what was asked for; see the film's own.")
    bytes: int
    type: str = Field(examples=["video/mp4"])
    seconds: float
    notices: list[NoticeInfo]


class PreviewInfo(PartInfo, ResultInfo):
    """A colored part of a film that can be downloaded."""


class FilmInfo(BaseModel):
    """A film."""

    id: str
    name: str
    state: Literal["reading", "ready", "waiting", "coloring", "failed"]
    width: int = Field(description="Of a frame, upright, in the film's own pixels.")
    height: int
    pixel_aspect: float = Field(description="Width of such a pixel to its height.")
    fps: float = Field(description="Frames a second, about.")
    seconds: float | None = Field(description="Null while it is read.")
    frames: int | None = Field(description="Null while it is read.")
    shots: list[ShotInfo]
    done: DoneInfo | None = Field(description="Null unless it is being colored.")
    order: str | None = Field(
        description="Of what was asked for last; a result of another one was made before."
    )
    part: PartInfo | None = Field(description="That was asked for last; null: all of it.")
    result: ResultInfo | None = Field(description="The whole film in color; null: there is none.")
    preview: PreviewInfo | None = Field(description="The last part in color; null: there is none.")
    error: ErrorDetail | None = Field(description="Why the last work failed; null: it did not.")
    expires_in: float = Field(description="Seconds until it is removed if nobody asks for it.")
    notices: list[NoticeInfo]
