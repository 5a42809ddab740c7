"""Read and write pictures: the only place that knows files, formats, metadata and limits.

A picture is read lazily: `read` looks at the header and at a small copy; the pixels are decoded
when a result is asked for, and let go when it is dropped (libvips holds large ones on disk).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, TypeGuard, get_args

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import OptionError, PictureTooLarge, UnreadablePicture, UnwritablePicture

if TYPE_CHECKING:
    import PIL.Image

Source: TypeAlias = "str | os.PathLike[str] | bytes | NDArray[Any] | PIL.Image.Image | BinaryIO"
"""What a picture may be given as."""
Kind = Literal["path", "bytes", "array", "pil", "stream"]
Format = Literal["jpeg", "png", "tiff", "webp", "avif"]
Access = Literal["sequential", "random"]
Loader = Callable[[Access, int], pyvips.Image]
"""Opens the upright picture; the number says how much smaller it may be, where that is cheap."""

SUFFIXES: dict[Format, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif",),
}
"""Each format's file suffixes, the usual one first."""

SAVERS: dict[Format, tuple[str, dict[str, Any]]] = {
    "jpeg": ("jpegsave_target", {"Q": 92}),
    "png": ("pngsave_target", {"compression": 6}),
    "tiff": ("tiffsave_target", {"compression": "deflate", "predictor": "horizontal"}),
    "webp": ("webpsave_target", {"Q": 90}),
    "avif": ("heifsave_target", {"Q": 80, "compression": "av1", "effort": 3}),
}
"""Each format's libvips operation and its settings when nothing else is asked for."""

LOSSY = ("jpeg", "webp", "avif")
DEEP = ("png", "tiff", "avif")
"""Formats that hold more than 8 bits a channel (AVIF: 12)."""

KEPT_FIELDS = ("exif-", "xmp-data", "iptc-data", "png-comment-", "resolution-unit")
"""Beginnings of the metadata fields that go from the source to the result."""

STALE_FIELDS = ("orientation", "exif-ifd0-Orientation", "exif-ifd1-", "jpeg-thumbnail-data")
"""But not these: the result is upright, and the embedded thumbnail still gray."""

AI_NOTE = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/'
    'compositeWithTrainedAlgorithmicMedia"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
"""XMP that says, in IPTC's words, that a trained algorithm made a part of the picture."""

SAVE_AS_PNG = "save it as an 8- or 16-bit PNG, JPEG or TIFF first"
SAVE_ONE = "save the one to colorize as a picture of its own"
GET_ANOTHER_COPY = "get another copy of it, or save it anew as PNG, JPEG or TIFF"
THUMBNAIL = 64  # pixels; the copy on which `had_color` is decided
TONE_WIDTH = 10.0  # Lab units around the tone that a toned print has at each lightness
STRAY_SHARE = 0.01  # of the pixels may lie further off


@dataclass(frozen=True)
class Limits:
    """How large a picture may be; checked before any pixel is decoded."""

    bytes: int = 2 << 30
    """Of the file or stream."""
    pixels: int = 400_000_000
    """Width times height."""
    min_side: int = 16
    """Of the shorter side, in pixels: below it there is nothing to recognize."""


@dataclass(frozen=True)
class Encoding:
    """How a result is stored.

    Raises:
        OptionError: an unknown format or a quality outside 1..100.
    """

    format: Format | None = None
    """None: that of the target's suffix, or else of the source."""
    quality: int | None = None
    """1..100 for JPEG, WebP and AVIF; None: high, at a sensible size."""
    strip_metadata: bool = False
    """Leave out EXIF, XMP, comments and the note that the colors are computed."""

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in SUFFIXES:
            raise OptionError("format", f"{self.format!r} is unknown", f"use {_known_formats()}")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise OptionError("quality", f"{self.quality} is out of range", "use 1 to 100")


