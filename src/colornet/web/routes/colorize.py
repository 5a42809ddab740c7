"""Color a picture in one request."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from colornet.guidance import Guidance
from colornet.picture import write
from colornet.web.bodies import parsed
from colornet.web.encoding import encoding_of, result_format
from colornet.web.forms import read_upload
from colornet.web.naming import THE_REFERENCE, UNNAMED, errors_about, notices_about
from colornet.web.openapi import COLORED, UPLOADED_PICTURES, file_body
from colornet.web.responses import Colored, colored_response
from colornet.web.routes.dependencies import API, State
from colornet.web.schemas import ColorizeForm, ColorizeOptions

router = APIRouter(prefix=f"{API}/colorize", tags=["one picture"])


@router.post(
    "",
    response_class=Response,
    responses=COLORED,
    openapi_extra=file_body(UPLOADED_PICTURES, ColorizeForm),
)
async def colorize(
    request: Request, state: State, query: Annotated[ColorizeOptions, Query()]
) -> Response:
    """Color a picture: the body itself, or the field `picture` of a form.

    A form may also hold another photograph as `reference`, and each option that the query has.
    """
    settings = state.settings
    with state.canvases.uploading() as reservation:
        upload = await read_upload(request, settings, reservation, query, ("picture", "reference"))
        options = upload.options
        _, colorizer = state.colorizer(options.model)
        encoding = encoding_of(options)
        text = upload.files.get("guidance", options.guidance)
        guidance = await state.jobs.parse(lambda: _guidance(text))
        name = upload.names.get("picture", UNNAMED)
        reference_name = upload.names.get("reference", THE_REFERENCE)

        def work() -> Colored:
            with errors_about(name):
                canvas = colorizer.encode(upload.picture, **options.opening)
            with errors_about(reference_name):
                reference = upload.files.get("reference")
                guided, of_reference = colorizer.prepare(replace(guidance, reference=reference))
            with errors_about(name):
                picture = canvas.picture
                rgb = canvas.render(guided)
                format = result_format(encoding, picture, rgb, settings)
                written = write(picture, rgb, None, encoding)
            notices = notices_about(name, (*canvas.notices, *written.notices))
            of_reference = notices_about(reference_name, of_reference)
            return Colored(written.result, format, of_reference + notices)

        colored = await state.jobs.run(work, request.receive)
    return colored_response(colored, options.notices, state)


def _guidance(text: str | bytes | None) -> Guidance:
    return Guidance() if text is None else Guidance.from_json(parsed(text, "guidance"))
