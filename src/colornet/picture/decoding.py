"""Whether what libvips decoded is what was stored: its complaints, judged."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyvips

from colornet.picture.formats import Format

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
class Complaint:
    """Of a decoder.

    Attributes:
        text: in its words.
        certain: whether it is about this picture, and not another that is decoded meanwhile.
    """

    text: str
    certain: bool = True


def complaint(
    format: Format | None, told: Sequence[str], known: Iterable[str] = ()
) -> Complaint | None:
    """What makes a picture's pixels doubtful, of all that was said while they were decoded.

    Args:
        format: of the file.
        told: libvips' warnings, see `listening`.
        known: those that it gives whenever it reads the header alone, which are about that.
    """
    if format == "jpeg":
        return _jpeg_complaint(told, known)
    if format == "tiff":
        known = set(known)
        for text in told:
            if text not in known and not HARMLESS[format].search(text) and not ECHO.search(text):
                return Complaint(text)
    return None


def _jpeg_complaint(told: Sequence[str], known: Iterable[str]) -> Complaint | None:
    """libvips tells how many there were, and the first in a place that all threads share."""
    of_header = {(total, _first(words)) for total, words in itertools.pairwise(known)}
    for total, words in itertools.pairwise([*told, ""]):
        found = JPEG_TOTAL.match(total)
        if found is None or (total, _first(words)) in of_header:
            continue
        lines, alone = words.splitlines(), found[1] == "1"
        if not (alone and lines and all(map(HARMLESS["jpeg"].search, lines))):
            return Complaint(_first(words) or total, certain=not alone or len(lines) == 1)
    return None


def _first(words: str) -> str:
    return words.partition("\n")[0].removeprefix("VipsJpeg: ")


def forget() -> None:
    """Let go of what libvips said about earlier pictures, and would say again about this."""
    pyvips.vips_lib.vips_error_clear()


def words(error: pyvips.Error) -> str:
    """The line of libvips' many that says most; none if there is none."""
    lines = [line.strip() for line in str(error.detail).splitlines() if line.strip()]
    telling = [line for line in lines if not ECHO.search(line)] or lines
    return telling[0] if telling else ""