@dataclass(frozen=True)
class Picture:
    """A picture that was found readable, upright, with its pixels not yet decoded.

    Attributes:
        name: for messages: the path, or what else it is.
        kind: what the source was, and so what the result is.
        format: of the file or bytes; None for an array or PIL picture.
        width: in pixels, after EXIF orientation.
        height: in pixels, after EXIF orientation.
        depth: 8 or 16 bits a channel.
        had_color: whether color worth a notice is lost; not so for gray stored as RGB, nor for
            one tone such as sepia.
        dtype: of the array, where the source was one.
    """

    name: str
    kind: Kind
    format: Format | None
    width: int
    height: int
    depth: int
    had_color: bool
    dtype: np.dtype[Any] | None
    _load: Loader = field(repr=False)

    @property
    def lightness(self) -> pyvips.Image:
        """L* of Lab, one band of float, 0..100; not yet evaluated."""
        return self.planes()[0]

    @property
    def alpha(self) -> pyvips.Image | None:
        """The alpha channel as stored, 8 or 16 bits; not yet evaluated."""
        return self.planes()[1]

    def planes(self) -> tuple[pyvips.Image, pyvips.Image | None]:
        """Lightness and alpha from one decoding.

        Raises:
            UnreadablePicture: the file has gone or changed since `read`.
        """
        with _reading(self.name):
            image = self._load("random", 1)
            return _lightness(image), _split_alpha(image)[1]


# Reading


def read(source: Source, limits: Limits | None = None) -> Picture:
    """Look at a picture: find its format, check it, and leave its pixels for later.

    Args:
        source: a path, the bytes of a file, a binary stream (read to its end), a PIL picture, or
            an array (H, W) or (H, W, 1..4) of gray, gray + alpha, RGB or RGB + alpha: uint8,
            uint16, or float 0..1.
        limits: on bytes, pixels and sides.

    Raises:
        UnreadablePicture: missing, empty, truncated, unknown, too small, not a still photograph.
        PictureTooLarge: over the limits.
    """
    limits = limits or Limits()
    if isinstance(source, np.ndarray):
        return _from_array("the array", "array", source, limits, source.dtype)
    if _is_pil(source):
        return _from_pil(source, limits)
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        head, size = _look(path)
        name, make = str(path), lambda: _file_source(path)
        kind: Kind = "path"
    else:
        name, kind, data = _read_bytes(source, limits)
        head, size = data[:64], len(data)
        make = lambda: pyvips.Source.new_from_memory(data)  # noqa: E731
    if size > limits.bytes:
        raise PictureTooLarge(
            name, f"{size:,} bytes, more than {limits.bytes:,}", "raise the limit"
        )
    format = _find_format(name, head)
    return _checked(name, kind, format, _file_loader(format, make), limits)


