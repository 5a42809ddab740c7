"""Decoders of the formats that are read, but not written.

libvips decodes GIF, and JPEG XL if it was built with support for it; Pillow decodes BMP and
JPEG 2000; pi-heif, from the extra `heif`, decodes HEIC. All but libvips decode the whole picture
into memory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyvips

from colornet.errors import ColornetError, UnreadablePicture
from colornet.extras import install_hint
from colornet.notices import Notice
from colornet.picture.decoding.arrays import in_memory
from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.pnm import read_header, read_pixels
from colornet.picture.formats import (
    BY_LIBVIPS,
    CANNOT,
    CONVERT,
    GET_ANOTHER_COPY,
    NAMES,
    Limits,
    ReadOnly,
    first_of,
    is_readable,
)
from colornet.picture.libvips_errors import decode_errors, one_line
from colornet.picture.profiles import ICC

if TYPE_CHECKING:
    import PIL.Image


HEAD = 4096
"""Bytes that are enough for the header of a PNM, and for the depth of a JPEG 2000."""
MODES = {"1": "L", "P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "CMYK": "RGB"}
"""The modes into which Pillow's other modes are converted."""

Found = tuple[Loader, tuple[Notice, ...]]
"""A loader of the pixels, and notices about them."""


def open_read_only(
    name: str, format: ReadOnly, file: BinaryIO, make: Callable[[], pyvips.Source], limits: Limits
) -> Found:
    """Open a file with the decoder of its format.

    Args:
        name: for messages.
        format: its format, by its content.
        file: the file, to be read now.
        make: makes a source of the same file for libvips, to be read later.
        limits: limits on its size.

    Raises:
        UnreadablePicture: this installation cannot decode it, or it is damaged or cut off.
        PictureTooLarge: over the limits.
    """
    if not is_readable(format):
        remedy = f"add it: {install_hint('heif')}; or {CONVERT}" if format == "heic" else CONVERT
        raise UnreadablePicture(name, f"{CANNOT}: {NAMES[format]}", remedy)
    if operation := BY_LIBVIPS.get(format):
        return _by_libvips(name, operation, make)
    file.seek(0)
    decode = {"heic": _heic, "pnm": _pnm}.get(format, functools.partial(_by_pillow, format))
    try:
        return decode(file, functools.partial(limits.check_size, name))
    except ColornetError:
        raise
    except Exception as error:  # such libraries have no common base of errors
        reason = f"is damaged or cut off ({one_line(error)})"
        raise UnreadablePicture(name, reason, GET_ANOTHER_COPY) from None


def _by_libvips(name: str, operation: str, make: Callable[[], pyvips.Source]) -> Found:
    def load(**options: Any) -> pyvips.Image:
        image = pyvips.Operation.call(operation, make(), **options).copy()
        if image.get_typeof("n-pages"):
            image.remove("n-pages")  # its first frame is all there is to it
        return image

    with decode_errors(name):
        header = pyvips.Operation.call(operation, make())
        frames = header.get("n-pages") if header.get_typeof("n-pages") else 1
    return Loader(load), first_of(frames)


def _by_pillow(format: ReadOnly, file: BinaryIO, check_size: Callable[[int, int], None]) -> Found:
    """Decode with the class of this one format, so that files reach no other decoder of Pillow."""
    from PIL import BmpImagePlugin, Jpeg2KImagePlugin

    depth = 8 if format == "bmp" else _depth_of_jp2(file.read(HEAD))
    file.seek(0)
    kind = BmpImagePlugin.BmpImageFile if format == "bmp" else Jpeg2KImagePlugin.Jpeg2KImageFile
    image: PIL.Image.Image = kind(file)
    check_size(*image.size)
    image.load()
    bits = 1 if image.mode == "1" else None
    if image.mode in MODES:
        image = image.convert(MODES[image.mode])
    pixels = np.array(image)
    notices = shallow(depth) if pixels.itemsize == 1 else ()
    return in_memory(pixels, bits=bits), notices


def _depth_of_jp2(head: bytes) -> int:
    """Bits of the first channel, from the codestream's SIZ segment; 8 if there is none."""
    at = head.find(b"\xff\x4f\xff\x51")
    return (head[at + 42] & 0x7F) + 1 if 0 <= at < len(head) - 42 else 8


def _pnm(file: BinaryIO, check_size: Callable[[int, int], None]) -> Found:
    header = read_header(file.read(HEAD))
    check_size(header.width, header.height)
    file.seek(header.size)
    bits = 1 if header.white == 1 else None
    return in_memory(read_pixels(header, file.read()), bits=bits), ()


def _heic(file: BinaryIO, check_size: Callable[[int, int], None]) -> Found:
    import pi_heif

    heic = pi_heif.open_heif(file)
    check_size(*heic.size)
    fields = {ICC: "icc_profile", "exif-data": "exif", "xmp-data": "xmp"}
    told = {field: heic.info.get(key) for field, key in fields.items()}
    notices = shallow(heic.info.get("bit_depth", 8))
    if len(heic) > 1:
        further = f"it holds {len(heic)} pictures, of which the main one is colored"
        notices += (Notice("main-picture", further),)
    return in_memory(np.array(heic), told), notices  # a copy, since pi-heif frees its memory


def shallow(depth: int) -> tuple[Notice, ...]:
    """A notice if a file has more than the 8 bits a channel that can be read."""
    text = f"its {depth} bits a channel are read as 8"
    return (Notice("depth-reduced", text),) if depth > 8 else ()
