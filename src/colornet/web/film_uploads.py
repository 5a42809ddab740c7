"""Uploads of films, written to disk as they come."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path, PurePath

from fastapi import Request
from pydantic import ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from colornet.errors import system_reason
from colornet.web.bodies import invalid_field, stream_body
from colornet.web.errors import ApiError, invalid, printable, repeated, unknown
from colornet.web.films.film import Film
from colornet.web.films.schemas import FilmOptions
from colornet.web.naming import MAX_NAME
from colornet.web.settings import MEBIBYTE, Settings

BLOCK = MEBIBYTE
"""Bytes written at a time, in a thread."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
THE_FILM = "the film"
"""What messages call a film without a name."""
FILE = "film"
"""The field of a form that is the film."""
MAX_FIELD = 4096
"""Bytes of each of the other fields."""


async def receive_film(
    request: Request, settings: Settings, folder: Path, query: FilmOptions
) -> Film:
    """A film: the body itself, or the field `film` of a form.

    Args:
        request: whose body has not been read yet.
        settings: limits on it.
        folder: where it is written, of its own; its name becomes the film's id.
        query: the options that the request's query gives; a form may have the others.

    Raises:
        ApiError: too large, too slow, no film in it, a form that is damaged, a field that is
            unknown, invalid or given more than once, or no space.
        OSError: it cannot be written.
    """
    _check_space(request, settings, folder)
    path, options = folder / "upload", query
    blocks = _blocks(stream_body(request, settings, settings.max_film_bytes))
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        options = await _read_form(request, blocks, path, query)
    else:
        with path.open("xb") as file:
            async for block in blocks:
                await asyncio.to_thread(file.write, block)
    name = printable(options.name)[:MAX_NAME] or THE_FILM
    path = path.rename(folder / f"source{_suffix(name)}")
    return Film(folder.name, name, folder, path, options.partial)


def no_space(error: OSError | None = None) -> ApiError:
    """507: the server's disk is full, or cannot be written to."""
    reason = "has no space left on its disk"
    if error is not None and error.errno not in FULL:
        reason = f"cannot write to its disk ({system_reason(error)})"
    remedy = "remove a film, send a smaller one, or give the server another TMPDIR"
    headers = {"Connection": "close"}
    return ApiError(507, "no_space", "the server", reason, remedy, headers)


def _check_space(request: Request, settings: Settings, folder: Path) -> None:
    """Raises `ApiError` if the body that is announced finds no space."""
    length = request.headers.get("content-length", "")
    announced = int(length) if length.isdigit() else 0
    if shutil.disk_usage(folder).free < announced <= settings.max_film_bytes:
        raise no_space()


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= BLOCK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


async def _read_form(
    request: Request, blocks: AsyncIterator[bytes], path: Path, query: FilmOptions
) -> FilmOptions:
    """Write the film in a form to a file; gives the options of query and form together."""
    form = _Form(request, path)
    try:
        parser = form.parser(request.headers["content-type"])
        async for block in blocks:
            await asyncio.to_thread(parser.write, block)
    except (FormParserError, KeyError, ValueError, AssertionError) as error:
        reason = f"cannot be read ({str(error).splitlines()[0] if str(error) else 'damaged'})"
        raise invalid("the form", reason, form.REMEDY) from None
    if not form.is_whole:
        raise invalid("the form", "ends too early", form.REMEDY)
    if FILE not in form.names:
        raise invalid(FILE, "is missing", f"send a file in the field {FILE}")
    given = {"name": form.file_name} | query.model_dump(exclude_unset=True) | form.values
    try:
        return FilmOptions.model_validate(given)
    except ValidationError as error:
        raise invalid_field(error) from None


class _Form:
    """A form as it is read.

    Attributes:
        names: of its fields so far.
        values: of those that are no file.
        file_name: what the client calls the file.
        is_whole: whether its end has come.
    """

    REMEDY = f"send multipart/form-data with the film in the field {FILE}"

    def __init__(self, request: Request, path: Path) -> None:
        self.names: list[str] = []
        self.values: dict[str, str] = {}
        self.file_name = ""
        self.is_whole = False
        self._request, self._path = request, path

    def parser(self, content_type: str) -> FormParser:
        """What its bytes are to be written to."""
        kind, parameters = parse_options_header(content_type)
        config = {
            "MAX_FIELD_SIZE": MAX_FIELD,
            "MAX_MEMORY_FILE_SIZE": 0,
            "UPLOAD_DIR": str(self._path.parent),
            "UPLOAD_DELETE_TMP": False,
        }
        boundary = parameters.get(b"boundary")
        return FormParser(
            kind.decode("latin-1"), self._field, self._file, self._end, boundary, config=config
        )

    def _field(self, field: Field) -> None:
        name = self._name(field.field_name)
        if name == FILE:
            raise invalid(name, "is not a file", f"send it as one, in curl by {name}=@FILE")
        self.values[name] = (field.value or b"").decode("utf-8", "replace")

    def _file(self, file: File) -> None:
        name = self._name(file.field_name)
        if name != FILE:
            raise invalid(name, "is a file", f"send its value, in curl by {name}=VALUE")
        self.file_name = (file.file_name or b"").decode("utf-8", "replace").replace("%22", '"')
        if file.in_memory:  # it is empty
            file.flush_to_disk()
        file.close()
        Path(os.fsdecode(file.actual_file_name or b"")).rename(self._path)

    def _end(self) -> None:
        self.is_whole = True

    def _name(self, field_name: bytes | None) -> str:
        name = (field_name or b"").decode("utf-8", "replace")
        known = (FILE, *FilmOptions.model_fields)
        if name not in known:
            raise unknown(name, known)
        if name in self.names or name in self._request.query_params:
            raise repeated(name)
        self.names.append(name)
        return name


def _suffix(name: str) -> str:
    """Of a film's name, by which FFmpeg tells some kinds; none if it is not that of a film."""
    from colornet.video.codecs import READ_SUFFIXES

    suffix = PurePath(name).suffix.lower()
    return suffix if suffix in READ_SUFFIXES else ""
