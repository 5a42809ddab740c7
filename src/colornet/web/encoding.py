"""How results are encoded."""

from __future__ import annotations

from colornet.picture import Encoding, Format, Picture, Pixels
from colornet.picture.formats import LOSSY
from colornet.web.errors import invalid
from colornet.web.schemas import ColorizeOptions, ColorizeRequest
from colornet.web.settings import Settings

AVIF_PIXELS_PER_SECOND = 500_000
"""The lowest speed expected. Unlike other formats, AVIF cannot be stopped while it is encoded, so
that pictures that would take too long are refused."""


def encoding_of(asked: ColorizeOptions | ColorizeRequest) -> Encoding:
    """The encoding that was asked for; it always keeps the note that the colors are computed.

    Raises:
        ApiError: a quality for a format that has no such setting.
    """
    format, quality = asked.format, asked.quality
    if quality is not None and format is not None and format not in LOSSY:
        remedy = f"leave it out, or ask for {', '.join(LOSSY)}"
        raise invalid("quality", f"is not a setting of {format.upper()}", remedy)
    return Encoding(
        format,
        quality,
        strip_metadata=not asked.metadata,
        keep_note=True,
        mark=asked.mark,
        before_after=asked.before_after,
    )


def result_format(
    encoding: Encoding, picture: Picture, pixels: Pixels, settings: Settings
) -> Format:
    """The format of a picture's result, which has these pixels.

    Raises:
        ApiError: it is AVIF and would take longer to encode than requests may.
    """
    format = encoding.format or picture.format or "png"
    limit = AVIF_PIXELS_PER_SECOND * settings.timeout
    width = pixels.width * (2 if encoding.before_after else 1)
    if format == "avif" and width * pixels.height > limit:
        reason = f"AVIF takes too long for {width} x {pixels.height} pixels"
        raise invalid("format", reason, "ask for another, such as jpeg")
    return format
