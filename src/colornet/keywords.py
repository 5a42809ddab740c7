"""The keywords of `colorize`, and their conversion to guidance and encoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from colornet.errors import checked_flag
from colornet.guidance import Guidance, Hint
from colornet.picture import Encoding

if TYPE_CHECKING:
    from colornet.guidance import Prior
    from colornet.guidance.reference import Reference
    from colornet.levels import AskedLevels
    from colornet.picture import Format, Source


class ColorizeKeywords(TypedDict, total=False):
    """The keywords of both `colornet.colorize` and `Colorizer.colorize`."""

    strength: float
    saturation: float
    reference: Source | Prior | Reference | None
    setting: str | None
    hints: Sequence[Hint]
    variant: int
    levels: AskedLevels
    encoding: Encoding | None
    format: Format | None
    quality: int | None
    strip_metadata: bool
    keep_times: bool
    mark: bool
    before_after: bool
    overwrite: bool
    in_place: bool
    partial: bool


class ModelKeywords(ColorizeKeywords, total=False):
    """The keywords of `colornet.colorize`."""

    model: Any


class OpenKeywords(TypedDict, total=False):
    """The keywords of `Colorizer.open`."""

    partial: bool
    turn: int
    page: int | None


def merged_guidance(guidance: Guidance | None, **keywords: Any) -> Guidance:
    """Combine a guidance with keywords, which take precedence unless they are the defaults.

    Hints are joined.

    Raises:
        GuidanceError: a keyword is invalid.
    """
    given = Guidance(**keywords)
    return given if guidance is None else given.over(Guidance.of(guidance))


def merged_encoding(
    encoding: Encoding | None,
    format: Format | None,
    quality: int | None,
    strip_metadata: bool,
    keep_times: bool,
    mark: bool,
    before_after: bool,
) -> Encoding:
    """Combine an encoding with keywords, which take precedence unless they are the defaults.

    Raises:
        OptionError: see `Encoding`.
    """
    encoding = Encoding.of(encoding)
    return replace(
        encoding,
        format=encoding.format if format is None else format,
        quality=encoding.quality if quality is None else quality,
        strip_metadata=checked_flag("strip_metadata", strip_metadata) or encoding.strip_metadata,
        keep_times=checked_flag("keep_times", keep_times) or encoding.keep_times,
        mark=checked_flag("mark", mark) or encoding.mark,
        before_after=checked_flag("before_after", before_after) or encoding.before_after,
    )
