"""`Encoding`: how a result is to be stored."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from colornet.errors import OptionError
from colornet.picture.formats import SUFFIXES, Format, known_formats


@dataclass(frozen=True)
class Encoding:
    """How a result is stored.

    Raises:
        OptionError: an unknown format or a quality outside 1..100.
    """

    format: Format | None = None
    """None: that of the target's suffix, or else of the source."""
    quality: int | None = None
    """1..100 for JPEG, WebP and AVIF; None: that of a JPEG source, 60 at least, or else high."""
    _: KW_ONLY
    strip_metadata: bool = False
    """Leave out EXIF, XMP, comments and the note that the colors are computed, and how."""
    keep_note: bool = False
    """Of what `strip_metadata` leaves out, keep that note."""
    mark: bool = False
    """Write "colorized" into the lower right corner, over the pixels that are there."""
    keep_times: bool = False
    """Give a file that is made from a file its times of access and modification."""

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in tuple(SUFFIXES):
            raise OptionError("format", f"{self.format!r} is unknown", f"use {known_formats()}")
        if self.quality is not None and self.quality not in range(1, 101):
            raise OptionError("quality", f"{self.quality!r} is out of range", "use 1 to 100")

    @property
    def said(self) -> dict[str, Any]:
        """What a result's note says of it."""
        quality = {} if self.quality is None else {"quality": self.quality}
        return quality | ({"mark": True} if self.mark else {})
