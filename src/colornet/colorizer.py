"""Colorizer: a model, loaded, that colors pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Unpack, overload

from numpy.typing import NDArray

from colornet.canvas import Canvas
from colornet.encoder import Encoder
from colornet.errors import OptionError, UnreadablePicture
from colornet.guidance import Guidance, Prior
from colornet.inplace import color_in_place
from colornet.keywords import ColorizeKeywords, merged_encoding, merged_guidance
from colornet.model import DEFAULT_MODEL, ModelCard, find
from colornet.model.session import Session
from colornet.notices import Notice, warn
from colornet.output import store
from colornet.picture import Encoding, Limits, Picture, Written, stacked, too_dark

if TYPE_CHECKING:
    import PIL.Image

    from colornet.guidance import Hint
    from colornet.guidance.reference import Reference
    from colornet.picture import Format, Source

DARK = 60.0
"""Lightness. If nothing in a picture is brighter, values of 16 bits may be of fewer; whether they
are is looked up in all pixels, which lighter pictures are spared."""


class Colorizer:
    """A model, loaded once; several threads may use it without a lock.

    It pickles by the name or folder of its model, which is loaded anew.

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
            model: the name of a shipped model, or a model folder.
            threads: for the network; None: one for each core that this process may use.
            limits: on the pictures it is given.

        Raises:
            ModelNotFound, ModelDamaged: see `colornet.model`.
        """
        self._arguments = model, threads, limits
        self._encoder = Encoder(Session(find(model), threads), limits)
        self.card: ModelCard = self._encoder.session.card

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, self._arguments

    @overload
    def open(self, source: str | os.PathLike[str], *, partial: bool = ...) -> Canvas[Path]: ...
    @overload
    def open(self, source: bytes | BinaryIO, *, partial: bool = ...) -> Canvas[bytes]: ...
    @overload
    def open(self, source: NDArray[Any], *, partial: bool = ...) -> Canvas[NDArray[Any]]: ...
    @overload
    def open(self, source: PIL.Image.Image, *, partial: bool = ...) -> Canvas[PIL.Image.Image]: ...
    def open(self, source: Source, *, partial: bool = False) -> Canvas[Any]:
        """Read and encode a picture.

        Args:
            source: a path, the bytes of a file, an array, a PIL picture or a binary stream.
            partial: color what there is of a JPEG, PNG or TIFF that ends too early; the rest
                stays as it is decoded, without color.

        Raises:
            UnreadablePicture, PictureTooLarge: it has several pages; or see
                `colornet.picture.read`.

        Warns:
            ColornetWarning: what the canvas's `notices` say, such as that the picture has colors,
                which do not matter here.
        """
        canvas = self.encode(source, partial=partial)
        warn(canvas.notices)
        return canvas

    def encode(self, source: Source, *, partial: bool = False) -> Canvas[Any]:
        """As `open`, without warnings: `Canvas.notices` has what they would say."""
        picture = self._encoder.read(source, partial)
        if picture.pages > 1:
            remedy = "color it as a whole, from file to file"
            raise UnreadablePicture(picture.name, f"holds {picture.pages} pages", remedy)
        return self._encode(picture)

    def prior(self, source: Source) -> Prior:
        """The global prior of a photograph, to be the reference for others.

        Raises:
            ModelLacks: this model has no global prior.
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.
        """
        return self._encoder.prior(source)

    def reference(self, source: Source) -> Reference:
        """What a photograph tells about the colors of others: its prior and its own colors.

        Raises:
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.

        Warns:
            ColornetWarning: it has no colors.
        """
        reference = self.refer(source)
        warn(reference.notices)
        return reference

    def refer(self, source: Source) -> Reference:
        """As `reference`, without warnings: `Reference.notices` has what they would say."""
        return self._encoder.refer(source)

    def prepare(self, guidance: Guidance) -> tuple[Guidance, tuple[Notice, ...]]:
        """A guidance whose reference was encoded, to color many pictures by, and its notices.

        Raises as `reference` does, and warns of nothing.
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
        encoding: Encoding | None = None,
        format: Format | None = None,
        quality: int | None = None,
        strip_metadata: bool = False,
        keep_times: bool = False,
        overwrite: bool = False,
        in_place: bool = False,
        partial: bool = False,
    ) -> Any:
        """Color one picture, or all pages of one.

        Args, returns, raises and warns as `colornet.colorize`.
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
            ),
            encoding=merged_encoding(encoding, format, quality, strip_metadata, keep_times),
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
        """As `colorize`, without warnings: the notices come with the result."""
        if in_place:
            return self._write_in_place(
                source, output, guidance, encoding=encoding, again=overwrite, partial=partial
            )
        picture = self._encoder.read(source, partial)
        guidance, of_reference = self.prepare(guidance or Guidance())
        pages = [picture.page(k) for k in range(picture.pages)] if picture.pages > 1 else [picture]
        canvases = [self._encode(page) for page in pages]
        pixels = stacked([canvas.render(guidance) for canvas in canvases])
        told = [] if picture.pages == 1 else [*notices_of(picture)]
        told += (notice for canvas in canvases for notice in canvas.notices)
        pixels = replace(pixels, notices=(*told, *of_reference, *pixels.notices))
        return store(picture, pixels, output, encoding, overwrite)

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
        notices: list[Notice] = []

        def color(original: Path, result: Path) -> None:
            written = self.write(original, result, guidance, encoding=encoding, partial=partial)
            notices.extend(written.notices)

        return Written(color_in_place(Path(source), output, color, again), tuple(notices))

    def _encode(self, picture: Picture) -> Canvas[Any]:
        """One page."""
        name, told = picture.name, [*notices_of(picture)]
        if picture.had_color:
            reason = "is in color already; its own colors are discarded"
            told.append(Notice("color-discarded", reason, name))
        encoded = self._encoder.encode(picture)
        told += [doubt.about(name) for doubt in picture.doubts]
        if encoded.lightness.max() < DARK and (suspicion := too_dark(picture)):
            told.append(suspicion.about(name))
        return Canvas(self._encoder, encoded, tuple(told))


def notices_of(picture: Picture) -> tuple[Notice, ...]:
    """What reading a picture told about it."""
    return tuple(notice.about(picture.name) for notice in picture.notices)


def _load(model: str | Path, threads: int | None, limits: Limits | None) -> Colorizer:
    """A colorizer from its pickle."""
    return Colorizer(model, threads=threads, limits=limits)
