"""Encode a picture once, decode it as often as the guidance changes."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from colornet import alternatives
from colornet.brush import cells_at
from colornet.decoding import Decoding, Decodings
from colornet.errors import (
    GuidanceError,
    ModelLacks,
    UnreadablePicture,
    UnwritablePicture,
)
from colornet.fullsize import recombine
from colornet.grid import resample
from colornet.guidance import Guidance, Prior, Suggestion
from colornet.modelfile import DEFAULT_MODEL, ModelCard, find
from colornet.network import Network, Tensors
from colornet.notices import Notice, as_notices, warn
from colornet.picture import (
    SUFFIXES,
    Encoding,
    Limits,
    Picture,
    Pixels,
    Written,
    model_ab,
    model_lightness,
    model_opacity,
    read,
    stacked,
    too_dark,
    write,
)
from colornet.placement import Placed, place, settle, to_hex
from colornet.propagation import spread
from colornet.provenance import identify, provenance
from colornet.reference import SIDE, Reference

__all__ = ["Canvas", "Colorizer", "colorize", "numbered"]

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from colornet.guidance import Hint
    from colornet.picture import Format, Source

KEPT_PIXELS = 1 << 21  # of a picture whose lightness a canvas keeps: 8 MiB, for the next guidance
DARK = 60.0  # lightness; where nothing is brighter, values of 16 bits are looked at
COLOR_DISCARDED = "is in color already; its own colors are discarded"
NO_COLORS_TO_TAKE = "has no colors to take over; only its overall impression counts"
VISIBLE = 1.0  # Lab units: nobody sees a color whose |a*| and |b*| are smaller


class Colorizer:
    """A model, loaded once; from several threads it may be used without a lock.

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
            ModelNotFound, ModelDamaged: see `colornet.modelfile`.
        """
        self._network = Network(find(model), threads)
        self.card: ModelCard = self._network.card
        self._limits = limits

    def open(self, source: Source, *, partial: bool = False) -> Canvas:
        """Read and encode a picture.

        Args:
            source: a path, the bytes of a file, an array, a PIL picture or a binary stream.
            partial: color what there is of a JPEG, PNG or TIFF that ends too early; the rest
                stays as it is decoded, without color.

        Raises:
            UnreadablePicture, PictureTooLarge: it has several pages; or see
                `colornet.picture.read`.

        Warns:
            ColornetWarning: the picture has colors, which do not matter here; or what its
                `notices` tell.
        """
        canvas = self.encode(source, partial=partial)
        warn(canvas.notices)
        return canvas

    def encode(self, source: Source, *, partial: bool = False) -> Canvas:
        """As `open`, without warnings: `Canvas.notices` has what they would say."""
        picture = read(source, self._limits, partial)
        if picture.pages > 1:
            mend = "color it as a whole, from file to file"
            raise UnreadablePicture(picture.name, f"holds {picture.pages} pages", mend)
        return self._encode_page(picture, _notices_of(picture))

    def prior(self, source: Source) -> Prior:
        """The global prior of a photograph, to be the reference for others.

        Raises:
            ModelLacks: this model has no global prior.
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.
        """
        if not self.card.prior:
            reason = "has no global prior, so that no reference can guide it"
            raise ModelLacks(self.card.name, reason, "leave the reference out")
        _, encoded = self._encode(read(source, self._limits))
        return Prior(encoded["prior"][0])

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
        picture = read(source, self._limits)
        lightness, encoded = self._encode(picture)
        return replace(self._refer(picture, lightness, encoded), origin=identify(source))

    def prepare(self, guidance: Guidance) -> tuple[Guidance, tuple[Notice, ...]]:
        """A guidance whose reference was encoded, to color many pictures by, and its notices.

        Raises as `reference` does, and warns of nothing.
        """
        source = guidance.reference
        if source is None or isinstance(source, Prior | Reference):
            return guidance, ()
        reference = self.refer(source)
        return replace(guidance, reference=reference), reference.notices

    def colorize(
        self,
        source: Source,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
        partial: bool = False,
    ) -> Any:
        """Color one picture, or all pages of one: as by `open` and `Canvas.save`."""
        written = self.write(
            source, output, guidance, encoding=encoding, overwrite=overwrite, partial=partial
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
        partial: bool = False,
    ) -> Written[Any]:
        """As `colorize`, without warnings: the notices come with the result."""
        picture = read(source, self._limits, partial)
        guidance, told = self.prepare(guidance or Guidance())
        pages = [picture.page(k) for k in range(picture.pages)] if picture.pages > 1 else [picture]
        canvases = [self._encode_page(page, ()) for page in pages]
        pixels = stacked([canvas.render(guidance) for canvas in canvases])
        told = (*_notices_of(picture), *(n for canvas in canvases for n in canvas.notices), *told)
        pixels = replace(pixels, notices=(*told, *pixels.notices))
        return _store(picture, pixels, output, encoding, overwrite)

    def _encode_page(self, picture: Picture, notices: tuple[Notice, ...]) -> Canvas:
        name, told = picture.name, list(notices)
        if picture.had_color:
            told.append(Notice("color-discarded", COLOR_DISCARDED, name))
        lightness, encoded = self._encode(picture)
        if picture.doubt:
            told.append(Notice("may-be-damaged", picture.doubt, name))
        if lightness.max() < DARK and (suspicion := too_dark(picture)):
            told.append(Notice("too-dark", suspicion, name))
        return Canvas(self, picture, lightness, encoded, tuple(told))

    def _encode(self, picture: Picture) -> tuple[NDArray[np.float32], Tensors]:
        lightness = model_lightness(picture, self.card.input_size)  # (S, S)
        return lightness, self._network.encode(lightness)

    def _refer(
        self, picture: Picture, lightness: NDArray[np.float32], encoded: Tensors
    ) -> Reference:
        ab = resample(model_ab(picture, self.card.input_size), SIDE, SIDE).reshape(2, -1)
        reference = Reference(
            prior=encoded["prior"][0] if self.card.prior else None,
            places=self._network.places(encoded, SIDE, SIDE),
            lightness=resample(lightness, SIDE, SIDE).reshape(-1),
            ab=ab,
            origin={"name": Path(picture.name).name},
        )
        if reference.has_color:
            return reference
        notice = Notice("reference-without-color", NO_COLORS_TO_TAKE, picture.name)
        return replace(reference, notices=(notice,))


class Canvas:
    """A picture that was encoded, to be colored as often as one likes.

    Attributes:
        picture: what was read.
        notices: what may not be as expected in it.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        picture: Picture,
        lightness: NDArray[np.float32],
        encoded: Tensors,
        notices: tuple[Notice, ...],
    ) -> None:
        self.picture = picture
        self.notices = notices
        self._colorizer = colorizer
        self._lightness = lightness
        self._encoded = encoded
        self._decodings = Decodings(colorizer._network, lightness, encoded)
        self._planes: list[tuple[NDArray[np.float32], NDArray[Any] | None]] = []

    @property
    def nbytes(self) -> int:
        """Memory that what was encoded, decoded and kept of the picture takes."""
        kept = [plane for strip in self._planes for plane in strip if plane is not None]
        arrays = (self._lightness, *self._encoded.values(), *kept)
        held = self.picture.loader.held + self._decodings.nbytes
        return sum(array.nbytes for array in arrays) + held

    @property
    def prior(self) -> Prior | None:
        """The picture's own global prior, to be the reference for others; None: it has none."""
        return Prior(self._encoded["prior"][0]) if "prior" in self._encoded else None

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
        return self._colorizer._refer(self.picture, self._lightness, self._encoded)

    def ab(self, guidance: Guidance | None = None) -> NDArray[np.float32]:
        """The colors at the model's size: float32 (2, h, w), Lab units.

        Only decoder and guide run, and not even they for the references used last, none being one.

        Raises:
            GuidanceError: a hint lies outside the picture or where it is transparent, or there are
                not so many variants.
            ModelLacks: the model knows no hints, no reference, no variants, or no setting of that
                name.
            ModelDamaged: the model fails, or gives values that are no numbers.
            UnreadablePicture, PictureTooLarge: the reference cannot be read.

        Warns:
            ColornetWarning: the model found no color for this picture, or a hint cannot be
                followed quite as asked.
        """
        guidance, told = self._colorizer.prepare(guidance or Guidance())
        ab, notices = self._ab(guidance)
        warn((*told, *notices))
        return ab

    def _ab(self, guidance: Guidance) -> tuple[NDArray[np.float32], tuple[Notice, ...]]:
        """As `ab`, by a guidance that was prepared."""
        setting = self._colorizer.card.setting(guidance.setting)
        decoding = self._decoding(guidance.reference)
        ab = decoding.colors(setting.vividness, guidance.variant)
        ab = ab * np.float32(guidance.saturation * setting.saturation)
        placed = self._placed(guidance, ab)
        name = self.picture.name
        notices = [
            replace(notice, subject=f"{name}, {notice.subject}") for notice in placed.notices
        ]
        if len(placed.cells):
            looks = np.concatenate([decoding.shade[np.newaxis], decoding.ab])
            own, told = ab, (placed.cells, placed.ab, placed.kept, placed.reach, placed.hint)
            ab = spread(own, decoding.affinity, looks, *told)
            ab = settle(ab, placed, self._lightness, own)
        elif np.abs(ab).max() < VISIBLE and guidance.saturation:
            reason = f"stays gray: the model {self._colorizer.card.name} found no color for it"
            notices.append(Notice("stays-gray", reason, name))
        return ab * np.float32(guidance.strength), tuple(notices)

    def suggest(self, x: float, y: float, n: int = 8) -> list[Suggestion]:
        """The colors that the model holds possible at a point, the likeliest first.

        Args:
            x, y: in pixels of the upright picture, from its upper left corner.
            n: how many, at most.

        Raises:
            GuidanceError: the point lies outside the picture.
            ModelLacks: the model has no distribution over colors.
        """
        width, height = self.picture.width, self.picture.height
        if not (0 <= x <= width and 0 <= y <= height):
            mend = f"the picture has {width} x {height} pixels"
            raise GuidanceError(f"{x:g},{y:g}", "lies outside the picture", mend)
        distribution, bins = self._decoding(None).distribution
        cell = self._cell(x, y, distribution)
        colors, probabilities = alternatives.suggest(distribution[:, *cell], bins, n)
        shade = float(self._lightness[self._cell(x, y, self._lightness)])
        pairs = zip(colors, probabilities.tolist(), strict=True)
        return [Suggestion(to_hex(shade, ab), probability) for ab, probability in pairs]

    def uncertainty(self) -> NDArray[np.float32]:
        """Where the model is unsure: (h, w) of its colors' size, 0 (sure) to 1 (could be any).

        Raises:
            ModelLacks: the model has no distribution over colors.
        """
        return alternatives.uncertainty(*self._decoding(None).distribution)

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
        self._colorizer.card.setting(guidance.setting)
        found = [replace(guidance, variant=0)][:n]
        if n > 1:
            others = self._decoding(guidance.reference).variants(n - 1)
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
        guidance, told = self._colorizer.prepare(guidance or Guidance())
        ab, notices = self._ab(guidance)
        small = picture is None and self.picture.width * self.picture.height <= KEPT_PIXELS
        kept = self._kept if small else None
        pixels = recombine(picture or self.picture, ab, self._lightness, kept)
        made = provenance(self._colorizer.card, guidance)
        return replace(pixels, made=made, notices=(*told, *notices))

    def _kept(
        self, first: int, end: int
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[Any] | None]]:
        """The picture's planes, which are decoded once."""
        self._planes = self._planes or list(self.picture.planes())
        top = 0
        for lightness, alpha in self._planes:
            rows = slice(max(first - top, 0), max(end - top, 0))
            if len(lightness[rows]):
                yield lightness[rows], None if alpha is None else alpha[rows]
            top += len(lightness)

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
            UnwritablePicture, UnreadablePicture: see `colornet.picture.write`.
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
        return _store(self.picture, self.render(guidance), output, encoding, overwrite)

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
            guidance, encoding, overwrite: as for `save`.

        Returns:
            The paths written; fewer if the picture allows no more.

        Raises:
            UnwritablePicture: there is no name for the files; or see `save`.

        Warns:
            ColornetWarning: they are fewer.
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
        encoding = encoding or Encoding()
        if output is None and self.picture.kind == "path":
            output = _beside(Path(self.picture.name), encoding.format or self.picture.format)
        if output is None:
            raise UnwritablePicture("the variants", "have no name", "name a file for them")
        guidance, told = self._colorizer.prepare(guidance or Guidance())
        found = self.variants(count, guidance)
        if len(found) < count:
            reason = f"allows only {len(found)} visibly different variants, not {count}"
            told = (*told, Notice("fewer-variants", reason, self.picture.name))
        written = [
            self.write(numbered(Path(output), k), each, encoding=encoding, overwrite=overwrite)
            for k, each in enumerate(found, 1)
        ]
        told = (*told, *(notice for one in written for notice in one.notices))
        return Written([one.result for one in written], tuple(dict.fromkeys(told)))

    def _decoding(self, reference: Source | Prior | Reference | None) -> Decoding:
        if not (reference is None or isinstance(reference, Prior | Reference)):
            reference = self._colorizer.refer(reference)
        return self._decodings.under(reference)

    def _placed(self, guidance: Guidance, own: NDArray[np.float32]) -> Placed:
        _, height, width = own.shape
        card = self._colorizer.card
        if guidance.hints and not card.hints:
            raise ModelLacks(
                card.name, "takes no hints", "leave them out, or use a model that does"
            )
        opacity = self._opacity if guidance.hints else None
        return place(
            guidance.hints,
            (self.picture.width, self.picture.height),
            resample(self._lightness, height, width),
            None if opacity is None else resample(opacity, height, width),
            own,
        )

    def _cell(self, x: float, y: float, map_: NDArray[np.float32]) -> tuple[int, int]:
        """Row and column of the cell of (.., h, w) at x, y, in pixels of the picture."""
        *_, height, width = map_.shape
        position = np.array([[x * width, y * height]]) / (self.picture.width, self.picture.height)
        row, column = cells_at(position, map_.shape)[0].tolist()
        return row, column

    @functools.cached_property
    def _opacity(self) -> NDArray[np.float32] | None:
        return model_opacity(self.picture, self._colorizer.card.input_size)


