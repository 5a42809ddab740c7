"""`colornet.colorize`: color a photograph in one call."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Unpack, overload

from numpy.typing import NDArray

from colornet.colorizer import Colorizer
from colornet.keywords import ModelKeywords, merged_encoding, merged_guidance
from colornet.model import DEFAULT_MODEL
from colornet.notices import warn
from colornet.paths import path_of

if TYPE_CHECKING:
    import PIL.Image

    from colornet.guidance import Guidance, Hint, Prior
    from colornet.guidance.reference import Reference
    from colornet.levels import AskedLevels
    from colornet.picture import Encoding, Format, Source


@overload
def colorize(
    source: Source,
    output: str | Path,
    guidance: Guidance | None = ...,
    **keywords: Unpack[ModelKeywords],
) -> Path: ...
@overload
def colorize(
    source: str | os.PathLike[str],
    output: None = ...,
    guidance: Guidance | None = ...,
    **keywords: Unpack[ModelKeywords],
) -> Path: ...
@overload
def colorize(
    source: bytes | BinaryIO,
    output: None = ...,
    guidance: Guidance | None = ...,
    **keywords: Unpack[ModelKeywords],
) -> bytes: ...
@overload
def colorize(
    source: NDArray[Any],
    output: None = ...,
    guidance: Guidance | None = ...,
    **keywords: Unpack[ModelKeywords],
) -> NDArray[Any]: ...
@overload
def colorize(
    source: PIL.Image.Image,
    output: None = ...,
    guidance: Guidance | None = ...,
    **keywords: Unpack[ModelKeywords],
) -> PIL.Image.Image: ...
def colorize(
    source: Source,
    output: str | Path | None = None,
    guidance: Guidance | None = None,
    *,
    model: str | Path = DEFAULT_MODEL,
    strength: float = 1.0,
    saturation: float = 1.0,
    reference: Source | Prior | Reference | None = None,
    setting: str | None = None,
    hints: Sequence[Hint] = (),
    variant: int = 0,
    levels: AskedLevels = None,
    encoding: Encoding | None = None,
    format: Format | None = None,
    quality: int | None = None,
    strip_metadata: bool = False,
    keep_times: bool = False,
    mark: bool = False,
    before_after: bool = False,
    overwrite: bool = False,
    in_place: bool = False,
    partial: bool = False,
) -> Any:
    """Color a photograph with all its pages.

    The model stays loaded for the next call.

    Args:
        source: a path, the bytes of a file, an array, a PIL picture or a binary stream.
        output: a file; None: NAME-color.jpg beside NAME.jpg (with before_after,
            NAME-before-after.jpg), or else the kind that came in.
        guidance: how to color it; of the keywords from strength to levels, those that are not the
            defaults take precedence.
        model: the name of a shipped model, or a model folder (./NAME, if it has such a name).
        strength: from 0, the gray original, to 1, the model's full color.
        saturation: factor on the chroma, 0..4.
        reference: another photograph, whose global prior replaces the picture's own, and whose
            colors are used for locations that resemble it.
        setting: one of the settings in the model's card; None: its default.
        hints: colors of points, such as `Hint([(120, 340)], "teal")`.
        variant: 0: the most likely colors; k: the k-th other plausible ones.
        levels: black and white point of a faded print: the lightness, 0..100, that becomes black,
            and the one that becomes white; "auto": as the picture needs; None: the picture keeps
            its lightness.
        encoding: how to store it; of the keywords from format to before_after, those that are not
            the defaults take precedence.
        format: "jpeg", "png", "tiff", "webp" or "avif"; None: the source's.
        quality: 1..100, for lossy formats.
        strip_metadata: leave out EXIF, XMP and the note that the colors are computed.
        keep_times: copy the access and modification times of a source file to the result.
        mark: write "colorized" into the lower right corner, over the pixels that are there.
        before_after: store the gray original and, to the right of it, the colors, as one picture.
        overwrite: whether an existing file may be replaced; never the source itself.
        in_place: replace the source, a file, by the result, and keep it as NAME.orig.jpg; if that
            was done before, `overwrite` makes the result again from the original.
        partial: color the part that can be read of a truncated JPEG, PNG or TIFF; the rest stays
            as it is decoded, without color.

    Returns:
        The path, or else bytes, an array or a PIL picture, as the source was.

    Raises:
        ColornetError: one of its subclasses in `colornet.errors`.

    Warns:
        ColornetWarning: something may not be as expected in the result.
    """
    written = _cached_colorizer(str(path_of("model", model))).write(
        source,
        output,
        merged_guidance(
            guidance,
            strength=strength,
            saturation=saturation,
            reference=reference,
            setting=setting,
            hints=hints,
            variant=variant,
            levels=levels,
        ),
        encoding=merged_encoding(
            encoding, format, quality, strip_metadata, keep_times, mark, before_after
        ),
        overwrite=overwrite,
        in_place=in_place,
        partial=partial,
    )
    warn(written.notices)
    return written.result


@functools.lru_cache(maxsize=2)
def _cached_colorizer(model: str) -> Colorizer:
    return Colorizer(model)
