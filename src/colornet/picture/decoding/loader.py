"""A picture's pixels as they are stored, decoded as often as needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, NoReturn

import pyvips

from colornet.notices import Notice
from colornet.picture.decoding.vips_images import first_rows, orientation
from colornet.picture.formats import GET_ANOTHER_COPY, Format
from colornet.picture.libvips import caught_warnings
from colornet.picture.libvips_errors import Damage, find_damage
from colornet.picture.tiff.channels import colors_and_alpha
from colornet.picture.tiff.images import TiffImage
from colornet.picture.tiff.samples import as_integers
from colornet.stopping import checkpoint

Access = Literal["sequential", "random"]
CUT_REMEDY = "get another copy of it, or color what there is with --partial (partial=True)"
NOT_IN_PART_REMEDY = (
    "get another copy of it; --partial (partial=True) is for JPEG, TIFF, and PNG that is not "
    "interlaced, which end too early"
)
CLOCKWISE = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}
"""The EXIF orientation of a picture that is turned by 90 degrees, for each orientation."""


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

    def __reduce__(self) -> NoReturn:
        """It is part of every `Picture` and `Canvas`, which another process cannot go on with."""
        what = "an open picture (Picture, Canvas) cannot be pickled"
        raise TypeError(f"{what}; send its path, bytes or array, and open it in the other process")

    def __deepcopy__(self, memo: object) -> Loader:
        return self  # which nothing changes

    @property
    def tiff(self) -> TiffImage | None:
        """What a TIFF says of the image to load; None: it is of another format."""
        return self.images[self.page] if self.images else None

    def image(self, access: Access = "sequential", shrink: int = 1) -> pyvips.Image:
        """The image as it is stored; a JPEG is up to `shrink` times smaller, which is cheap."""
        checkpoint()
        options: dict[str, Any] = {"access": access, "fail_on": "error"}
        if self.rows and self.format != "tiff":
            options["fail_on"] = "none"
        if self.format == "jpeg" and shrink > 1:
            options["shrink"] = shrink
        if self.tiff:
            options |= self.tiff.options
        if self.tiff and self.tiff.is_tiled:
            # For tiles, libvips lowers errors to warnings.
            options["fail_on"] = "warning"
        image = self.open(**options)
        if self.tiff:
            image = colors_and_alpha(image, self.tiff.extra)
            image = as_integers(image) if self.tiff.is_float else image
        image = self._turned(image)
        is_short = self.rows and self.format == "tiff"
        return first_rows(image, self.rows[self.page]) if is_short else image

    def _turned(self, image: pyvips.Image) -> pyvips.Image:
        """Set the orientation, which a SubIFD's image may have from its parent, and the turn."""
        found = turn = orientation(image)
        if self.tiff and self.tiff.parent is not None:
            turn = self.tiff.orientation
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
        found = (self.tiff.parent, self.tiff.directory) if self.tiff else ()
        return tuple(at for at in found if at is not None)

    def upright(self) -> pyvips.Image:
        """The upright image in full size; libvips may have to keep all of it in memory."""
        image = self.image()
        if orientation(image) > 2:  # rows in another order than they are stored
            image = image.copy_memory() if self.rows else self.image("random")
        return image.autorot()

    def raise_damage(self, doubt: Damage | None) -> None:
        """Raise pyvips.Error for damage, unless a part of the picture suffices."""
        if doubt and not self.rows:
            raise pyvips.Error("damaged", doubt.text)

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
