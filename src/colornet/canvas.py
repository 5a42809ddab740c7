"""A picture that was encoded, to be colored as often as the guidance changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from colornet.coloring import Coloring, encoded_reference
from colornet.errors import UnwritablePicture
from colornet.guidance import Guidance, Prior, Suggestion
from colornet.guidance.variants import find_uncertainty, find_variants
from colornet.notices import Notice, warn
from colornet.output import numbered, place_of, store
from colornet.picture import Encoding, Picture, Pixels, Written
from colornet.provenance import provenance
from colornet.upsample import KeptPlanes, recombine

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from colornet.encoder import EncodedPicture, Encoder
    from colornet.guidance.reference import Reference

    Result = TypeVar("Result", default=Any)
else:
    from typing import TypeVar

    Result = TypeVar("Result")

MAX_KEPT_PIXELS = 1 << 21
"""Largest picture whose lightness, 8 MiB, is kept for the next guidance, not decoded each time."""


class SaveOptions(TypedDict, total=False):
    """Keywords of `Canvas.save`."""

    encoding: Encoding | None
    overwrite: bool


class Canvas(Generic[Result]):
    """A picture that was encoded, to be colored as often as one likes, from any thread.

    `save` gives a path, bytes, an array or a PIL picture back, whatever the picture came as; that
    is the type parameter.

    Attributes:
        picture: what was read.
        lightness: (S, S), 0..100, of the whole picture squashed to the square that the model sees.
        notices: what may not be as expected in it.
    """

    def __init__(
        self, encoder: Encoder, encoded: EncodedPicture, notices: tuple[Notice, ...] = ()
    ) -> None:
        self.picture: Picture = encoded.picture
        self.lightness = encoded.lightness
        self.notices = notices
        self._encoder = encoder
        self._encoded = encoded
        self._coloring = Coloring(encoder.session, encoded)
        self._planes = KeptPlanes(encoded.picture)

    @property
    def nbytes(self) -> int:
        """Memory that what was encoded, decoded and kept of the picture takes."""
        parts = self.picture.loader.held, self._planes.nbytes
        return sum(parts) + self._encoded.nbytes + self._coloring.nbytes

    @property
    def prior(self) -> Prior | None:
        """The picture's own global prior, to be the reference for others; None: it has none."""
        prior = self._encoded.encoded.prior
        return None if prior is None else Prior(prior[0])

    @property
    def reference(self) -> Reference:
        """What this picture tells about the colors of others, as from `Colorizer.reference`.

        Raises:
            UnreadablePicture: the file has gone or changed.

        Warns:
            ColornetWarning: it has no colors.
        """
        reference = self.refer()
        warn(reference.notices)
        return reference

    def refer(self) -> Reference:
        """As `reference`, without warnings: `Reference.notices` has what they would say."""
        return self._encoder.refer_encoded(self._encoded)

    def ab(self, guidance: Guidance | None = None) -> NDArray[np.float32]:
        """The colors at the model's size: float32 (2, h, w), Lab units.

        Only the decoder and the guidance head run, and not for the references used last.

        Raises:
            GuidanceError: a hint lies outside the picture or where it is transparent, or there are
                not so many variants.
            ModelLacks: the model knows no hints, no reference, no variants, or no setting of that
                name.
            ModelDamaged: the model fails, or gives values that are not finite.
            UnreadablePicture, PictureTooLarge: the reference cannot be read.

        Warns:
            ColornetWarning: the model found no color for this picture, or a hint cannot be
                followed quite as asked.
        """
        guidance, told = self._encoder.prepare(guidance or Guidance())
        ab, notices = self._coloring.ab(guidance)
        warn((*told, *notices))
        return ab

    def suggest(self, x: float, y: float, n: int = 8) -> list[Suggestion]:
        """The colors that the model holds possible at a point, the likeliest first.

        Args:
            x: pixels of the upright picture, from its left edge.
            y: pixels of the upright picture, from its upper edge.
            n: how many, at most.

        Raises:
            GuidanceError: the point lies outside the picture.
            ModelLacks: the model has no distribution over colors.
        """
        return self._coloring.suggest(x, y, n)

    def uncertainty(self) -> NDArray[np.float32]:
        """Where the model is unsure: (h, w) of its colors' size, 0 (sure) to 1 (could be any).

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        return find_uncertainty(*self._coloring.prediction(None).distribution)

    def variants(self, n: int, guidance: Guidance | None = None) -> list[Guidance]:
        """Up to n visibly different plausible colorizations, the likeliest first.

        Args:
            n: how many; fewer come back if the picture allows no more.
            guidance: what they have in common.

        Returns:
            Guidance that differs by `variant`: 0 in the first, which is the automatic one.

        Raises:
            ModelLacks: n > 1, and the model has no distribution over colors; or no setting of that
                name.
        """
        guidance = guidance or Guidance()
        self._encoder.session.card.setting(guidance.setting)
        found = [replace(guidance, variant=0)][:n]
        if n > 1:
            reference = encoded_reference(self._encoder.prepare(guidance)[0])
            prediction = self._coloring.prediction(reference)
            others = find_variants(prediction.decoded.ab, *prediction.distribution, n - 1)
            found += [replace(guidance, variant=k) for k in range(1, len(others) + 1)]
        return found

    def colorize(self, guidance: Guidance | None = None, picture: Picture | None = None) -> Pixels:
        """The colored picture, its lightness kept: sRGB of its depth, alpha joined.

        It is not computed before its pixels are asked for. Raises and warns as `ab` does.

        Args:
            guidance: how to color it.
            picture: the same in another size, see `colornet.picture.shrunk`; None: full size.
        """
        pixels = self.render(guidance, picture)
        warn(pixels.notices)
        return pixels

    def render(self, guidance: Guidance | None = None, picture: Picture | None = None) -> Pixels:
        """As `colorize`, without warnings: `Pixels.notices` has what they would say."""
        guidance, told = self._encoder.prepare(guidance or Guidance())
        ab, notices = self._coloring.ab(guidance)
        small = picture is None and self.picture.width * self.picture.height <= MAX_KEPT_PIXELS
        planes = self._planes.between if small else None
        pixels = recombine(picture or self.picture, ab, self.lightness, planes)
        made = provenance(self._encoder.session.card, guidance)
        return replace(pixels, made=made, notices=(*told, *notices))

    @overload
    def save(
        self,
        output: str | Path,
        guidance: Guidance | None = ...,
        **options: Unpack[SaveOptions],
    ) -> Path: ...
    @overload
    def save(
        self,
        output: None = ...,
        guidance: Guidance | None = ...,
        **options: Unpack[SaveOptions],
    ) -> Result: ...
    def save(
        self,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
    ) -> Any:
        """Color the picture and store it.

        Args:
            output: a file; None: what came in comes out, and beside a file NAME.jpg its
                NAME-color.jpg.
            guidance: how to color it.
            encoding: format, quality, metadata.
            overwrite: whether a file that is there may be replaced.

        Returns:
            The path written, or else bytes, an array or a PIL picture, as the source was.

        Raises:
            UnwritablePicture, UnreadablePicture: see `colornet.picture.write`; and as `ab` does.

        Warns:
            ColornetWarning: as `ab` does, or metadata has no place in the result's format.
        """
        written = self.write(output, guidance, encoding=encoding, overwrite=overwrite)
        warn(written.notices)
        return written.result

    def write(
        self,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
    ) -> Written[Any]:
        """As `save`, without warnings: the notices come with the result."""
        return store(self.picture, self.render(guidance), output, encoding, overwrite)

    def save_variants(
        self,
        count: int,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
    ) -> list[Path]:
        """Store several plausible colorizations, see `variants`: NAME-1, the likeliest, NAME-2 ..

        Args:
            count: how many.
            output: a file, whose name gets the numbers; None: NAME-color beside the picture.
            guidance: what they have in common.
            encoding: format, quality, metadata.
            overwrite: whether files that are there may be replaced.

        Returns:
            The paths written; fewer if the picture allows no more.

        Raises:
            UnwritablePicture: there is no name for the files; or see `save`.

        Warns:
            ColornetWarning: they are fewer; or see `save`.
        """
        written = self.write_variants(
            count, output, guidance, encoding=encoding, overwrite=overwrite
        )
        warn(written.notices)
        return written.result

    def write_variants(
        self,
        count: int,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
    ) -> Written[list[Path]]:
        """As `save_variants`, without warnings: the notices come with the paths."""
        place = place_of(self.picture, output, encoding or Encoding())
        if place is None:
            raise UnwritablePicture("the variants", "have no name", "name a file for them")
        guidance, told = self._encoder.prepare(guidance or Guidance())
        found = self.variants(count, guidance)
        if len(found) < count:
            reason = f"allows only {len(found)} visibly different variants, not {count}"
            told = (*told, Notice("fewer-variants", reason, self.picture.name))
        written = [
            self.write(numbered(place, k), each, encoding=encoding, overwrite=overwrite)
            for k, each in enumerate(found, 1)
        ]
        told = (*told, *(notice for one in written for notice in one.notices))
        return Written([one.result for one in written], tuple(dict.fromkeys(told)))
