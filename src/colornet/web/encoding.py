"""How results are encoded."""

from __future__ import annotations

from colornet.canvas import Canvas
from colornet.guidance import Guidance
from colornet.picture import Encoding, Format, Picture, Pixels, side_by_side
from colornet.picture.formats import LOSSY
from colornet.web.errors import invalid
from colornet.web.settings import Settings

GRAY = Guidance(strength=0)
AVIF_PIXELS_PER_SECOND = 500_000
"""The lowest speed expected. Unlike other formats, AVIF cannot be stopped while it is encoded, so
that pictures that would take too long are refused."""


def encoding_of(
    format: Format | None, quality: int | None, metadata: bool, mark: bool = False
) -> Encoding:
    """The encoding that was asked for; it always keeps the note that the colors are computed.

    Raises:
        ApiError: a quality for a format that has no such setting.
    """
    if quality is not None and format is not None and format not in LOSSY:
        remedy = f"leave it out, or ask for {', '.join(LOSSY)}"
        raise invalid("quality", f"is not a setting of {format.upper()}", remedy)
    return Encoding(format, quality, strip_metadata=not metadata, keep_note=True, mark=mark)


def rendered(
    canvas: Canvas, guidance: Guidance, picture: Picture, before_after: bool = False
) -> Pixels:
    """A picture in color, perhaps beside its gray original.

    Args:
        canvas: the picture, encoded.
        guidance: how to color it.
        picture: the picture, perhaps in another size.
        before_after: whether the original is there, too, on the left.
    """
    size = None if picture is canvas.picture else picture
    rgb = canvas.render(guidance, size)
    return side_by_side(canvas.render(GRAY, size), rgb) if before_after else rgb


def result_format(
    encoding: Encoding, picture: Picture, pixels: Pixels, settings: Settings
) -> Format:
    """The format of a picture's result, which has these pixels.

    Raises:
        ApiError: it is AVIF and would take longer to encode than requests may.
    """
    format = encoding.format or picture.format or "png"
    limit = AVIF_PIXELS_PER_SECOND * settings.timeout
    if format == "avif" and pixels.width * pixels.height > limit:
        reason = f"AVIF takes too long for {pixels.width} x {pixels.height} pixels"
        raise invalid("format", reason, "ask for another, such as jpeg")
    return format
