"""A result's pixels, computed in strips from top to bottom, and streamed to libvips."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import io
import os
import struct
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyvips
from numpy.typing import NDArray

from colornet.errors import OptionError
from colornet.notices import Notice
from colornet.picture.libvips import refuse_forked
from colornet.picture.metadata.provenance import Provenance
from colornet.picture.tiff.directories import LONG8, SHORT, Value, pack_directory
from colornet.stopping import checkpoint

if TYPE_CHECKING:
    import PIL.Image

STRIP_PIXELS = 1 << 18
"""Pixels of a strip, about: few calls, and little memory."""
SHOWN = 1024
"""Longest side in a notebook, in pixels. A notebook stores them in its file: about 2 MB."""
PREFETCHED = 2
"""Strips that are computed in advance."""

Strip = TypeVar("Strip")


@dataclass(frozen=True)
class Pixels:
    """A picture in RGB or RGBA that is computed in strips when it is needed.

    `numpy.asarray` accepts it, `image` is a PIL picture of it, and a notebook shows it.
    A pickle holds the pixels themselves, so that it needs neither the source nor the model.

    Attributes:
        width: in pixels.
        height: in pixels, of all pages.
        bands: 3, or 4 with alpha.
        depth: 8 or 16 bits.
        compute: computes the rows from a first to before an end, as strips (rows, width, bands)
            of uint8 or uint16, in order.
        made: how it was colored, for the note in a file's metadata.
        before: the gray original in the same size; None: it is not known.
        notices: what may not be as expected in it.
    """

    width: int
    height: int
    bands: int
    depth: int
    compute: Callable[[int, int], Iterator[NDArray[Any]]] = field(repr=False)
    made: Provenance | None = field(default=None, repr=False)
    before: Pixels | None = field(default=None, repr=False)
    notices: tuple[Notice, ...] = ()

    def strips(self) -> Iterator[NDArray[Any]]:
        """All rows: (rows, width, bands), from top to bottom."""
        return self.compute(0, self.height)

    def crop(self, left: int, top: int, width: int, height: int) -> Pixels:
        """A part of the picture; the rows above it are decoded, but not computed.

        Raises:
            OptionError: it lies partly outside.
        """
        inside = 0 <= left < left + width <= self.width and 0 <= top < top + height <= self.height
        if not inside:
            reason = f"{left}, {top}, {width}, {height} lies partly outside"
            raise OptionError("crop", reason, f"keep within {self.width} x {self.height} pixels")

        def compute(first: int, end: int) -> Iterator[NDArray[Any]]:
            for strip in self.compute(top + first, top + end):
                yield strip[:, left : left + width]

        before = self.before and self.before.crop(left, top, width, height)
        return replace(self, width=width, height=height, compute=compute, before=before)

    @property
    def before_after(self) -> Pixels:
        """One picture, twice as wide: the gray original, and to the right of it these pixels.

        Raises:
            OptionError: the original is not known.
        """
        if self.before is None:
            raise OptionError("before_after", "needs the original", "use those of Canvas.colorize")
        left = self.before

        def compute(first: int, end: int) -> Iterator[NDArray[Any]]:
            for pair in zip(left.compute(first, end), self.compute(first, end), strict=True):
                yield np.concatenate(pair, axis=1)

        return replace(self, width=left.width + self.width, compute=compute, before=None)

    def array(self) -> NDArray[Any]:
        """All pixels: (height, width, bands)."""
        dtype = np.uint8 if self.depth == 8 else np.uint16
        array = np.empty((self.height, self.width, self.bands), dtype)
        row = 0
        for strip in self.strips():
            array[row : row + len(strip)] = strip
            row += len(strip)
        return array

    def __array__(
        self, dtype: np.dtype[Any] | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        """The same as `array`, for `numpy.asarray`."""
        if copy is False:
            raise ValueError("the pixels are computed, so that an array of them is always a copy")
        array = self.array()
        return array if dtype is None else array.astype(dtype, copy=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_array, (self.array(), self.made, self.before, self.notices)

    @property
    def image(self) -> PIL.Image.Image:
        """The picture as a PIL picture with 8 bits a channel."""
        import PIL.Image

        array = self.array()
        if self.depth == 16:
            array = np.rint(array / 257.0).astype(np.uint8)
        return PIL.Image.fromarray(array)

    def _repr_png_(self) -> bytes:
        """The picture as a PNG for notebooks, at most SHOWN pixels a side."""
        import PIL.Image

        image, file = self.image, io.BytesIO()
        image.thumbnail((SHOWN, SHOWN), PIL.Image.Resampling.BOX)
        image.save(file, "PNG")
        return file.getvalue()

    @contextlib.contextmanager
    def vips_image(self) -> Iterator[pyvips.Image]:
        """The picture as a libvips image that can be read once, from top to bottom.

        Raises:
            The errors of `strips`, at the end, instead of libvips' own error.
        """
        refuse_forked()
        stream = _TiffStream(self)
        source = pyvips.SourceCustom()
        source.on_read(stream.read)
        source.on_seek(stream.seek)
        try:
            yield pyvips.Image.new_from_source(source, "", access="sequential", fail_on="error")
        finally:
            stream.close()
            if stream.error is not None:
                raise stream.error from None


def _of_array(
    array: NDArray[Any], made: Provenance | None, before: Pixels | None, notices: tuple[Notice, ...]
) -> Pixels:
    height, width, bands = array.shape
    compute = functools.partial(_strips_of, array)
    return Pixels(width, height, bands, 8 * array.itemsize, compute, made, before, notices)


def _strips_of(array: NDArray[Any], first: int, end: int) -> Iterator[NDArray[Any]]:
    rows = strip_rows(array.shape[1])
    for top in range(first, end, rows):
        yield array[top : min(top + rows, end)]


def stack_pages(pages: Sequence[Pixels]) -> Pixels:
    """Pages of one size, joined one below the other."""
    page = pages[0]

    def compute(first: int, end: int) -> Iterator[NDArray[Any]]:
        for number in range(first // page.height, -(-end // page.height)):
            top = number * page.height
            yield from pages[number].compute(max(first - top, 0), min(end - top, page.height))

    notices = tuple(dict.fromkeys(notice for each in pages for notice in each.notices))
    befores = [each.before for each in pages if each.before is not None]
    before = stack_pages(befores) if len(befores) == len(pages) else None
    height = page.height * len(pages)
    return replace(page, height=height, compute=compute, before=before, notices=notices)


def strip_rows(width: int) -> int:
    """The rows of a strip: an even number, see `colornet.upsample.enlarge`."""
    return max(2, STRIP_PIXELS // width // 2 * 2)


def prefetch(strips: Iterator[Strip]) -> Generator[Strip, None, None]:
    """The same strips, computed in a thread of their own, up to PREFETCHED in advance.

    They belong to the work that calls this, even if a thread of libvips asks for the first one.
    """
    return _prefetch(strips, contextvars.copy_context())


def _prefetch(
    strips: Iterator[Strip], context: contextvars.Context
) -> Generator[Strip, None, None]:
    def step() -> Strip | None:
        checkpoint()
        return next(strips, None)

    with ThreadPoolExecutor(1) as thread:
        coming = deque(thread.submit(context.run, step) for _ in range(PREFETCHED))
        while (strip := coming.popleft().result()) is not None:
            coming.append(thread.submit(context.run, step))
            yield strip


class _TiffStream:
    """The pixels as an uncompressed TIFF that is generated while libvips reads it.

    libvips reads the directory in any order, and then the pixels from top to bottom.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.error: BaseException | None = None
        self._head, self._size = _tiff_head(pixels)
        self._position = 0
        self._strips = prefetch(pixels.strips())
        self._strip = np.empty(0, np.uint8)
        self._start = len(self._head)  # of the strip

    def read(self, size: int) -> bytes:
        """Some bytes from the current position; none at the end or after an error."""
        if self._position < len(self._head):
            data = self._head[self._position : self._position + size]
        else:
            try:
                data = self._read_strip(size)
            except BaseException as error:  # it cannot pass through libvips
                self.error = error
                return b""
        self._position += len(data)
        return data

    def _read_strip(self, size: int) -> bytes:
        if self._position >= self._size:
            return b""
        while self._position >= self._start + len(self._strip):
            self._start += len(self._strip)
            self._strip = np.ascontiguousarray(next(self._strips)).reshape(-1).view(np.uint8)
        offset = self._position - self._start
        if offset < 0:
            raise RuntimeError("pixels are computed from top to bottom, and were asked for again")
        return bytes(self._strip[offset : offset + size].data)

    def seek(self, offset: int, whence: int) -> int:
        """Move the current position, like `seek` of a file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def close(self) -> None:
        """Stop computing strips."""
        self._strips.close()


def _tiff_head(pixels: Pixels) -> tuple[bytes, int]:
    """The header and directory of a BigTIFF, and its size in bytes."""
    row = pixels.width * pixels.bands * pixels.depth // 8
    rows = strip_rows(pixels.width)
    starts = range(0, pixels.height, rows)
    counts = [min(rows, pixels.height - start) * row for start in starts]
    at = 16  # the directory follows the header

    def pack(data_at: int) -> bytes:
        tags = {
            256: Value.numbers(LONG8, pixels.width),
            257: Value.numbers(LONG8, pixels.height),
            258: Value.numbers(SHORT, *[pixels.depth] * pixels.bands),
            259: Value.numbers(SHORT, 1),  # not compressed
            262: Value.numbers(SHORT, 2),  # RGB
            273: Value.numbers(LONG8, *(data_at + start * row for start in starts)),
            277: Value.numbers(SHORT, pixels.bands),
            278: Value.numbers(LONG8, rows),
            279: Value.numbers(LONG8, *counts),
        }
        if pixels.bands == 4:
            tags[338] = Value.numbers(SHORT, 2)  # alpha, not multiplied into the colors
        return struct.pack("<2sHHHQ", b"II", 43, 8, 0, at) + pack_directory(tags, at, big=True)

    data_at = len(pack(0))
    return pack(data_at), data_at + pixels.height * row
