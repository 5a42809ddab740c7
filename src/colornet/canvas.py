"""`Canvas`: an encoded picture that can be colored many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from colornet.coloring import encoded_reference
from colornet.colorings import Colorings
from colornet.errors import OptionError, UnwritablePicture
from colornet.guidance import Guidance, Hint, Prior
from colornet.guidance.checks import checked_count, shown
from colornet.guidance.matches import Match, find_matches
from colornet.guidance.variants import Suggestion, find_uncertainty, find_variants
from colornet.levels import AskedLevels, Levels
from colornet.notices import Notice, warn
from colornet.output import SaveOptions, numbered, place_of, store, store_all
from colornet.picture import Encoding, Picture, Pixels, Written

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from colornet.encoder import EncodedPicture, Encoder
    from colornet.guidance.reference import Reference

    Result = TypeVar("Result", default=Any)
else:
    from typing import TypeVar

    Result = TypeVar("Result")


class Canvas(Generic[Result]):
    """An encoded picture that can be colored many times, from any thread.

    The type parameter is the kind of result of `save`: a path, bytes, an array or a PIL picture.

    Attributes:
        picture: the picture.
        lightness: (S, S), 0..100, of the picture squashed to a square, without levels.
        notices: what may not be as expected in it.
    """

    def __init__(self, encoder: Encoder, encoded: EncodedPicture) -> None:
        self.picture: Picture = encoded.picture
        self.lightness = encoded.stored
        self.notices = encoded.find_notices()
        self._encoder = encoder
        self._colorings = Colorings(encoder, encoded)

    def __deepcopy__(self, memo: object) -> Self:
        return self  # which nothing changes

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the encoded picture and everything kept for it take."""
        return self.picture.loader.held + self._colorings.nbytes

    @property
    def auto_levels(self) -> Levels:
        """The levels that "auto" stands for, see `Guidance`; 0 and 100: it keeps its lightness."""
        return self._colorings.auto_levels

    @property
    def prior(self) -> Prior | None:
        """The picture's own global prior, to be the reference for others; None: it has none."""
        prior = self._colorings.under(None).encoded.encoded.prior
        return None if prior is None else Prior(prior[0])

    @property
    def reference(self) -> Reference:
        """The picture as a reference for others, see `Colorizer.reference`.

        Raises:
            UnreadablePicture: the file was removed or changed.

        Warns:
            ColornetWarning: it has no colors.
        """
        reference = self.refer()
        warn(reference.notices)
        return reference

    def refer(self) -> Reference:
        """The same as `reference`, with notices in the result instead of warnings."""
        return self._encoder.refer_encoded(self._colorings.under(None).encoded)

    def ab(self, guidance: Guidance | None = None) -> NDArray[np.float32]:
        """The colors at the model's size: float32 (2, h, w), Lab units.

        This runs the decoder and the guidance head, unless the reference was one of the last two.

        Raises:
            GuidanceError: a hint lies outside the picture or where it is transparent, or there is
                no such variant.
            ModelLacks: the model does not support hints, references or variants, or has no such
                setting.
            ModelDamaged: the model fails, or its output is not finite.
            UnreadablePicture, PictureTooLarge: the reference cannot be read.

        Warns:
            ColornetWarning: the model found no color for this picture, or a hint cannot be
                followed exactly.
        """
        guidance, told = self._encoder.prepare(guidance)
        ab, notices = self._colorings.under(guidance.levels).ab(guidance)
        warn((*told, *notices))
        return ab

    def suggest(
        self, x: float, y: float, n: int = 8, levels: AskedLevels = None
    ) -> list[Suggestion]:
        """Plausible colors of a point, the most likely first.

        Args:
            x: in pixels of the upright picture, from its left edge.
            y: in pixels of the upright picture, from its top edge.
            n: the largest number of colors.
            levels: of the picture, as in `Guidance`.

        Raises:
            GuidanceError: the point lies outside the picture.
            ModelLacks: the model has no distribution over colors.
        """
        return self._colorings.under(levels).suggest(x, y, n)

    def uncertainty(self, levels: AskedLevels = None) -> NDArray[np.float32]:
        """The model's uncertainty, (h, w) at the size of its colors: 0, certain, to 1, any color.

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        return find_uncertainty(*self._colorings.under(levels).prediction(None).distribution)

    def variants(self, n: int, guidance: Guidance | None = None) -> list[Guidance]:
        """Up to n plausible colorizations that differ visibly, the most likely first.

        Args:
            n: the number of colorizations; the picture may allow fewer.
            guidance: the guidance that they share.

        Returns:
            Guidances that differ by `variant`, which is 0 in the first one.

        Raises:
            ModelLacks: n > 1 and the model has no distribution over colors, or it has no such
                setting.
        """
        guidance = Guidance.of(guidance)
        self._encoder.session.card.setting(guidance.setting)
        found = [replace(guidance, variant=0)][: checked_count("n", n)]
        if n > 1:
            reference = encoded_reference(self._encoder.prepare(guidance)[0])
            prediction = self._colorings.under(guidance.levels).prediction(reference)
            others = find_variants(prediction.decoded.ab, *prediction.distribution, n - 1)
            found += [replace(guidance, variant=k) for k in range(1, len(others) + 1)]
        return found

    def matches(self, hints: Sequence[Hint], source: Canvas[Any]) -> list[Match]:
        """Where the things that hints of another photograph color are seen in this one.

        Raises:
            GuidanceError: these are not hints, or one lies outside of the source.
            OptionError: the source is not a canvas, or was opened with another model.
        """
        if not isinstance(source, Canvas):
            raise OptionError("source", f"{shown(source)} is not a Canvas", "use Colorizer.open")
        told = Guidance(hints=hints).hints
        return find_matches(told, *(one._colorings.under(None).seen for one in (source, self)))

    def colorize(self, guidance: Guidance | None = None, picture: Picture | None = None) -> Pixels:
        """The colored picture with its lightness, depth and alpha, in sRGB.

        It is computed when its pixels are read. Raises and warns like `ab`.

        Args:
            guidance: how to color it.
            picture: the picture in another size, see `colornet.picture.shrunk`; None: full size.
        """
        pixels = self.render(guidance, picture)
        warn(pixels.notices)
        return pixels

    def render(self, guidance: Guidance | None = None, picture: Picture | None = None) -> Pixels:
        """The same as `colorize`, with notices in the result instead of warnings."""
        guidance, told = self._encoder.prepare(guidance)
        pixels = self._colorings.pixels(guidance, picture)
        return replace(pixels, notices=(*told, *pixels.notices))

    @overload
    def save(
        self, output: str | Path, guidance: Guidance | None = ..., **options: Unpack[SaveOptions]
    ) -> Path: ...
    @overload
    def save(
        self, output: None = ..., guidance: Guidance | None = ..., **options: Unpack[SaveOptions]
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
            output: a file; None: NAME-color.jpg beside a file NAME.jpg, or else the kind that
                came in.
            guidance: how to color it.
            encoding: format, quality, metadata.
            overwrite: whether an existing file may be replaced.

        Returns:
            The path, or else bytes, an array or a PIL picture, as the source was.

        Raises:
            OptionError: it would replace the reference.
            UnwritablePicture, UnreadablePicture: see `colornet.picture.write`; or see `ab`.

        Warns:
            ColornetWarning: see `ab`; or the result's format cannot hold some metadata.
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
        """The same as `save`, with notices in the result instead of warnings."""
        pixels = self.render(guidance)
        return store(self.picture, pixels, guidance, output, encoding, overwrite)

    def save_variants(
        self,
        count: int,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
    ) -> list[Path]:
        """Store plausible colorizations, see `variants`, as NAME-1, the most likely, NAME-2 ..

        Args:
            count: the number of colorizations; the picture may allow fewer.
            output: a file, to whose name numbers are added; None: NAME-color beside the picture.
            guidance: the guidance that they share.
            encoding: format, quality, metadata.
            overwrite: whether existing files may be replaced.

        Returns:
            The paths.

        Raises:
            UnwritablePicture: the source is not a file, and no output is given; or see `save`.

        Warns:
            ColornetWarning: there are fewer variants; or see `save`.
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
        """The same as `save_variants`, with notices in the result instead of warnings."""
        place = place_of(self.picture, output, Encoding.of(encoding))
        if place is None:
            raise UnwritablePicture("the variants", "have no name", "name a file for them")
        encoded, told = self._encoder.prepare(guidance)
        found = self.variants(count, encoded)
        if len(found) < count:
            reason = f"allows only {len(found)} visibly different variants, not {count}"
            told = (*told, Notice("fewer-variants", reason, self.picture.name))
        places = [numbered(place, k) for k in range(1, len(found) + 1)]
        pixels = map(self.render, found)
        written = store_all(self.picture, pixels, guidance, places, encoding, overwrite)
        return Written(written.result, tuple(dict.fromkeys((*told, *written.notices))))
