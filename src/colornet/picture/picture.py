"""`Picture`: what the header says, and the pixels, decoded when they are needed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import OptionError, UnreadablePicture
from colornet.notices import Notice
from colornet.paths import is_same
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

SUSPECT_BITS = 14  # 16-bit values that all fit into so few bits may be too dark


@dataclass(frozen=True)
class Picture:
    """An upright picture that can be read, with its pixels not decoded yet.

    Attributes:
        name: its path or another name, for messages.
        kind: the kind of the source, and so that of the result.
        format: of the file or bytes; for a format that is only read, that of the result; None for
            an array or PIL picture.
        width: in pixels, after EXIF orientation.
        height: in pixels, after EXIF orientation.
        depth: 8 or 16 bits a channel.
        pages: pages of a TIFF, all of the same size; the other attributes are those of the first.
        has_alpha: whether it has an alpha channel.
        had_color: whether it has color that is discarded; false for gray stored as RGB, and for a
            single tone such as sepia.
        dtype: of a source that was an array.
        saving: libvips' options to store a result of the same format in the same way.
        exif: the EXIF block of a TIFF.
        iptc: the IPTC records of a TIFF.
        notices: what a result lacks, or what may not be as expected in it.
        text: the text of a PNG.
        areas: for each page of a truncated file, the part that can be read; empty: all of it.
        file: the status of the file when it was opened; None: there is no file.
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
        """The part of its one page that can be read; None: all of it."""
        return self.areas[0] if self.areas and self.areas[0].share < 1 else None

    @property
    def file_pages(self) -> int:
        """The pages of its file, of which it may be one; see `read`."""
        return self.loader.file_pages

    @property
    def doubts(self) -> tuple[Notice, ...]:
        """Notices of possible damage, as far as the picture has been decoded."""
        return self.loader.findings.doubts.get(self.loader.page, ())

    @property
    def times(self) -> tuple[int, int] | None:
        """The access and modification times of a file given by its path, in nanoseconds."""
        if self.kind != "path" or not self.file:
            return None
        return self.file.st_atime_ns, self.file.st_mtime_ns

    def is_in(self, path: Path) -> bool:
        """Whether a path leads to the file that the picture was read from."""
        try:
            if self.file is not None and os.path.samestat(self.file, path.stat()):
                return True
        except (OSError, ValueError):
            return False
        return self.kind == "path" and is_same(Path(self.name), path)

    def check_unchanged(self) -> None:
        """Check that the file is the one that was read, since it is decoded more than once.

        Raises:
            UnreadablePicture: the file has changed since `read`.
        """
        if self.kind != "path" or not self.file:
            return
        with contextlib.suppress(OSError):
            now = Path(self.name).stat()
            if (now.st_size, now.st_mtime_ns) != (self.file.st_size, self.file.st_mtime_ns):
                raise UnreadablePicture(self.name, "has changed since it was read", "try again")

    @property
    def told(self) -> tuple[Notice, ...]:
        """Its notices, with its name as their subject."""
        return tuple(notice.about(self.name) for notice in self.notices)

    def page(self, number: int) -> Picture:
        """One page, counted from 0, as a picture without the notices of the whole."""
        name = f"{self.name}, page {number + 1}"
        loader, areas = replace(self.loader, page=number), self.areas[number : number + 1]
        return replace(self, name=name, pages=1, loader=loader, notices=(), areas=areas)

    def turned(self, degrees: int) -> Picture:
        """The picture turned clockwise.

        Args:
            degrees: 0, 90, 180 or 270.

        Raises:
            OptionError: another angle.
        """
        is_number = isinstance(degrees, Real) and not isinstance(degrees, bool)
        if not is_number or degrees not in (0, 90, 180, 270):
            raise OptionError("turn", f"{degrees!r} is unknown", "use 90, 180 or 270 degrees")
        quarters = int(degrees) // 90
        if quarters == 0:
            return self
        turn = (self.loader.turn + quarters) % 4
        findings = replace(self.loader.findings, small={})  # the small copies are not turned
        loader = replace(self.loader, turn=turn, findings=findings)
        width, height = (self.width, self.height) if quarters == 2 else (self.height, self.width)
        areas = tuple(area.turned(quarters) for area in self.areas)
        text = self.text.upright()
        return replace(self, width=width, height=height, loader=loader, areas=areas, text=text)

    def planes(
        self, first: int = 0, end: int | None = None
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[Any] | None]]:
        """Decode the picture in strips, from top to bottom.

        Args:
            first: the first row.
            end: the row after the last; None: the height.

        Yields:
            Lightness (rows, width), 0..100, and alpha as it is stored, with 8 or 16 bits.

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
        """The lightness (height, width), 0..100; raises the errors of `planes`."""
        return np.concatenate([lightness for lightness, _ in self.planes()])

    @property
    def alpha(self) -> NDArray[Any] | None:
        """The alpha channel (height, width), 8 or 16 bits; raises the errors of `planes`."""
        if not self.has_alpha:
            return None
        return np.concatenate([alpha for _, alpha in self.planes() if alpha is not None])

    def header(self) -> pyvips.Image:
        """An image to read metadata from, but no pixels."""
        with decode_errors(self.name):
            return self.loader.image()


def too_dark(picture: Picture) -> Notice | None:
    """A notice if 16-bit values look like values of fewer bits. This decodes all pixels.

    Raises:
        UnreadablePicture: the picture is damaged or cut off.
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
    return Notice("too-dark", f"{fit}, which cannot be known; it stays as dark as it is stored")


def _rows(image: pyvips.Image, top: int, height: int) -> NDArray[Any]:
    """Rows (height, W, C), fetched in order, since libvips' threads could ask for later ones."""
    data = pyvips.Region.new(image).fetch(0, top, image.width, height)
    dtype = {"uchar": np.uint8, "ushort": np.uint16}[image.format]
    return np.frombuffer(data, dtype).reshape(height, image.width, image.bands)
