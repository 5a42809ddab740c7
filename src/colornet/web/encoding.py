"""How results are encoded."""

from __future__ import annotations

from colornet.picture import Encoding, Format, Picture
from colornet.picture.formats import LOSSY
from colornet.web.errors import invalid
from colornet.web.settings import Settings

AVIF_PIXELS_PER_SECOND = 500_000
"""The lowest speed expected. Unlike other formats, AVIF cannot be stopped while it is encoded, so
that pictures that would take too long are refused."""


def encoding_of(format: Format | None, quality: int | None, metadata: bool) -> Encoding:
    """The encoding that was asked for; it always keeps the note that the colors are computed.

    Raises:
        ApiError: a quality for a format that has no such setting.
    """
    if quality is not None and format is not None and format not in LOSSY:
        remedy = f"leave it out, or ask for {', '.join(LOSSY)}"
        raise invalid("quality", f"is not a setting of {format.upper()}", remedy)
    return Encoding(format, quality, strip_metadata=not metadata, keep_note=True)


def result_format(encoding: Encoding, picture: Picture, settings: Settings) -> Format:
    """The format of a picture's result.

    Raises:
        ApiError: it is AVIF and would take longer to encode than requests may.
    """
    format = encoding.format or picture.format or "png"
    limit = AVIF_PIXELS_PER_SECOND * settings.timeout
    if format == "avif" and picture.width * picture.height > limit:
        reason = f"AVIF takes too long for {picture.width} x {picture.height} pixels"
        raise invalid("format", reason, "ask for another, such as jpeg")
    return format
