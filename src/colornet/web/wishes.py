"""What a request asks for, read from its JSON."""

from __future__ import annotations

from itertools import islice
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from colornet.checks import JsonObject, parse_json
from colornet.guidance import Guidance
from colornet.web.messages import VariantsWish, Wish
from colornet.web.problems import Refused
from colornet.web.state import State
from colornet.web.uploads import read_body

M = TypeVar("M", Wish, VariantsWish)


async def read_wish(request: Request, shared: State, kind: type[M]) -> M:
    """The body as that kind of message; an empty body asks for nothing special."""
    with shared.canvases.uploading() as reservation:
        body = await read_body(request, shared.settings, reservation)

        def parse() -> M:
            return _message(kind, _parse(body or b"{}", "the JSON"))

        return await shared.jobs.parse(parse)


def _message(kind: type[M], value: Any) -> M:
    if not isinstance(value, JsonObject):
        raise Refused(422, "invalid", "the body", "is no JSON object", "use {..}")
    if value.repeated is not None:
        raise Refused(422, "invalid", value.repeated, "is given more than once", "keep one")
    # each unknown key would be a complaint, and one will do
    fields = dict(islice(value.items(), len(kind.model_fields) + 1))
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        found: list[Any] = error.errors(
            include_url=False, include_context=False, include_input=False
        )
        where = ("body", *found[0]["loc"])
        raise RequestValidationError([{**found[0], "loc": where}]) from None


def _parse(text: str | bytes, subject: str) -> Any:
    try:
        return parse_json(text)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON ({str(error).splitlines()[0]})"
        raise Refused(422, "invalid", subject, reason, "correct it there") from None


def parsed_guidance(text: str | bytes | None) -> Guidance:
    """The guidance that a text holds; None: the usual one.

    Raises:
        Refused: it is no JSON.
        GuidanceError: it makes no sense.
    """
    return Guidance() if text is None else Guidance.from_json(_parse(text, "guidance"))