def _notices_of(picture: Picture) -> tuple[Notice, ...]:
    return as_notices("picture", picture.name, picture.notices)


def numbered(path: Path, number: int) -> Path:
    """NAME.jpg -> NAME-1.jpg."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def _store(
    picture: Picture,
    pixels: Pixels,
    output: str | Path | None,
    encoding: Encoding | None,
    overwrite: bool,
) -> Written[Any]:
    """Beside a file if no other place is named."""
    encoding = encoding or Encoding()
    if output is None and picture.kind == "path":
        output = _beside(Path(picture.name), encoding.format or picture.format)
    return write(picture, pixels, output, encoding, overwrite)


def _beside(path: Path, format: Format | None) -> Path:
    """NAME-color with the suffix it has, unless that stands for another format."""
    usual = SUFFIXES[format] if format else (path.suffix,)
    suffix = path.suffix if path.suffix.lower() in usual else usual[0]
    return path.with_name(f"{path.stem}-color{suffix}")


def colorize(
    source: Source,
    output: str | Path | None = None,
    *,
    model: str | Path = DEFAULT_MODEL,
    strength: float = 1.0,
    saturation: float = 1.0,
    reference: Source | Prior | Reference | None = None,
    hints: Sequence[Hint] = (),
    variant: int = 0,
    format: Format | None = None,
    quality: int | None = None,
    strip_metadata: bool = False,
    keep_times: bool = False,
    overwrite: bool = False,
    partial: bool = False,
) -> Any:
    """Color a photograph; a path, bytes, an array or a PIL picture gives the same kind back.

    The model stays loaded for the next call.

    Args:
        source: a path, the bytes of a file, an array, a PIL picture or a binary stream.
        output: a file; None: what came in comes out, and beside NAME.jpg its NAME-color.jpg.
        model: the name of a shipped model, or a model folder.
        strength: from 0, the gray original, to 1, the model's full color.
        saturation: factor on the chroma, 0..4.
        reference: another photograph, whose global prior replaces the picture's own, and whose
            colors go to the places that resemble it.
        hints: colors of places, such as `Hint([(120, 340)], "teal")`.
        variant: 0: the likeliest colors; k: the k-th other plausible ones.
        format: "jpeg", "png", "tiff", "webp" or "avif"; None: the source's.
        quality: 1..100 for the formats that lose some.
        strip_metadata: leave out EXIF, XMP and the note that the colors are computed.
        keep_times: give a file made from a file its times of access and modification.
        overwrite: whether a file that is there may be replaced.
        partial: color what there is of a JPEG, PNG or TIFF that ends too early; the rest stays as
            it is decoded, without color.

    Returns:
        The path written, or else bytes, an array or a PIL picture, as the source was.

    Raises:
        ColornetError: see `colornet.errors` for its kinds.
    """
    guidance = Guidance(strength, saturation, reference, hints=hints, variant=variant)
    encoding = Encoding(format, quality, strip_metadata, keep_times)
    colorizer = _cached_colorizer(str(model))
    written = colorizer.write(
        source, output, guidance, encoding=encoding, overwrite=overwrite, partial=partial
    )
    warn(written.notices)
    return written.result


@functools.lru_cache(maxsize=2)
def _cached_colorizer(model: str) -> Colorizer:
    return Colorizer(model)
