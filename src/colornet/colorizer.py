"""Encode a picture once, decode it as often as the guidance changes."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from colornet.errors import ModelDamaged, ModelLacks
from colornet.fullsize import recombine
from colornet.guidance import Guidance, Prior
from colornet.modelfile import (
    DECODER,
    DEFAULT_MODEL,
    ENCODER,
    ModelCard,
    decoder_outputs,
    find,
    open_graphs,
)
from colornet.picture import SUFFIXES, Encoding, Limits, Picture, model_lightness, read, write

if TYPE_CHECKING:
    import pyvips
    from onnxruntime import InferenceSession

    from colornet.picture import Format, Source

Tensors = dict[str, NDArray[np.float32]]

VISIBLE = 1.0  # Lab units: nobody sees a color whose |a*| and |b*| are smaller


class ColornetWarning(UserWarning):
    """The result is whole, but not what one might have expected of the source."""


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
        folder = find(model)
        self.card: ModelCard = folder.card
        self._path = folder.path
        self._limits = limits
        self._encoder, self._decoder = open_graphs(folder, threads)

    def open(self, source: Source) -> Canvas:
        """Read and encode a picture.

        Args:
            source: a path, the bytes of a file, an array, a PIL picture or a binary stream.

        Raises:
            UnreadablePicture, PictureTooLarge: see `colornet.picture.read`.

        Warns:
            ColornetWarning: the picture has colors, which do not matter here.
        """
        picture = read(source, self._limits)
        if picture.had_color:
            notice = "is in color already; its own colors are discarded"
            warnings.warn(f"{picture.name}: {notice}", ColornetWarning, stacklevel=2)
        lightness, encoded = self._encode(picture)
        return Canvas(self, picture, lightness, encoded)

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

    def colorize(
        self,
        source: Source,
        output: str | Path | None = None,
        guidance: Guidance | None = None,
        *,
        encoding: Encoding | None = None,
        overwrite: bool = False,
    ) -> Any:
        """Color one picture: `open`, then `Canvas.save`."""
        canvas = self.open(source)
        return canvas.save(output, guidance, encoding=encoding, overwrite=overwrite)

    def _encode(self, picture: Picture) -> tuple[NDArray[np.float32], Tensors]:
        lightness = model_lightness(picture, self.card.input_size)  # (S, S)
        names = [*self.card.features, "prior"] if self.card.prior else list(self.card.features)
        inputs = {"lightness": lightness[np.newaxis, np.newaxis]}  # (1, 1, S, S)
        return lightness, self._run(self._encoder, ENCODER, inputs, names)

    def _decode(self, encoded: Tensors) -> Tensors:
        """What `decoder_outputs` names, each (channels, h, w); colors in Lab units."""
        outputs = self._run(self._decoder, DECODER, encoded, list(decoder_outputs(self.card)))
        return {name: output[0] for name, output in outputs.items()}

    def _run(
        self, graph: InferenceSession, file: str, inputs: Tensors, names: list[str]
    ) -> Tensors:
        try:
            outputs = dict(zip(names, graph.run(names, inputs), strict=True))
        except Exception as error:  # onnxruntime's errors have no common base
            reason = f"failed to run ({str(error).splitlines()[0]})"
            raise ModelDamaged(self._path / file, reason) from None
        if not all(np.isfinite(output).all() for output in outputs.values()):
            mend = "train it again, or use another model"
            raise ModelDamaged(self._path / file, "gives values that are no numbers", mend)
        return outputs


class Canvas:
    """A picture that was encoded, to be colored as often as one likes.

    Attributes:
        picture: what was read.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        picture: Picture,
        lightness: NDArray[np.float32],
        encoded: Tensors,
    ) -> None:
        self.picture = picture
        self._colorizer = colorizer
        self._lightness = lightness
        self._encoded = encoded

    @property
    def nbytes(self) -> int:
        """Memory that what was encoded takes."""
        return self._lightness.nbytes + sum(tensor.nbytes for tensor in self._encoded.values())

    @property
    def prior(self) -> Prior | None:
        """The picture's own global prior, to be the reference for others; None: it has none."""
        return Prior(self._encoded["prior"][0]) if "prior" in self._encoded else None

    def ab(self, guidance: Guidance | None = None) -> NDArray[np.float32]:
        """The colors at the model's size: float32 (2, h, w), Lab units.

        Raises:
            ModelLacks: there is a reference, but no global prior in the model; or it has no
                setting of that name.
            ModelDamaged: the model fails, or gives values that are no numbers.

        Warns:
            ColornetWarning: the model found no color for this picture.
        """
        guidance = guidance or Guidance()
        setting = self._colorizer.card.setting(guidance.setting)
        decoded = self._colorizer._decode(self._encoded | self._prior_of(guidance))
        ab = decoded["ab"]
        if setting.vividness:
            ab = ab + np.float32(setting.vividness) * (decoded["vivid"] - ab)
        if np.abs(ab).max() < VISIBLE:
            notice = f"stays gray: the model {self._colorizer.card.name} found no color for it"
            warnings.warn(f"{self.picture.name}: {notice}", ColornetWarning, stacklevel=2)
        return ab * np.float32(guidance.strength * guidance.saturation * setting.saturation)

    def colorize(
        self, guidance: Guidance | None = None, picture: Picture | None = None
    ) -> pyvips.Image:
        """The colored picture, its lightness kept: sRGB of its depth, alpha joined.

        It is not evaluated before its pixels are asked for. Raises and warns as `ab` does.

        Args:
            guidance: how to color it.
            picture: the same in another size, see `colornet.picture.shrunk`; None: full size.
        """
        return recombine(picture or self.picture, self.ab(guidance), self._lightness)

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
        encoding = encoding or Encoding()
        if output is None and self.picture.kind == "path":
            output = _beside(Path(self.picture.name), encoding.format or self.picture.format)
        return write(self.picture, self.colorize(guidance), output, encoding, overwrite)

    def _prior_of(self, guidance: Guidance) -> Tensors:
        """What replaces the picture's own prior."""
        reference = guidance.reference
        if reference is None:
            return {}
        prior = reference if isinstance(reference, Prior) else self._colorizer.prior(reference)
        if prior.values.size != self._colorizer.card.prior:
            name = self._colorizer.card.name
            raise ModelLacks(name, "has another kind of prior", "take the reference's from it")
        return {"prior": prior.values[np.newaxis]}


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
    reference: Source | Prior | None = None,
    format: Format | None = None,
    quality: int | None = None,
    strip_metadata: bool = False,
    overwrite: bool = False,
) -> Any:
    """Color a photograph; a path, bytes, an array or a PIL picture gives the same kind back.

    The model stays loaded for the next call.

    Args:
        source: a path, the bytes of a file, an array, a PIL picture or a binary stream.
        output: a file; None: what came in comes out, and beside NAME.jpg its NAME-color.jpg.
        model: the name of a shipped model, or a model folder.
        strength: from 0, the gray original, to 1, the model's full color.
        saturation: factor on the chroma, 0..4.
        reference: another photograph, whose global prior replaces the picture's own.
        format: "jpeg", "png", "tiff", "webp" or "avif"; None: the source's.
        quality: 1..100 for the formats that lose some.
        strip_metadata: leave out EXIF, XMP and the note that the colors are computed.
        overwrite: whether a file that is there may be replaced.

    Returns:
        The path written, or else bytes, an array or a PIL picture, as the source was.

    Raises:
        ColornetError: see `colornet.errors` for its kinds.
    """
    guidance = Guidance(strength, saturation, reference)
    encoding = Encoding(format, quality, strip_metadata)
    colorizer = _cached_colorizer(str(model))
    return colorizer.colorize(source, output, guidance, encoding=encoding, overwrite=overwrite)


@functools.lru_cache(maxsize=2)
def _cached_colorizer(model: str) -> Colorizer:
    return Colorizer(model)
