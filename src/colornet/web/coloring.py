"""What the routes that color have in common: encodings, and what things are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from colornet.errors import ColornetError
from colornet.notices import Notice
from colornet.picture import Encoding, Format, Picture
from colornet.picture.formats import LOSSY
from colornet.web.errors import invalid
from colornet.web.settings import Settings

UNNAMED = "the picture"
"""How the library calls one that came as bytes."""
THE_REFERENCE = "the reference"
"""How messages call a reference without a name."""
MAX_NAME = 200
"""Characters of a client's name for a file that messages repeat."""
AVIF_PIXELS_PER_SECOND = 500_000
"""Encoded at the least; unlike the other formats, AVIF cannot be stopped."""


def encoding_of(format: Format | None, quality: int | None, metadata: bool) -> Encoding:
    """How a result is encoded; the note that its colors are computed is always there.

    Raises:
        ApiError: a quality for a format that has none.
    """
    if quality is not None and format is not None and format not in LOSSY:
        remedy = f"leave it out, or ask for {', '.join(LOSSY)}"
        raise invalid("quality", f"means nothing for {format.upper()}", remedy)
    return Encoding(format, quality, strip_metadata=not metadata, keep_note=True)


def result_format(encoding: Encoding, picture: Picture, settings: Settings) -> Format:
    """The format of a picture's result.

    Raises:
        ApiError: it takes longer to encode than it may, and could not be stopped.
    """
    format = encoding.format or picture.format or "png"
    limit = AVIF_PIXELS_PER_SECOND * settings.timeout
    if format == "avif" and picture.width * picture.height > limit:
        reason = f"AVIF takes too long for {picture.width} x {picture.height} pixels"
        raise invalid("format", reason, "ask for another, such as jpeg")
    return format


@contextmanager
def errors_about(name: str) -> Iterator[None]:
    """Errors about a picture call it by the name that the client gave it."""
    try:
        yield
    except ColornetError as error:
        if error.subject.startswith(UNNAMED):
            raise type(error)(_named(error.subject, name), error.reason, error.remedy) from None
        raise


def notices_about(name: str, notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices about a picture, which they call by the name that the client gave it."""
    return tuple(replace(one, subject=_named(one.subject, name)) for one in notices)


def _named(subject: str, name: str) -> str:
    if not subject.startswith(UNNAMED):
        return subject
    return name[:MAX_NAME] + subject.removeprefix(UNNAMED)
