"""A picture's pixels as they are stored, decoded as often as needed, and checked for damage."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Literal

import numpy as np
import pyvips

from colornet.notices import Notice
from colornet.picture.decoding import dark_blocks
from colornet.picture.decoding.differences import (
    LOST_PREDICTOR,
    corner_of,
    look_like_differences,
)
from colornet.picture.decoding.jpeg_range import is_clipped, out_of_range
from colornet.picture.decoding.jpeg_tiles import join_tiles
from colornet.picture.decoding.plain_areas import plain_area
from colornet.picture.decoding.unread_data import (
    MORE_DATA,
    JpegReader,
    left_over,
    webp_has_unread_data,
)
from colornet.picture.decoding.vips_images import (
    ROWS,
    decode_in_this_thread,
    find_jpeg_damage,
    first_rows,
    orientation,
    to_array,
)
from colornet.picture.formats import GET_ANOTHER_COPY, Format
from colornet.picture.libvips import caught_warnings
from colornet.picture.libvips_errors import Damage, clear_errors, find_damage, ignored_tags
from colornet.picture.tiff import blocks
from colornet.picture.tiff.channels import colors_and_alpha
from colornet.picture.tiff.images import TiffImage
from colornet.picture.tiff.samples import as_integers
from colornet.stopping import checkpoint

WITHOUT_CHECKSUMS = ("jpeg", "tiff", "webp")
Access = Literal["sequential", "random"]
CUT_REMEDY = "get another copy of it, or color what there is with --partial (partial=True)"
NOT_IN_PART_REMEDY = (
    "get another copy of it; --partial (partial=True) is for JPEG, TIFF, and PNG that is not "
    "interlaced, which end too early"
)
TRIES = 3  # attempts, if a warning may be about a picture of another thread
CLOCKWISE = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}
"""The EXIF orientation of a picture that is turned by 90 degrees, for each orientation."""
ANY_BLOCK = 1 << 26  # bytes that any tile may hold, since it may be larger than its picture


@dataclass
class Findings:
    """What is known from decoding a file.

    Attributes:
        checked: pages whose strips or tiles were checked, by the offset of their directory.
        doubts: notices of possible damage, by page, for the pages that were checked.
        small: small copies that were decoded and not used yet, by page and size.
    """

    checked: set[int] = field(default_factory=set)
    doubts: dict[int, tuple[Notice, ...]] = field(default_factory=dict)
    small: dict[tuple[int, int], pyvips.Image] = field(default_factory=dict)


@dataclass(frozen=True)
class Loader:
    """Opens the pixels as they are stored, as often as needed.

    Attributes:
        open: opens the image, with the options of libvips' loaders.
        format: of the file; None for pixels in memory.
        images, page: a TIFF's images, one for each page, and the index of the one to load.
        file_pages: the pages of the file, of which `images` may be one.
        file: opens the file; None for pixels in memory.
        cut: whether the file is truncated, see `truncated`.
        partial_unsupported: whether a part of it was asked for, which its format does not allow.
        held: bytes of pixels that are kept in memory.
        rows: for each page, the rows that can be read, as they are stored; the others are what the
            decoder makes of them. Empty: all rows must be readable.
        turn: quarter turns clockwise, after the orientation that the file has.
        findings: what is known from earlier decoding, for all pages of the file.
    """

    open: Callable[..., pyvips.Image]
    format: Format | None = None
    images: tuple[TiffImage, ...] = ()
    page: int = 0
    file_pages: int = 1
    file: Callable[[], BinaryIO] | None = None
    cut: bool = False
    partial_unsupported: bool = False
    held: int = 0
    rows: tuple[int, ...] = ()
    turn: int = 0
    findings: Findings = field(default_factory=Findings, compare=False)

    def image(self, access: Access = "sequential", shrink: int = 1) -> pyvips.Image:
        """The image as it is stored; a JPEG is up to `shrink` times smaller, which is cheap."""
        checkpoint()
        options: dict[str, Any] = {"access": access, "fail_on": "error"}
        if self.rows and self.format != "tiff":
            options["fail_on"] = "none"
        if self.format == "jpeg" and shrink > 1:
            options["shrink"] = shrink
        if self.images:
            options |= self.images[self.page].options
        if self.images and self.images[self.page].is_tiled:
            # For tiles, libvips lowers errors to warnings.
            options["fail_on"] = "warning"
        image = self.open(**options)
        if self.images:
            image = colors_and_alpha(image, self.images[self.page].extra)
            image = as_integers(image) if self.images[self.page].is_float else image
        image = self._turned(image)
        is_short = self.rows and self.format == "tiff"
        return first_rows(image, self.rows[self.page]) if is_short else image

    def _turned(self, image: pyvips.Image) -> pyvips.Image:
        """Set the orientation, which a SubIFD's image may have from its parent, and the turn."""
        found = turn = orientation(image)
        if self.images and self.images[self.page].parent is not None:
            turn = self.images[self.page].orientation
        for _ in range(self.turn):
            turn = CLOCKWISE[turn]
        if turn != found:
            image = image.copy()
            image.set_type(pyvips.GValue.gint_type, "orientation", turn)
        return image

    @property
    def remedy(self) -> str:
        """The remedy to name if its pixels are damaged."""
        if self.cut:
            return CUT_REMEDY
        return NOT_IN_PART_REMEDY if self.partial_unsupported else GET_ANOTHER_COPY

    @property
    def directories(self) -> tuple[int, ...]:
        """Offsets of the directories that describe a TIFF's page, its own directory last."""
        if not self.images:
            return ()
        image = self.images[self.page]
        return tuple(at for at in (image.parent, image.directory) if at is not None)

    def upright(self) -> pyvips.Image:
        """The upright image in full size; libvips may have to keep all of it in memory."""
        image = self.image()
        if orientation(image) > 2:  # rows in another order than they are stored
            image = image.copy_memory() if self.rows else self.image("random")
        return image.autorot()

    def small(self, side: int) -> pyvips.Image:
        """A small upright copy in memory, of one to four times `side` pixels a side.

        This decodes the whole picture and checks it for damage. Smaller pictures keep their size.

        Raises:
            pyvips.Error: the picture is damaged.
        """
        if (kept := self.findings.small.pop((self.page, side), None)) is not None:
            return kept
        if self._has_more_to_check():
            with ThreadPoolExecutor(1) as thread:
                checked = thread.submit(self._check_blocks)
                image, doubt = self._small(side)
                doubt = doubt or checked.result()
        else:
            image, doubt = self._small(side)
        self.raise_damage(doubt)
        return image.autorot() if orientation(image) > 1 else image

    def raise_damage(self, doubt: Damage | None) -> None:
        """Raise pyvips.Error for damage, unless a part of the picture suffices."""
        if doubt and not self.rows:
            raise pyvips.Error("damaged", doubt.text)

    def _small(self, side: int) -> tuple[pyvips.Image, Damage | None]:
        for _ in range(TRIES):
            clear_errors()
            with caught_warnings() as told:
                image, known = self._shrunk(side, told)
            doubt = find_damage(self.format, told, told[:known])
            if doubt is None or doubt.certain:
                break
        return image, doubt

    def _shrunk(self, side: int, told: list[str]) -> tuple[pyvips.Image, int]:
        """A small copy, and the number of warnings that the header alone gave."""
        watched = self._watched()
        loader = replace(self, open=watched.open) if watched else self
        if self.format == "jpeg":
            shrink = self._jpeg_shrink(side)
            known = len(told)  # the header's image is freed, so its warnings were given
            image = loader.image(shrink=shrink)
        else:
            image = loader.image()
            known = len(told)
        width, height, format = image.width, image.height, image.format
        across, down = (max(1, length // (2 * side)) for length in (width, height))
        if across * down > 1:
            image = image.cast("float").shrink(across, down).rint().cast(format)
        if self.format == "tiff":
            image = decode_in_this_thread(image, max(1, ROWS // down))
        else:
            image = image.copy_memory()
        if self.page not in self.findings.doubts and not self.rows:
            doubts = (*ignored_tags(told[:known]), *self._doubts(image, watched))
            self.findings.doubts[self.page] = doubts
        return image, known

    def _jpeg_shrink(self, side: int) -> int:
        """The factor by which libjpeg may shrink it."""
        image = self.image()
        room = min(image.width, image.height) // side
        return next((step for step in (8, 4, 2) if step <= room), 1)

    def _doubts(self, image: pyvips.Image, watched: JpegReader | None) -> Iterator[Notice]:
        """Notices of possible damage that no decoder reports.

        Args:
            image: a small copy of the picture.
            watched: the reader that it was decoded from, if it is a JPEG.
        """
        if watched and (left := watched.left_over):
            yield left_over(left)
        elif self.format == "webp" and self.file:
            with self.file() as file:
                if webp_has_unread_data(file):
                    yield MORE_DATA
        if self.format not in WITHOUT_CHECKSUMS:
            return
        bands, levels = image.bands, to_array(image)
        has_alpha = bands in (2, 4) and image.interpretation != "cmyk"
        if self.format != "tiff" and has_alpha and np.ptp(levels[..., -1]):
            return  # what is transparent is often plain; lost rows of a TIFF are transparent, too
        if self.images and blocks.may_have_predictor(page := self.images[self.page]):
            stored = image if image.width == page.width else self.image()
            if look_like_differences(corner_of(stored)):
                yield LOST_PREDICTOR
        levels = levels[..., 1 if bands >= 3 else 0]  # gray, green or magenta
        if plain := plain_area(levels):
            yield plain
        elif watched and is_clipped(levels) and (beyond := out_of_range(watched.data)):
            yield beyond
        elif self.images and self.file:
            with self.file() as file:
                yield from dark_blocks.doubts(file, self.images[self.page], levels)

    def _watched(self) -> JpegReader | None:
        if self.format == "jpeg" and self.file and not self.rows:
            with self.file() as file, contextlib.suppress(struct.error, ValueError):
                return JpegReader(file)
        return None

    def _has_more_to_check(self) -> bool:
        if not self.images or self.file is None or self.rows:
            return False
        image = self.images[self.page]
        return blocks.can_be_checked(image) and image.directory not in self.findings.checked

    def _check_blocks(self) -> Damage | None:
        """Damage of a TIFF that its decoder does not report."""
        assert self.file
        image = self.images[self.page]
        with self.file() as file:
            page = blocks.read_blocks(file, image.directory)
            if page is None:
                return None
            most = max(ANY_BLOCK, image.area * image.samples * 2)
            if wrong := blocks.wrong_checksum(file, page, most):
                return Damage(wrong)
            for whole, tiles in join_tiles(blocks.jpeg_tiles(file, page)):
                if find_jpeg_damage(whole) and (
                    found := next(filter(None, map(find_jpeg_damage, tiles)), None)
                ):
                    return found
        self.findings.checked.add(image.directory)
        return None

    def readable_rows(self) -> int:
        """The number of rows from the top, as they are stored, that can be decoded."""
        rows = 0
        with contextlib.suppress(pyvips.Error), caught_warnings() as told:
            image = self.image()
            known, region = tuple(told), pyvips.Region.new(image)
            while rows < image.height and not find_damage(self.format, told, known):
                region.fetch(0, rows, image.width, 1)
                rows += 1
        return rows
