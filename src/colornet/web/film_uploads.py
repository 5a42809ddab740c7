"""Uploads of films, written to disk as they come."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path, PurePath
from typing import BinaryIO

from fastapi import Request
from pydantic import ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from colornet.errors import DISK_FULL, system_reason
from colornet.web.bodies import invalid_field, stream_body
from colornet.web.errors import ApiError, invalid, of_wrong_kind, printable, repeated, unknown
from colornet.web.films.film import Film
from colornet.web.films.schemas import FilmOptions
from colornet.web.naming import MAX_NAME
from colornet.web.settings import MEBIBYTE, Settings

BLOCK = MEBIBYTE
"""Bytes written at a time, in a thread."""
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
    """507: the server's disk is full or not writable."""
    reason = "has no space left on its disk"
    if error is not None and error.errno not in DISK_FULL:
        reason = f"cannot write to its disk ({system_reason(error)})"
    remedy = "remove a film, send a smaller one, or give the server another TMPDIR"
    headers = {"Connection": "close"}
    return ApiError(507, "no_space", "the server", reason, remedy, headers)


def _check_space(request: Request, settings: Settings, folder: Path) -> None:
    """Raises `ApiError` if there is no space for the body that is announced."""
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
    parser = form.parser(request.headers["content-type"])
    try:
        async for block in blocks:
            await asyncio.to_thread(parser.write, block)
    except FormParserError:
        raise invalid("the form", "is damaged", form.REMEDY) from None
    finally:
        form.close()
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
    """A form as it is read, of which the film goes into a file.

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
        self._file: BinaryIO | None = None
        self._header, self._content = bytearray(), bytearray()
        self._value, self._disposition = bytearray(), b""

    def parser(self, content_type: str) -> MultipartParser:
        """What its bytes are to be written to; raises `ApiError` for a wrong Content-Type."""
        kind, parameters = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise invalid("the form", f"is {kind.decode('latin-1')}", self.REMEDY)
        if not (boundary := parameters.get(b"boundary")):
            raise invalid("the form", "has no boundary in its Content-Type", self.REMEDY)
        return MultipartParser(
            boundary,
            {
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_field,
                "on_part_data": self._take,
                "on_part_end": self._end_field,
                "on_end": self._end,
            },
        )

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _begin_field(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._disposition = b""
        if b"name" not in options:
            raise invalid("the form", "has a part without a name", self.REMEDY)
        name = self._checked(options[b"name"].decode("utf-8", "replace"))
        is_file = b"filename" in options
        if is_file != (name == FILE):
            raise of_wrong_kind(name, is_file)
        self.names.append(name)
        if name == FILE:
            self.file_name = options[b"filename"].decode("utf-8", "replace").replace("%22", '"')
            self._file = self._path.open("xb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        name = self.names[-1]
        if name == FILE and self._file is not None:
            self._file.write(memoryview(data)[start:end])
            return
        self._content += data[start:end]
        if len(self._content) > MAX_FIELD:
            raise invalid(name, f"has more than {MAX_FIELD} bytes", "shorten it")

    def _end_field(self) -> None:
        if self.names[-1] != FILE:
            self.values[self.names[-1]] = self._content.decode("utf-8", "replace")
            self._content.clear()

    def _end(self) -> None:
        self.is_whole = True

    def _checked(self, name: str) -> str:
        known = (FILE, *FilmOptions.model_fields)
        if name not in known:
            raise unknown(name, known)
        if name in self.names or name in self._request.query_params:
            raise repeated(name)
        return name


def _suffix(name: str) -> str:
    """Of a film's name, by which FFmpeg tells some kinds; none if it is not that of a film."""
    from colornet.video.codecs import READ_SUFFIXES

    suffix = PurePath(name).suffix.lower()
    return suffix if suffix in READ_SUFFIXES else ""
