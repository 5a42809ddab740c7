"""Uploads: a picture as the body, or in a form beside a reference, guidance and options."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from colornet.web.bodies import JSON_BYTES, invalid_field, stream_body, too_large
from colornet.web.canvases import Reservation
from colornet.web.errors import invalid, of_wrong_kind, printable, repeated, unknown
from colornet.web.schemas import UploadOptions
from colornet.web.settings import MEBIBYTE, Settings

# Clients are told what is wrong with their forms; the server's log does not have to be.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

MAX_FILES = 3
MAX_FIELDS = 16
SEND_FORM = "send multipart/form-data with the picture in the field picture"
FAULTS = {
    "Missing boundary": (
        "has no boundary in the header Content-Type",
        "leave that header to the client, which adds one",
    ),
    "Too many files": (f"has more than {MAX_FILES} files", SEND_FORM),
    "Too many fields": (f"has more than {MAX_FIELDS} fields", SEND_FORM),
    "Part exceeded": (f"has a field of more than {JSON_BYTES // MEBIBYTE} MiB", "shorten it"),
    "The Content-Disposition": ("has a part without a name", SEND_FORM),
}
"""Reason and remedy by how the parser's messages begin."""

O = TypeVar("O", bound=UploadOptions)  # noqa: E741


@dataclass(frozen=True)
class Upload(Generic[O]):
    """The content of one request.

    Attributes:
        options: of the query and the form together.
        files: the fields that are files, by name; `picture` is always there.
        names: of those files, as the client calls them, for use in messages.
    """

    options: O
    files: Mapping[str, bytes]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def picture(self) -> bytes:
        """The file to be colored."""
        return self.files["picture"]


async def read_upload(
    request: Request,
    settings: Settings,
    reservation: Reservation,
    query: O,
    files: tuple[str, ...] = ("picture",),
) -> Upload[O]:
    """A picture: the body itself, or the field `picture` of a form.

    Args:
        request: whose body has not been read yet.
        settings: limits on it.
        reservation: of memory for it.
        query: the options that the request's query gives; a form may have the others.
        files: the names of fields that are files.

    Raises:
        ApiError: too large, too slow, no picture in it, a form that is damaged, or a field that is
            unknown, invalid or given more than once.
    """
    stream = stream_body(request, settings, settings.max_bytes, reservation)
    if not request.headers.get("content-type", "").lower().startswith("multipart/"):
        return Upload(query, {"picture": b"".join([chunk async for chunk in stream])})
    form = await _parse(request, stream)
    options = type(query).model_fields.keys()
    for name, value in form.multi_items():
        _check_field(name, value, files, options)
        if len(form.getlist(name)) > 1 or name in request.query_params:
            raise repeated(name)
    if "picture" not in form:
        raise invalid("picture", "is missing", "send a file in the field picture")
    sent = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
    if "guidance" in sent and (sent["guidance"].size or 0) > JSON_BYTES:
        raise too_large(JSON_BYTES)
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        merged = type(query).model_validate(query.model_dump(exclude_unset=True) | typed)
    except ValidationError as error:
        raise invalid_field(error) from None
    return Upload(
        options=merged,
        files={name: await file.read() for name, file in sent.items()},
        names={name: _name(file.filename) for name, file in sent.items() if file.filename},
    )


def _name(filename: str) -> str:
    """A file's name, in which clients write a quotation mark as forms do."""
    return printable(filename.replace("%22", '"'))


class _MemoryParser(MultiPartParser):
    spool_max_size = sys.maxsize  # otherwise files above a megabyte go to disk
    ended = False

    def on_end(self) -> None:
        """Note that the closing boundary has come."""
        self.ended = True


async def _parse(request: Request, stream: AsyncGenerator[bytes, None]) -> FormData:
    try:
        parser = _MemoryParser(
            request.headers,
            stream,
            max_files=MAX_FILES,
            max_fields=MAX_FIELDS,
            max_part_size=JSON_BYTES,
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError, AssertionError) as error:
        found = (said for start, said in FAULTS.items() if str(error).startswith(start))
        raise invalid("the form", *next(found, ("is damaged", SEND_FORM))) from None
    if not parser.ended:
        raise invalid("the form", "ends too early", SEND_FORM)
    return form


def _check_field(
    name: str, value: UploadFile | str, files: tuple[str, ...], options: Iterable[str]
) -> None:
    """Raise `ApiError` if the field is unknown or of the wrong kind."""
    is_file = isinstance(value, UploadFile)
    if name not in files and name not in options:
        raise unknown(name, [*files, *options])
    if is_file != (name in files) and not (is_file and name == "guidance"):
        raise of_wrong_kind(name, is_file)
