"""`Encoding`: how a result is to be stored."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from numbers import Integral
from typing import Any

from colornet.errors import OptionError, checked_flag
from colornet.picture.formats import SUFFIXES, Format, known_formats


@dataclass(frozen=True)
class Encoding:
    """How a result is stored.

    Attributes:
        format: None: that of the target's suffix, or else of the source.
        quality: 1..100 for JPEG, WebP and AVIF; None: that of a JPEG source, 60 at least, or else
            high.
        strip_metadata: leave out EXIF, XMP, comments and the note that the colors are computed, and
            how.
        keep_note: of what `strip_metadata` leaves out, keep that note.
        mark: write "colorized" into the lower right corner, over the pixels that are there.
        before_after: store the gray original and, to the right of it, the colors, as one picture.
        keep_times: give a file that is made from a file its times of access and modification.

    Raises:
        OptionError: an unknown format, a quality outside 1..100, or a flag that is not a bool.
    """

    format: Format | None = None
    quality: int | None = None
    _: KW_ONLY
    strip_metadata: bool = False
    keep_note: bool = False
    mark: bool = False
    before_after: bool = False
    keep_times: bool = False

    def __post_init__(self) -> None:
        format, quality = self.format, self.quality
        if format is not None and not (isinstance(format, str) and format in SUFFIXES):
            raise OptionError("format", f"{format!r} is unknown", f"use {known_formats()}")
        if quality is not None and (not _is_whole(quality) or not 1 <= quality <= 100):
            raise OptionError("quality", f"{quality!r} is out of range", "use 1 to 100")
        # numpy's numbers and flags become Python's, as JSON needs them
        object.__setattr__(self, "quality", None if quality is None else int(quality))
        for name in ("strip_metadata", "keep_note", "mark", "before_after", "keep_times"):
            object.__setattr__(self, name, checked_flag(name, getattr(self, name)))

    @classmethod
    def of(cls, value: Encoding | None) -> Encoding:
        """The encoding that was given; None: the usual one.

        Raises:
            OptionError: it is something else.
        """
        if value is not None and not isinstance(value, cls):
            raise OptionError("encoding", f"{value!r} is not an Encoding", 'use Encoding("png")')
        return value or cls()

    @property
    def ending(self) -> str:
        """What the name of a result beside its original ends in."""
        return "before-after" if self.before_after else "color"

    @property
    def said(self) -> dict[str, Any]:
        """What a result's note says of it."""
        quality = {} if self.quality is None else {"quality": self.quality}
        return quality | {name: True for name in ("mark", "before_after") if getattr(self, name)}


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
