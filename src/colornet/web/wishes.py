"""What a request asks for, read from its JSON."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from colornet.guidance import Guidance
from colornet.web.messages import VariantsWish, Wish
from colornet.web.problems import Refused
from colornet.web.state import State
from colornet.web.uploads import read_body

M = TypeVar("M", Wish, VariantsWish)


async def read_wish(request: Request, shared: State, kind: type[M]) -> tuple[M, Guidance]:
    """The body as that kind of message; an empty body asks for nothing special."""
    with shared.canvases.uploading() as reservation:
        body = await read_body(request, shared.settings, reservation)

        def parse() -> tuple[M, Guidance]:
            wish = _message(kind, _parse(body))
            return wish, _guidance(wish.guidance)

        return await shared.jobs.parse(parse)


def _message(kind: type[M], value: Any) -> M:
    try:
        if isinstance(value, dict):  # each unknown key would be a complaint, and one will do
            value = dict(islice(value.items(), len(kind.model_fields) + 1))
        return kind.model_validate({} if value is None else value)
    except ValidationError as error:
        found: list[Any] = error.errors(
            include_url=False, include_context=False, include_input=False
        )
        where = ("body", *found[0]["loc"])
        raise RequestValidationError([{**found[0], "loc": where}]) from None


def _parse(text: str | bytes | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON ({str(error).splitlines()[0]})"
        raise Refused(422, "invalid", "the JSON", reason, "mend it there") from None


def parsed_guidance(text: str | bytes | None) -> Guidance:
    """The guidance that a text holds, of no text the usual one.

    Raises:
        Refused: it is no JSON.
        GuidanceError: it makes no sense.
    """
    return _guidance(_parse(text))


def _guidance(value: Any) -> Guidance:
    return Guidance() if value is None else Guidance.from_json(value)
