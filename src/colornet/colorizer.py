"""Colorizer: a model, loaded, that colors pictures."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Unpack, overload

from numpy.typing import NDArray

from colornet.canvas import Canvas
from colornet.encoder import Encoder
from colornet.errors import OptionError, UnreadablePicture, checked_flag
from colornet.guidance import Guidance, Prior
from colornet.inplace import color_in_place
from colornet.keywords import ColorizeKeywords, OpenKeywords, merged_encoding, merged_guidance
from colornet.model import DEFAULT_MODEL, ModelCard, find
from colornet.model.session import Session
from colornet.notices import Notice, warn
from colornet.output import store
from colornet.picture import Encoding, Limits, Written, stack_pages

if TYPE_CHECKING:
    import PIL.Image

    from colornet.guidance import Hint
    from colornet.guidance.reference import Reference
    from colornet.levels import AskedLevels
    from colornet.picture import Format, Source


class Colorizer:
    """A loaded model. Several threads may use it without a lock.

    A pickle holds only the name or folder of the model, in full, which is loaded again.

    Attributes:
        card: what the model is.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_MODEL,
        *,
        threads: int | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Load a model.

        Args:
            model: the name of a shipped model, or a model folder (./NAME, if it has such a name).
            threads: threads of the network; None: one for each core that this process may use.
            limits: limits on pictures.

        Raises:
            ModelNotFound, ModelDamaged: see `colornet.model`.
        """
        folder = find(model)
        self._arguments = folder.name, threads, limits
        self._encoder = Encoder(Session(folder, threads), limits)
        self.card: ModelCard = self._encoder.session.card

    def __reduce__(self) -> tuple[Any, ...]:
        model, threads, limits = self._arguments
        return functools.partial(Colorizer, model, threads=threads, limits=limits), ()

    @overload
    def open(
        self, source: str | os.PathLike[str], **options: Unpack[OpenKeywords]
    ) -> Canvas[Path]: ...
    @overload
    def open(self, source: bytes | BinaryIO, **options: Unpack[OpenKeywords]) -> Canvas[bytes]: ...
    @overload
    def open(
        self, source: NDArray[Any], **options: Unpack[OpenKeywords]
    ) -> Canvas[NDArray[Any]]: ...
    @overload
    def open(
        self, source: PIL.Image.Image, **options: Unpack[OpenKeywords]
    ) -> Canvas[PIL.Image.Image]: ...
    def open(self, source: Source, **options: Unpack[OpenKeywords]) -> Canvas[Any]:
        """Read and encode a picture.

        Args:
            source: a path, the bytes of a file, an array, a PIL picture or a binary stream.
            partial: color the part that can be read of a truncated JPEG, PNG or TIFF; the rest
                stays as it is decoded, without color.
            turn: 0, 90, 180 or 270 degrees clockwise first, since the model knows upright pictures.
            page: the number of the page of a TIFF, from 1; None: there is only one.

        Raises:
            OptionError: there is no such page; or see `Picture.turned`.
            UnreadablePicture, PictureTooLarge: the picture has several pages, and none is chosen;
                or see `colornet.picture.read`.

        Warns:
            ColornetWarning: the canvas's `notices`, such as that the picture is in color already.
        """
        canvas = self.encode(source, **options)
        warn(canvas.notices)
        return canvas

    def encode(
        self, source: Source, *, partial: bool = False, turn: int = 0, page: int | None = None
    ) -> Canvas[Any]:
        """The same as `open`, with notices in the result instead of warnings."""
        picture = self._encoder.read(source, partial, page).turned(turn)
        if picture.pages > 1:
            remedy = "choose one with page=1 (--page 1); only colorize, to a file, colors all"
            raise UnreadablePicture(picture.name, f"holds {picture.pages} pages", remedy)
        return Canvas(self._encoder, self._encoder.encode(picture))

    def prior(self, source: Source) -> Prior:
        """The global prior of a photograph, to be the reference for others.

        Raises:
            ModelLacks: this model has no global prior.
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.
        """
        return self._encoder.prior(source)

    def reference(self, source: Source) -> Reference:
        """Encode a photograph as a reference: its global prior and its colors.

        Raises:
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.

        Warns:
            ColornetWarning: it has no colors.
        """
        reference = self.refer(source)
        warn(reference.notices)
        return reference

    def refer(self, source: Source) -> Reference:
        """The same as `reference`, with notices in the result instead of warnings."""
        return self._encoder.refer(source)

    def prepare(self, guidance: Guidance | None) -> tuple[Guidance, tuple[Notice, ...]]:
        """Encode the reference of a guidance, to color many pictures with it.

        Returns the guidance and notices about the reference. Raises the errors of `reference`.
        """
        return self._encoder.prepare(guidance)

    @overload
    def colorize(
        self,
        source: Source,
        output: str | Path,
        guidance: Guidance | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> Path: ...
    @overload
    def colorize(
        self,
        source: str | os.PathLike[str],
        output: None = ...,
        guidance: Guidance | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> Path: ...
    @overload
    def colorize(
        self,
        source: bytes | BinaryIO,
        output: None = ...,
        guidance: Guidance | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> bytes: ...
    @overload
    def colorize(
        self,
        source: NDArray[Any],
        output: None = ...,
        guidance: Guidance | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> NDArray[Any]: ...
    @overload
    def colorize(
        self,
        source: PIL.Image.Image,
        output: None = ...,
        guidance: Guidance | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> PIL.Image.Image: ...
    def colorize(
        self,
        source: Source,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
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
        """Color a picture with all its pages.

        See `colornet.colorize` for the arguments, errors and warnings.
        """
        written = self.write(
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

    def write(
        self,
        source: Source,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
        in_place: bool = False,
        partial: bool = False,
    ) -> Written[Any]:
        """The same as `colorize`, with notices in the result instead of warnings."""
        if checked_flag("in_place", in_place):
            return self._write_in_place(
                source, output, guidance, encoding=encoding, again=overwrite, partial=partial
            )
        picture = self._encoder.read(source, partial)
        prepared, of_reference = self.prepare(guidance)
        pages = [picture.page(k) for k in range(picture.pages)] if picture.pages > 1 else [picture]
        encoded = (self._encoder.encode(page, prepared.levels) for page in pages)
        canvases: list[Canvas[Any]] = [Canvas(self._encoder, page) for page in encoded]
        pixels = stack_pages([canvas.render(prepared) for canvas in canvases])
        told = [] if picture.pages == 1 else [*picture.told]
        told += (notice for canvas in canvases for notice in canvas.notices)
        pixels = replace(pixels, notices=(*told, *of_reference, *pixels.notices))
        return store(picture, pixels, guidance, output, encoding, overwrite)

    def _write_in_place(
        self,
        source: Source,
        output: str | Path | None,
        guidance: Guidance | None,
        *,
        encoding: Encoding | None,
        again: bool,
        partial: bool,
    ) -> Written[Path]:
        if not isinstance(source, str | os.PathLike):
            raise OptionError("in_place", "needs a file", "give its path")
        if Encoding.of(encoding).before_after:
            raise OptionError("before_after", "does not go with in_place", "leave one of them out")
        notices: list[Notice] = []

        def color(original: Path, result: Path) -> None:
            written = self.write(original, result, guidance, encoding=encoding, partial=partial)
            notices.extend(written.notices)

        return Written(color_in_place(source, output, color, again), tuple(notices))
