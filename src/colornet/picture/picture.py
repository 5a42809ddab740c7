"""A picture whose pixels are not decoded yet."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import UnreadablePicture
from colornet.notices import Notice
from colornet.picture.decoding.loader import Loader
from colornet.picture.decoding.truncated import Area
from colornet.picture.files import Kind
from colornet.picture.formats import Format
from colornet.picture.libvips import caught_warnings
from colornet.picture.libvips_errors import decode_errors, find_damage
from colornet.picture.metadata.png_text import Text
from colornet.picture.pixels import strip_rows
from colornet.picture.profiles import prepare
from colornet.picture.tiff.samples import FLOATS

SUSPECT_BITS = 14  # in which all values fit, where they should fill 16


@dataclass(frozen=True)
class Picture:
    """A picture that was found readable, upright, with its pixels not yet decoded.

    Attributes:
        name: for messages: the path, or what else it is.
        kind: what the source was, and so what the result is.
        format: of the file or bytes, or what it becomes if it is one that is only read; None for
            an array or PIL picture.
        width: in pixels, after EXIF orientation.
        height: in pixels, after EXIF orientation.
        depth: 8 or 16 bits a channel.
        pages: of a TIFF; all of the same size, this being the first.
        has_alpha: whether it says how opaque each pixel is.
        had_color: whether color worth a notice is lost; not so for gray stored as RGB, nor for
            one tone such as sepia.
        dtype: of the array, where the source was one.
        saving: libvips' options that store a result of the same format as the source was.
        exif: of a TIFF, as other formats hold it.
        iptc: of a TIFF, bare records.
        notices: about this picture, what a result lacks or does otherwise than its owner might
            expect.
        text: of a PNG.
        areas: of each page, what there is of it, where the file ends too early; empty: all.
        file: what the system said of the file, when it was opened; None: there is none.
    """

    name: str
    kind: Kind
    format: Format | None
    width: int
    height: int
    depth: int
    pages: int
    has_alpha: bool
    had_color: bool
    dtype: np.dtype[Any] | None = None
    saving: dict[str, Any] = field(default_factory=dict)
    exif: bytes | None = field(default=None, repr=False)
    iptc: bytes | None = field(default=None, repr=False)
    notices: tuple[Notice, ...] = ()
    areas: tuple[Area, ...] = ()
    text: Text = field(default=Text(), repr=False)
    file: os.stat_result | None = field(default=None, repr=False)
    loader: Loader = field(kw_only=True, repr=False)

    @property
    def area(self) -> Area | None:
        """What there is of its one page; None: all."""
        return self.areas[0] if self.areas and self.areas[0].share < 1 else None

    @property
    def doubts(self) -> tuple[Notice, ...]:
        """What makes it doubtful, of what decoding brought to light so far."""
        return self.loader.findings.doubts.get(self.loader.page, ())

    @property
    def times(self) -> tuple[int, int] | None:
        """When a file named by its path was last read and changed, in nanoseconds."""
        if self.kind != "path" or not self.file:
            return None
        return self.file.st_atime_ns, self.file.st_mtime_ns

    def is_in(self, path: Path) -> bool:
        """Whether a file, by whatever name, is the one that the picture was read from."""
        try:
            return self.file is not None and os.path.samestat(self.file, path.stat())
        except (OSError, ValueError):
            return False

    def check_unchanged(self) -> None:
        """What was decoded before belongs to what is decoded now, if the file is the same.

        Raises:
            UnreadablePicture: it has changed since `read`.
        """
        if self.kind != "path" or not self.file:
            return
        with contextlib.suppress(OSError):
            now = Path(self.name).stat()
            if (now.st_size, now.st_mtime_ns) != (self.file.st_size, self.file.st_mtime_ns):
                raise UnreadablePicture(self.name, "has changed since it was read", "try again")

    def page(self, number: int) -> Picture:
        """One page, counted from 0, as a picture of its own; `notices` are about the whole."""
        name = f"{self.name}, page {number + 1}"
        loader, areas = replace(self.loader, page=number), self.areas[number : number + 1]
        return replace(self, name=name, pages=1, loader=loader, notices=(), areas=areas)

    def planes(
        self, first: int = 0, end: int | None = None
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[Any] | None]]:
        """The picture in strips from top to bottom, from one decoding.

        Args:
            first: the row to begin with.
            end: the row to end before; None: all of them.

        Yields:
            Lightness (rows, width), 0..100, and alpha as stored, 8 or 16 bits.

        Raises:
            UnreadablePicture: it is damaged or cut off, or has gone or changed since `read`.
        """
        with decode_errors(self.name, self.loader.remedy), caught_warnings() as known:
            image, lightness = prepare(self.loader.upright())
        rows = strip_rows(self.width)
        end = self.height if end is None else end
        for top in range(first, end, rows):
            with decode_errors(self.name, self.loader.remedy), caught_warnings() as told:
                strip = _rows(image, top, min(rows, end - top))
                self.loader.raise_damage(find_damage(self.format, told, known))
            yield lightness(strip), strip[..., -1] if self.has_alpha else None

    @property
    def lightness(self) -> NDArray[np.float32]:
        """(height, width), 0..100. Raises as `planes` does."""
        return np.concatenate([lightness for lightness, _ in self.planes()])

    @property
    def alpha(self) -> NDArray[Any] | None:
        """(height, width), 8 or 16 bits. Raises as `planes` does."""
        if not self.has_alpha:
            return None
        return np.concatenate([alpha for _, alpha in self.planes() if alpha is not None])

    def header(self) -> pyvips.Image:
        """Its metadata; the pixels are not to be asked for."""
        with decode_errors(self.name):
            return self.loader.image()


def too_dark(picture: Picture) -> Notice | None:
    """A notice if values of 16 bits look like such of fewer; all pixels are decoded for that.

    Raises:
        UnreadablePicture: they are damaged or cut off.
    """
    is_float = FLOATS in picture.notices or (
        picture.dtype is not None and picture.dtype.kind == "f"
    )
    if picture.depth == 8 or is_float:
        return None
    with decode_errors(picture.name):
        image = picture.loader.image()
        most = int(image.extract_band(0, n=image.bands - picture.has_alpha).max())
    if not 0 < most < 1 << SUSPECT_BITS:
        return None
    fit = f"its values end at {most} of 65535, as if they had {most.bit_length()} bits"
    return Notice("too-dark", f"{fit}, which is not guessed at; it stays as dark as it is stored")


def _rows(image: pyvips.Image, top: int, height: int) -> NDArray[Any]:
    """(height, W, C), read in order: several threads would ask for rows of a stream too early."""
    data = pyvips.Region.new(image).fetch(0, top, image.width, height)
    dtype = {"uchar": np.uint8, "ushort": np.uint16}[image.format]
    return np.frombuffer(data, dtype).reshape(height, image.width, image.bands)
