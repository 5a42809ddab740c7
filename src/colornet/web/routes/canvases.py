"""Photographs that stay open, to be colored repeatedly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Unpack

from fastapi import APIRouter, Query, Request, Response

from colornet.colorizer import Colorizer
from colornet.errors import OptionError, PictureError
from colornet.guidance import Guidance
from colornet.guidance.checks import checked_levels
from colornet.guidance.reference import Reference
from colornet.keywords import OpenKeywords
from colornet.notices import Notice
from colornet.picture import Encoding, Picture, Source, read, shrunk, write
from colornet.web.bodies import read_json
from colornet.web.canvases import OpenCanvas
from colornet.web.encoding import encoding_of, result_format
from colornet.web.errors import from_library, invalid
from colornet.web.forms import read_upload
from colornet.web.naming import THE_REFERENCE, UNNAMED, errors_about, notices_about
from colornet.web.openapi import COLORED, UPLOADED_PICTURES, file_body, json_body
from colornet.web.responses import Colored, colored_response
from colornet.web.routes.dependencies import API, State
from colornet.web.schemas import (
    SCREEN,
    CanvasInfo,
    ColorizeRequest,
    GuidanceSchema,
    MatchesRequest,
    MatchInfo,
    NoticeInfo,
    SuggestionInfo,
    UncertaintyInfo,
    UploadForm,
    UploadOptions,
    VariantsRequest,
)
from colornet.web.state import AppState

PREVIEW_QUALITY = 90
LevelsQuery = Annotated[
    str | None, Query(description="auto, or black and white as in guidance, such as 12,85.")
]

router = APIRouter(prefix=f"{API}/canvases", tags=["canvases"])


@router.post("", status_code=201, openapi_extra=file_body(UPLOADED_PICTURES, UploadForm))
async def open_canvas(
    request: Request, state: State, response: Response, query: Annotated[UploadOptions, Query()]
) -> CanvasInfo:
    """Open a photograph, to be colored repeatedly; it stays in memory while it is used."""
    with state.canvases.uploading() as reservation:
        upload = await read_upload(request, state.settings, reservation, query)
        model, colorizer = state.colorizer(upload.options.model)
        name = upload.names.get("picture", UNNAMED)

        def work() -> OpenCanvas:
            picture, options = upload.picture, upload.options.opening
            with _pages_told(picture):
                return opened_canvas(colorizer, model, name, picture, len(picture), **options)

        opened = await state.jobs.run(work, request.receive)
    canvas_id = state.canvases.add(opened)
    response.headers["Location"] = f"{request.url.path}/{canvas_id}"
    return canvas_info(canvas_id, opened, state)


@router.head("/{canvas_id}", include_in_schema=False)
@router.get("/{canvas_id}")
async def show_canvas(canvas_id: str, state: State) -> CanvasInfo:
    """Describe an open photograph; this counts as using it."""
    return canvas_info(canvas_id, state.canvases.get(canvas_id), state)


@router.delete("/{canvas_id}", status_code=204)
async def close_canvas(canvas_id: str, state: State) -> None:
    """Close a photograph."""
    state.canvases.close(canvas_id)


@router.post(
    "/{canvas_id}/colorize",
    response_class=Response,
    responses=COLORED,
    openapi_extra=json_body(ColorizeRequest),
)
async def colorize_canvas(canvas_id: str, request: Request, state: State) -> Response:
    """Color an open photograph: all of it, a small copy, or a part at full size."""
    opened = state.canvases.get(canvas_id)
    asked = await read_json(request, state, ColorizeRequest)
    reference = _reference(asked.reference, state)
    whole = opened.canvas.picture
    if asked.region:
        _check_region(asked, asked.region, whole)
    encoding = _encoding(asked)

    def work() -> Colored:
        picture = shrunk(opened.small, asked.side) if asked.side else whole
        other, of_reference = reference()
        with errors_about(opened.name):
            guidance = opened.guidance(asked.guidance, other)
            rgb = opened.canvas.render(guidance, None if picture is whole else picture)
            if asked.region:
                rgb = rgb.crop(*asked.region)
            format = result_format(encoding, picture, rgb, state.settings)
            written = write(picture, rgb, None, encoding)
        notices = of_reference + notices_about(opened.name, written.notices)
        return Colored(written.result, format, notices)

    colored = await state.jobs.run(work, request.receive)
    return colored_response(colored, asked.notices, state)


@router.head("/{canvas_id}/suggestions", include_in_schema=False)
@router.get("/{canvas_id}/suggestions")
async def list_suggestions(
    canvas_id: str,
    request: Request,
    state: State,
    x: Annotated[float, Query(ge=0, allow_inf_nan=False, description="Pixels from the left.")],
    y: Annotated[float, Query(ge=0, allow_inf_nan=False, description="Pixels from the top.")],
    n: Annotated[int, Query(ge=1, le=24, description="How many, at most.")] = 8,
    levels: LevelsQuery = None,
) -> list[SuggestionInfo]:
    """Likely colors of a place, the likeliest first."""
    canvas = state.canvases.get(canvas_id).canvas
    found = await state.jobs.run(
        lambda: canvas.suggest(x, y, n, checked_levels(levels)), request.receive
    )
    return [SuggestionInfo(color=one.color, probability=one.probability) for one in found]


@router.head("/{canvas_id}/uncertainty", include_in_schema=False)
@router.get("/{canvas_id}/uncertainty")
async def show_uncertainty(
    canvas_id: str, request: Request, state: State, levels: LevelsQuery = None
) -> UncertaintyInfo:
    """How unsure the model is of the color of each place."""
    canvas = state.canvases.get(canvas_id).canvas
    found = await state.jobs.run(
        lambda: canvas.uncertainty(checked_levels(levels)), request.receive
    )
    return UncertaintyInfo(rows=found.astype(float).round(2).tolist())  # as float32, 17 digits each


@router.post("/{canvas_id}/matches", openapi_extra=json_body(MatchesRequest))
async def list_matches(canvas_id: str, request: Request, state: State) -> list[MatchInfo]:
    """Where the things that hints of another photograph color are found in this one."""
    opened = state.canvases.get(canvas_id)
    asked = await read_json(request, state, MatchesRequest)
    source = state.canvases.get(asked.source, "source")
    hints = asked.guidance.hints
    work = partial(opened.canvas.matches, hints, source.canvas)
    found = await state.jobs.run(work, request.receive)
    return [MatchInfo(**asdict(match)) for match in found]


@router.post("/{canvas_id}/variants", openapi_extra=json_body(VariantsRequest))
async def list_variants(canvas_id: str, request: Request, state: State) -> list[GuidanceSchema]:
    """Guidance for several plausible colorizations; the first is the automatic one."""
    canvas = state.canvases.get(canvas_id).canvas
    asked = await read_json(request, state, VariantsRequest)
    reference = _reference(asked.reference, state)

    def work() -> list[Guidance]:
        other, _ = reference()
        return canvas.variants(asked.n, replace(asked.guidance, reference=other))

    found = await state.jobs.run(work, request.receive)
    return [GuidanceSchema.model_validate(one.to_json()) for one in found]


def opened_canvas(
    colorizer: Colorizer,
    model: str,
    name: str,
    picture: Source,
    size: int,
    **options: Unpack[OpenKeywords],
) -> OpenCanvas:
    """A photograph, encoded, in a thread.

    Args:
        colorizer, model: the model, and what it is called.
        name: of the photograph, for messages.
        picture: what to read.
        size: of that in bytes.
        options: see `Colorizer.open`.
    """
    with errors_about(name):
        canvas = colorizer.encode(picture, **options)
        small = shrunk(canvas.picture, SCREEN)
        _ = canvas.auto_levels  # found here, in a thread
    return OpenCanvas(canvas, name, model, small, notices_about(name, canvas.notices), size)


def canvas_info(canvas_id: str, opened: OpenCanvas, state: AppState) -> CanvasInfo:
    """What is told of an open photograph."""
    picture = opened.canvas.picture
    return CanvasInfo(
        id=canvas_id,
        model=opened.model,
        width=picture.width,
        height=picture.height,
        format=picture.format or "png",
        pages=picture.file_pages,
        auto_levels=list(opened.canvas.auto_levels),
        expires_in=state.settings.idle,
        notices=[NoticeInfo(**asdict(notice)) for notice in opened.notices],
    )


@contextmanager
def _pages_told(picture: bytes) -> Iterator[None]:
    """Tell with errors about one page how many the file has."""
    try:
        yield
    except PictureError as error:
        if (pages := _count_pages(picture)) > 1:
            raise from_library(error, pages) from None
        raise


def _count_pages(picture: bytes) -> int:
    """The pages of a TIFF, of which one may be unreadable; 1 if that cannot be known."""
    for page in (1, 2):
        try:
            return read(picture, page=page).file_pages
        except (OptionError, PictureError):
            continue
    return 1


def _reference(
    canvas_id: str | None, state: AppState
) -> Callable[[], tuple[Reference | None, tuple[Notice, ...]]]:
    """A function, to be called in a thread, that gives another open photograph as a reference."""
    if canvas_id is None:
        return lambda: (None, ())
    other = state.canvases.get(canvas_id, "reference")
    name = THE_REFERENCE if other.name == UNNAMED else other.name
    return lambda: (other.reference, notices_about(name, other.reference.notices))


def _encoding(asked: ColorizeRequest) -> Encoding:
    """The encoding that was asked for; by default, small copies and parts are JPEG.

    Raises:
        ApiError: the options contradict each other.
    """
    if not (asked.side or asked.region):
        return encoding_of(asked)
    if asked.side and asked.region:
        raise invalid("region", "cannot be combined with side", "use one of them")
    if asked.metadata:
        remedy = "leave it out, or ask for the whole picture"
        raise invalid("metadata", "is kept only in the whole picture", remedy)
    format = asked.format or "jpeg"
    quality = PREVIEW_QUALITY if asked.quality is None and format == "jpeg" else asked.quality
    return encoding_of(asked.model_copy(update={"format": format, "quality": quality}))


def _check_region(asked: ColorizeRequest, region: Sequence[int], picture: Picture) -> None:
    """Raise `ApiError` if the region is not within the picture, or needs all of it."""
    for name in ("before_after", "mark"):
        if getattr(asked, name):
            raise invalid(name, "cannot be combined with region", "use one of them")
    x, y, width, height = region
    inside = x >= 0 and y >= 0 and x + width <= picture.width and y + height <= picture.height
    if not inside or width < 1 or height < 1:
        reason = f"is not inside the picture's {picture.width} x {picture.height} pixels"
        raise invalid("region", reason, "use x, y, width, height within it")