def _read_bytes(source: Any, limits: Limits) -> tuple[str, Kind, bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        return "the picture", "bytes", bytes(source)
    if not hasattr(source, "read"):
        raise UnreadablePicture(
            type(source).__name__,
            "is not a kind of picture",
            "give a path, bytes, a numpy array, a PIL picture or a binary stream",
        )
    name = str(getattr(source, "name", "the stream"))
    data = source.read(limits.bytes + 1)
    if not isinstance(data, bytes):
        raise UnreadablePicture(name, "is a stream of text", "open it in binary mode")
    return name, "stream", data


def _look(path: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and its size."""
    try:
        if path.is_dir():
            raise UnreadablePicture(path, "is a folder, not a picture", "name a picture in it")
        with path.open("rb") as file:
            return file.read(64), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise UnreadablePicture(path, "there is no such file", "check the name") from None
    except PermissionError:
        mend = "allow reading it (chmod +r)"
        raise UnreadablePicture(path, "permission denied", mend) from None
    except (OSError, ValueError) as error:
        raise UnreadablePicture(path, _one_line(error), "check the name") from None


def _find_format(name: str, head: bytes) -> Format:
    """The format by content: names lie."""
    if not head:
        raise UnreadablePicture(name, "is empty", GET_ANOTHER_COPY)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:12] == b"ftypavis":
        raise UnreadablePicture(name, "is an animated AVIF", SAVE_ONE)
    if head[4:8] == b"ftyp" and b"avif" in head[8:]:
        return "avif"
    foreign = {b"GIF8": "a GIF", b"BM": "a BMP", b"%PDF": "a PDF", b"8BPS": "a Photoshop file"}
    what = next((what for magic, what in foreign.items() if head.startswith(magic)), None)
    reason = f"is {what}" if what else f"is not a picture in {_known_formats()}"
    raise UnreadablePicture(name, reason, SAVE_AS_PNG if what else f"if it is one, {SAVE_AS_PNG}")


def _file_source(path: Path) -> pyvips.Source:
    with path.open("rb") as file:
        return pyvips.Source.new_from_descriptor(file.fileno())


def _file_loader(format: Format, make: Callable[[], pyvips.Source]) -> Loader:
    def load(access: Access, shrink: int) -> pyvips.Image:
        options: dict[str, Any] = {"fail_on": "truncated"}
        if format == "jpeg" and shrink > 1:
            options["shrink"] = shrink
        image = pyvips.Image.new_from_source(make(), "", access=access, **options)
        if (
            access == "sequential" and _orientation(image) > 2
        ):  # turning needs rows in another order than they are stored
            image = pyvips.Image.new_from_source(make(), "", access="random", **options)
        return image.autorot()

    return load


def _orientation(image: pyvips.Image) -> int:
    return image.get("orientation") if image.get_typeof("orientation") else 1


def _from_array(
    name: str,
    kind: Kind,
    array: NDArray[Any],
    limits: Limits,
    dtype: np.dtype[Any] | None = None,
    icc: bytes | None = None,
) -> Picture:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4:
        reason = f"has the shape {array.shape}"
        raise UnreadablePicture(name, reason, "give (H, W) or (H, W, channels), 1 to 4 of them")
    height, width, bands = array.shape
    _check_size(name, width, height, limits)
    array = _to_integers(name, array)
    vips_format = "uchar" if array.dtype == np.uint8 else "ushort"
    image = pyvips.Image.new_from_memory(array.tobytes(), width, height, bands, vips_format)
    deep = vips_format == "ushort"
    gray, color = ("grey16", "rgb16") if deep else ("b-w", "srgb")
    image = image.copy(interpretation=gray if bands < 3 else color)
    if icc:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", icc)
    return _checked(name, kind, None, lambda access, shrink: image, limits, dtype)


def _to_integers(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return array.astype(np.uint16)
    if array.dtype.kind != "f":
        reason = f"has the type {array.dtype}"
        raise UnreadablePicture(name, reason, "give uint8, uint16, or float 0..1")
    if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
        raise UnreadablePicture(name, "has values outside 0..1", "scale or clip them")
    return np.rint(array * 65535.0).astype(np.uint16)


def _is_pil(source: object) -> TypeGuard[PIL.Image.Image]:
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(source, module.Image)


def _from_pil(source: PIL.Image.Image, limits: Limits) -> Picture:
    from PIL import ImageOps

    name = str(getattr(source, "filename", "") or "the picture")
    _check_size(name, source.width, source.height, limits)
    icc = source.info.get("icc_profile")
    try:
        image = ImageOps.exif_transpose(source)
        if image.has_transparency_data and image.mode in ("1", "L", "P", "RGB"):
            image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
        elif image.mode in ("1", "P"):
            image = image.convert("L" if image.mode == "1" else "RGB")
    except OSError as error:
        raise UnreadablePicture(name, _one_line(error), GET_ANOTHER_COPY) from None
    if image.mode not in ("L", "LA", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I;16N"):
        reason = f"is a PIL picture of mode {image.mode}"
        raise UnreadablePicture(name, reason, 'turn it into "L" or "RGB" with convert()')
    return _from_array(name, "pil", np.asarray(image), limits, icc=icc)


def _checked(
    name: str,
    kind: Kind,
    format: Format | None,
    load: Loader,
    limits: Limits,
    dtype: np.dtype[Any] | None = None,
) -> Picture:
    """The picture, if its header promises one that can be colorized."""
    with _reading(name):
        image = load("sequential", 1)
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    if pages > 1:
        reason = f"holds {pages} pages or frames"
        raise UnreadablePicture(name, reason, SAVE_ONE)
    _check_size(name, image.width, image.height, limits)
    if image.interpretation == "cmyk":
        raise UnreadablePicture(name, "is CMYK, made for print", "convert it to RGB or gray first")
    known = image.interpretation in ("b-w", "grey16", "srgb", "rgb16") and image.bands <= 4
    if not known or image.format not in ("uchar", "ushort"):
        reason = f"holds {image.bands} channels of {image.format} ({image.interpretation})"
        raise UnreadablePicture(name, reason, SAVE_AS_PNG)
    depth = 8 if image.format == "uchar" else 16
    with _reading(name):
        had_color = image.bands > 2 and _has_color(load("sequential", 8))
    return Picture(
        name, kind, format, image.width, image.height, depth, had_color, dtype, _load=load
    )


def _check_size(name: str, width: int, height: int, limits: Limits) -> None:
    size = f"{width} x {height} pixels"
    if min(width, height) < limits.min_side:
        mend = f"give one of at least {limits.min_side} pixels a side"
        raise UnreadablePicture(name, f"{size}: too small to colorize", mend)
    if width * height > limits.pixels:
        mend = "make it smaller, or raise the limit"
        raise PictureTooLarge(name, f"{size}, more than {limits.pixels:,} in all", mend)


# Color


def _split_alpha(image: pyvips.Image) -> tuple[pyvips.Image, pyvips.Image | None]:
    colors = 1 if image.bands < 3 else 3
    alpha = image[colors] if image.bands > colors else None
    return image.extract_band(0, n=colors), alpha


def _to_srgb(colors: pyvips.Image) -> pyvips.Image:
    """By the embedded profile; one that is broken or belongs to other channels is passed over."""
    if colors.get_typeof("icc-profile-data"):
        with contextlib.suppress(pyvips.Error):
            return colors.icc_transform("srgb", embedded=True, depth=16)
    return colors


def _lightness(image: pyvips.Image) -> pyvips.Image:
    return _to_srgb(_split_alpha(image)[0]).colourspace("lab")[0]


def _ab(image: pyvips.Image) -> pyvips.Image:
    return _to_srgb(_split_alpha(image)[0]).colourspace("lab").extract_band(1, n=2)


def _alpha(image: pyvips.Image) -> pyvips.Image:
    return image[image.bands - 1].cast("float")


def _squash(image: pyvips.Image, size: int) -> NDArray[np.float32]:
    """A float image -> (size, size, bands), averaged over the area of each new pixel."""
    small = image.resize(size / image.width, vscale=size / image.height, kernel="linear")
    return np.asarray(small.numpy(), dtype=np.float32).reshape(size, size, image.bands)


def _has_color(image: pyvips.Image) -> bool:
    """Whether color remains when one tone for each lightness is taken away.

    Gray has no tone, sepia or cyanotype one that changes only with the lightness, and a print
    that yellowed a little unevenly stays near it.
    """
    lab = _squash(_to_srgb(_split_alpha(image)[0]).colourspace("lab"), THUMBNAIL).reshape(-1, 3)
    ab = lab[lab[:, 0].argsort(), 1:].reshape(THUMBNAIL, THUMBNAIL, 2)  # rows of like lightness
    distance = np.linalg.norm(ab - np.median(ab, axis=1, keepdims=True), axis=-1)
    return bool((distance > TONE_WIDTH).mean() > STRAY_SHARE)


def model_lightness(picture: Picture, size: int) -> NDArray[np.float32]:
    """The whole picture's lightness squashed to a square.

    Returns:
        (size, size), 0..100.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    return np.clip(_squashed(picture, size, _lightness)[..., 0], 0.0, 100.0)


def model_ab(picture: Picture, size: int) -> NDArray[np.float32]:
    """The whole picture's own ab squashed to a square: (2, size, size), Lab units.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    return np.moveaxis(_squashed(picture, size, _ab), -1, 0)


def model_opacity(picture: Picture, size: int) -> NDArray[np.float32] | None:
    """Its alpha squashed to a square: (size, size), 0 where nothing is to be seen; None: no alpha.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    with _reading(picture.name):
        if _split_alpha(picture._load("sequential", 1))[1] is None:
            return None
    return _squashed(picture, size, _alpha)[..., 0]


def _squashed(
    picture: Picture, size: int, bands: Callable[[pyvips.Image], pyvips.Image]
) -> NDArray[np.float32]:
    """(size, size, bands) of what `bands` makes of the pixels."""
    room = min(picture.width, picture.height) // (2 * size)  # leaves half the shrinking to us
    shrink = next((step for step in (8, 4, 2) if step <= room), 1)
    with _reading(picture.name):
        return _squash(bands(picture._load("sequential", shrink)), size)


def shrunk(picture: Picture, side: int) -> Picture:
    """A small copy of 8 bits, decoded; the picture itself if its longer side is no longer than that.

    Raises:
        UnreadablePicture: its pixels are damaged or cut off.
    """
    room = max(picture.width, picture.height) // side
    if max(picture.width, picture.height) <= side:
        return picture
    shrink = next((step for step in (8, 4, 2) if 2 * step <= room), 1)
    with _reading(picture.name):
        image = picture._load("sequential", shrink)
        image = image.thumbnail_image(side, height=side, size="down").copy_memory()
    width, height = image.width, image.height
    small = replace(picture, width=width, height=height, depth=8)
    return replace(small, _load=lambda access, shrink: image)


# Writing


def is_picture_name(path: str | Path) -> bool:
    """Whether a file's name promises a picture that can be read; hidden files do not."""
    path = Path(path)
    return not path.name.startswith(".") and _format_of_suffix(path) is not None


def write(
    picture: Picture,
    rgb: pyvips.Image,
    target: str | Path | None = None,
    encoding: Encoding | None = None,
    overwrite: bool = False,
) -> Any:
    """Store the colorized picture, with the metadata of the one it was made from.

    Args:
        picture: the source.
        rgb: sRGB of the source's size, 3 or 4 (alpha) bands, 8 or 16 bits.
        target: a file to write, whole or not at all; None: the same kind as came in, that is an
            array (H, W, 3 or 4) of the source's dtype, a PIL picture, or else bytes.
        encoding: format, quality, metadata; not used for an array or PIL picture.
        overwrite: whether a target that is there may be replaced.

    Returns:
        The target's path, bytes, an array or a PIL picture.

    Raises:
        UnwritablePicture: unknown format, already there, no folder, no permission, no space.
        UnreadablePicture: the source's pixels are damaged or cut off.
    """
    encoding = encoding or Encoding()
    if target is None:
        with _blaming(picture, "the result"):
            if picture.kind in ("array", "pil"):
                return _to_array(picture, rgb)
            memory = pyvips.Target.new_to_memory()
            _encode(picture, rgb, encoding.format or picture.format or "png", encoding, memory)
            return bytes(memory.get("blob"))
    target = Path(target)
    format = _target_format(target, encoding)
    with _blaming(picture, target):
        _check_free(target, overwrite)
        with _whole_file(target) as file:
            descriptor = pyvips.Target.new_to_descriptor(file.fileno())
            _encode(picture, rgb, format, encoding, descriptor)
    return target


def _check_free(target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise UnwritablePicture(target, "is a folder", "name a file in it")
    if target.exists() and not overwrite:
        raise UnwritablePicture(
            target, "is already there", "allow overwriting, or choose another name"
        )
    if not target.parent.is_dir():
        raise UnwritablePicture(target, "its folder does not exist", "make the folder first")


def _target_format(target: Path, encoding: Encoding) -> Format:
    by_suffix = _format_of_suffix(target)
    if encoding.format and by_suffix and encoding.format != by_suffix:
        reason = f"its suffix says {by_suffix}, but the format is to be {encoding.format}"
        mend = f"end the name in {SUFFIXES[encoding.format][0]}"
        raise UnwritablePicture(target, reason, mend)
    format = encoding.format or by_suffix
    if format is None:
        reason = f"unknown format {target.suffix}" if target.suffix else "its name has no suffix"
        mend = "end the name in " + ", ".join(suffixes[0] for suffixes in SUFFIXES.values())
        raise UnwritablePicture(target, reason, mend)
    return format


def _format_of_suffix(path: Path) -> Format | None:
    suffix = path.suffix.lower()
    return next((format for format, suffixes in SUFFIXES.items() if suffix in suffixes), None)


@contextlib.contextmanager
def _whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file beside the target, which takes its place if all goes well and vanishes if not."""
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb+") as file:
            yield file
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _encode(
    picture: Picture,
    rgb: pyvips.Image,
    format: Format,
    encoding: Encoding,
    target: pyvips.Target,
) -> None:
    operation, options = SAVERS[format]
    if encoding.quality is not None and format in LOSSY:
        options = options | {"Q": encoding.quality}
    if encoding.strip_metadata:
        options = options | {"keep": "icc"}
    image = _with_metadata(_fitted(rgb, format), picture)
    getattr(image, operation)(target, **options)


def _fitted(rgb: pyvips.Image, format: Format) -> pyvips.Image:
    """In a depth and with channels that the format holds; JPEG gets white for transparency."""
    if format not in DEEP and rgb.format == "ushort":
        rgb = (rgb * (255 / 65535)).rint().cast("uchar").copy(interpretation="srgb")
    if format == "jpeg" and rgb.bands == 4:
        rgb = rgb.flatten(background=[255])
    return rgb


def _with_metadata(image: pyvips.Image, picture: Picture) -> pyvips.Image:
    """The source's metadata and nothing else, and the note that the colors are computed."""
    source = picture._load("sequential", 1)
    result = image.copy(xres=source.xres, yres=source.yres)
    _remove(result, (*KEPT_FIELDS, "icc-profile-data"))
    for key in source.get_fields():
        if key.startswith(KEPT_FIELDS):
            result.set_type(source.get_typeof(key), key, source.get(key))
    _remove(result, STALE_FIELDS)  # only now: setting exif-data sets all that is in it
    if source.get_typeof("icc-profile-data"):
        srgb = pyvips.Operation.call("profile_load", "srgb")
        result.set_type(pyvips.GValue.blob_type, "icc-profile-data", srgb)
    if not source.get_typeof("xmp-data"):
        result.set_type(pyvips.GValue.blob_type, "xmp-data", AI_NOTE.encode())
    result.set_type(pyvips.GValue.gint_type, "orientation", 1)
    return result


def _remove(image: pyvips.Image, beginnings: tuple[str, ...]) -> None:
    for key in image.get_fields():
        if key.startswith(beginnings):
            image.remove(key)


def _to_array(picture: Picture, rgb: pyvips.Image) -> Any:
    array = rgb.numpy()
    if picture.kind == "pil":
        from PIL import Image

        return Image.fromarray(_fitted(rgb, "webp").numpy())
    if picture.dtype is not None and picture.dtype.kind == "f":
        return (array / 65535.0).astype(picture.dtype)
    return array


# Errors


@contextlib.contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (pyvips.Error, OSError) as error:
        reason = f"is damaged or cut off ({_one_line(error)})"
        raise UnreadablePicture(name, reason, GET_ANOTHER_COPY) from None


@contextlib.contextmanager
def _blaming(picture: Picture, target: object) -> Iterator[None]:
    """Pixels are decoded while they are written: find out which of the two failed."""
    try:
        yield
    except (pyvips.Error, OSError) as error:
        with _reading(picture.name):
            picture.lightness.avg()
        mend = "check the folder, its permissions and the space left"
        raise UnwritablePicture(target, f"cannot be written ({_one_line(error)})", mend) from None


def _one_line(error: Exception) -> str:
    """The first of libvips' many lines, or the system's own words."""
    if isinstance(error, pyvips.Error):
        lines = str(error.detail).strip().splitlines()
        return str(lines[0]).strip() if lines else "libvips gives no reason"
    return (getattr(error, "strerror", None) or str(error)).lower()


def _known_formats() -> str:
    *first, last = (name.upper() for name in get_args(Format))
    return f"{', '.join(first)} or {last}"
