"""What libvips' messages mean: damage that it passes over, and errors about a picture."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyvips

from colornet.errors import UnreadablePicture
from colornet.picture.formats import GET_ANOTHER_COPY, Format
from colornet.picture.libvips import caught_warnings

HARMLESS = {
    "jpeg": re.compile(
        r"extraneous bytes before marker 0xd9|Invalid SOS parameters|Inconsistent progression"
    ),
    "tiff": re.compile(r"Old-style LZW codes|JPEG strip size exceeds expected dimensions"),
}
"""Warnings after which the pixels are all the same what they should be."""
JPEG_TOTAL = re.compile(r"read gave (\d+) warnings")
"""What libvips says when it lets go of a JPEG; the next line holds the first of them."""
ECHO = re.compile(r"error in tile \d+ x \d+|stop requested|bad seek to")
"""What follows from another complaint, which says more."""


@dataclass(frozen=True)
class Damage:
    """Of a decoder.

    Attributes:
        text: in its words.
        certain: whether it is about this picture, and not another that is decoded meanwhile.
    """

    text: str
    certain: bool = True


def find_damage(
    format: Format | None, told: Sequence[str], known: Iterable[str] = ()
) -> Damage | None:
    """What makes a picture's pixels doubtful, of all that was said while they were decoded.

    Args:
        format: of the file.
        told: libvips' warnings, see `caught_warnings`.
        known: those that it gives whenever it reads the header alone, which are about that.
    """
    if format == "jpeg":
        return _find_jpeg_damage(told, known)
    if format == "tiff":
        known = set(known)
        for text in told:
            if text not in known and not HARMLESS[format].search(text) and not ECHO.search(text):
                return Damage(text)
    return None


def _find_jpeg_damage(told: Sequence[str], known: Iterable[str]) -> Damage | None:
    """libvips tells how many there were, and the first in a place that all threads share."""
    of_header = {(total, _first(words)) for total, words in itertools.pairwise(known)}
    for total, words in itertools.pairwise([*told, ""]):
        found = JPEG_TOTAL.match(total)
        if found is None or (total, _first(words)) in of_header:
            continue
        lines, alone = words.splitlines(), found[1] == "1"
        if not (alone and lines and all(map(HARMLESS["jpeg"].search, lines))):
            return Damage(_first(words) or total, certain=not alone or len(lines) == 1)
    return None


def _first(words: str) -> str:
    return words.partition("\n")[0].removeprefix("VipsJpeg: ")


def clear_errors() -> None:
    """Let go of what libvips said about earlier pictures, and would say again about this."""
    pyvips.vips_lib.vips_error_clear()


def error_line(error: pyvips.Error) -> str:
    """The line of libvips' many that says most; none if there is none."""
    lines = [line.strip() for line in str(error.detail).splitlines() if line.strip()]
    telling = [line for line in lines if not ECHO.search(line)] or lines
    return telling[0] if telling else ""


CODEC_REMEDY = "convert it to a TIFF with LZW or no compression, or to a PNG"


@contextlib.contextmanager
def decode_errors(name: str, remedy: str = GET_ANOTHER_COPY) -> Iterator[None]:
    """Turns what libvips and the system say into `UnreadablePicture`.

    Args:
        name: of the picture.
        remedy: what to do about damage, see `Loader.remedy`.
    """
    with caught_warnings() as told:
        try:
            yield
        except (pyvips.Error, OSError) as error:
            raise damage_error(name, one_line(error, told), remedy) from None


def damage_error(name: str, said: str, remedy: str = GET_ANOTHER_COPY) -> UnreadablePicture:
    """The error about pixels that are not, or not surely, what was stored.

    Args:
        name: of the picture.
        said: by the decoder.
        remedy: as for `decode_errors`.
    """
    if codec := missing_codec(said):
        return UnreadablePicture(
            name, f"cannot be read here: {codec}-compressed TIFF", CODEC_REMEDY
        )
    return UnreadablePicture(name, f"is damaged or cut off ({said})", remedy)


def one_line(error: Exception, told: Sequence[str] = ()) -> str:
    """The line of libvips' many that says most, or the system's own words.

    Args:
        error: what was raised.
        told: libvips' warnings, the last of which stands in for words that it does not give.
    """
    if isinstance(error, pyvips.Error):
        return error_line(error) or (told[-1] if told else "libvips gives no reason")
    return (getattr(error, "strerror", None) or str(error)).lower()


CODECS = {
    2: "CCITT",
    3: "CCITT Group 3",
    4: "CCITT Group 4",
    5: "LZW",
    6: "old-style JPEG",
    7: "JPEG",
    8: "deflate",
    32766: "NeXT",
    32773: "PackBits",
    32809: "ThunderScan",
    32908: "PixarFilm",
    32909: "PixarLog",
    32946: "deflate",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34676: "SGI Log",
    34677: "SGI Log",
    34712: "JPEG 2000",
    34887: "LERC",
    34892: "lossy-DNG",
    34925: "LZMA",
    50000: "ZSTD",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
"""Compressions by their numbers."""
NO_CODEC = re.compile(
    r"(?:.*: )?(.+) compression support is not configured"
    r"|(?:.*: )?Compression scheme (\d+) \S+ (?:decoding )?is not implemented"
    r"|.*built without (JPEG2000) support"
)
"""What is said of a compression that libtiff was built without, or has never heard of."""


def missing_codec(said: str) -> str | None:
    """The name of the compression that libtiff cannot undo, if that is what it says."""
    found = NO_CODEC.match(said)
    if found is None:
        return None
    configured, number, built = found.groups()
    return configured or built or CODECS.get(int(number), f"scheme-{number}")
