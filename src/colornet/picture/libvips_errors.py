"""libvips' messages, as damage that it only warns of, and as errors about a picture."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pyvips

from colornet.errors import UnreadablePicture, system_reason
from colornet.notices import Notice
from colornet.picture.formats import CANNOT, GET_ANOTHER_COPY, Format
from colornet.picture.libvips import caught_warnings

HARMLESS = {
    "jpeg": r"extraneous bytes before marker 0xd9|Invalid SOS parameters|Inconsistent progression",
    "tiff": r"Old-style LZW codes|JPEG strip size exceeds expected dimensions",
}
"""Warnings that do not affect the pixels."""
IGNORED = (
    r'.* for "(?:Image(?:Width|Length)|BitsPerSample|Compression|PhotometricInterpretation'
    r"|FillOrder|SamplesPerPixel|RowsPerStrip|PlanarConfiguration|Predictor|ColorMap|ExtraSamples"
    r"|SampleFormat|(?:Strip|Tile)(?:Offsets|ByteCounts)|Tile(?:Width|Length)|JPEGTables|YCbCr\w+"
    r'|ReferenceBlackWhite)"; tag ignored'
)
"""libtiff's warnings about tags that decide how pixels are interpreted."""
JPEG_TOTAL = r"read gave (\d+) warnings"
"""libvips' count of a JPEG's warnings, given when it is closed; the first warning follows."""
ECHO = r"error in tile \d+ x \d+|stop requested|bad seek to"
"""Messages that only follow from another one, which says more."""


class Damage(NamedTuple):
    """Damage that a decoder reports.

    Attributes:
        text: the decoder's message.
        certain: whether the message is surely about this picture, and not about one that another
            thread decodes at the same time.
    """

    text: str
    certain: bool = True


def find_damage(
    format: Format | None, told: Sequence[str], known: Iterable[str] = ()
) -> Damage | None:
    """The first warning that means that pixels are damaged; None: no warning does.

    Args:
        format: of the file.
        told: libvips' warnings while it was decoded, see `caught_warnings`.
        known: warnings given for the header alone, which do not count.
    """
    if format == "jpeg":
        return _find_jpeg_damage(told, known)
    if format == "tiff":
        known = set(known)
        for text in told:
            if text not in known and not re.search(f"{HARMLESS[format]}|{ECHO}", text):
                return Damage(text)
    return None


def ignored_tags(told: Iterable[str]) -> tuple[Notice, ...]:
    """Notices of tags that libtiff ignored, by its warnings while it read the header."""
    ignored = dict.fromkeys(text for text in told if re.match(IGNORED, text))
    texts = (f"may be damaged: {text}; look at the result" for text in ignored)
    return tuple(Notice("header-damaged", text) for text in texts)


def _find_jpeg_damage(told: Sequence[str], known: Iterable[str]) -> Damage | None:
    """libvips gives their number, and the first from a buffer that all threads share."""
    # with as many warnings as for the header, there was none after it
    of_header = {text for text in known if re.match(JPEG_TOTAL, text)}
    for total, words in itertools.pairwise([*told, ""]):
        found = re.match(JPEG_TOTAL, total)
        if found is None or total in of_header:
            continue
        lines, alone = words.splitlines(), found[1] == "1"
        if not (alone and lines and all(re.search(HARMLESS["jpeg"], line) for line in lines)):
            return Damage(_first(words) or total, certain=not alone or len(lines) == 1)
    return None


def _first(words: str) -> str:
    return words.partition("\n")[0].removeprefix("VipsJpeg: ")


def clear_errors() -> None:
    """Clear libvips' error buffer, so that messages about earlier pictures are not repeated."""
    pyvips.vips_lib.vips_error_clear()


def error_line(error: pyvips.Error) -> str:
    """The most informative line of a libvips error; empty if it has no message."""
    lines = [line.strip() for line in str(error.detail).splitlines() if line.strip()]
    telling = [line for line in lines if not re.search(ECHO, line)] or lines
    return telling[0] if telling else ""


CODEC_REMEDY = "convert it to a TIFF with LZW or no compression, or to a PNG"


@contextlib.contextmanager
def decode_errors(name: str, remedy: str = GET_ANOTHER_COPY) -> Iterator[None]:
    """Raise errors of libvips and the system as `UnreadablePicture`.

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
    """The error for a picture that is damaged, or stored in a way that cannot be decoded here.

    Args:
        name: of the picture.
        said: the decoder's message.
        remedy: as for `decode_errors`.
    """
    if codec := missing_codec(said):
        return UnreadablePicture(name, f"{CANNOT}: {codec}-compressed TIFF", CODEC_REMEDY)
    if said.endswith("bad labq format"):
        return UnreadablePicture(name, f"{CANNOT}: TIFF in Lab", "convert it to gray or RGB")
    return UnreadablePicture(name, f"is damaged or cut off ({said})", remedy)


def one_line(error: Exception, told: Sequence[str] = ()) -> str:
    """An error of libvips or the system in one line.

    Args:
        error: the error.
        told: libvips' warnings; the last one is used if the error has no message.
    """
    if isinstance(error, pyvips.Error):
        return error_line(error) or (told[-1] if told else "libvips gives no reason")
    return system_reason(error)


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
"""Names of TIFF compressions, by number."""
NO_CODEC = (
    r"(?:.*: )?(.+) compression support is not configured"
    r"|(?:.*: )?Compression scheme (\d+) \S+ (?:decoding )?is not implemented"
    r"|.*built without (JPEG2000) support"
)
"""Messages about a compression that libtiff does not know, or was built without."""


def missing_codec(said: str) -> str | None:
    """The name of the compression that libtiff cannot decode, if its message says so."""
    found = re.match(NO_CODEC, said)
    if found is None:
        return None
    configured, number, built = found.groups()
    return configured or built or CODECS.get(int(number), f"scheme-{number}")
