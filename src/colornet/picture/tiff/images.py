"""A TIFF's images, and which of them are the photograph: the full-resolution image of each page.

A TIFF is a chain of directories with one image each, and a directory may have others below it, its
SubIFDs. Some are thumbnails, pyramids and masks, and in DNG the sensor's raw data. See TIFF 6.0,
section 8, and TIFF/EP and DNG 1.7 for SubIFDs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from colornet.errors import PictureTooLarge, UnreadablePicture
from colornet.notices import Notice
from colornet.picture.formats import Limits
from colornet.picture.tiff.channels import alpha_of, extra_samples
from colornet.picture.tiff.directories import (
    DAMAGE,
    Header,
    Value,
    read_directory,
    read_header,
)

NEW_SUBFILE_TYPE, SUBFILE_TYPE, WIDTH, HEIGHT = 254, 255, 256, 257
BITS, COMPRESSION, PHOTOMETRIC, ORIENTATION, SAMPLES = 258, 259, 262, 274, 277
PLANES, TILE_WIDTH, SUB_IFDS, EXTRA_SAMPLES, SAMPLE_FORMAT = 284, 322, 330, 338, 339
TAGS = (
    *(NEW_SUBFILE_TYPE, SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, ORIENTATION),
    *(SAMPLES, PLANES, TILE_WIDTH, SUB_IFDS, EXTRA_SAMPLES, SAMPLE_FORMAT),
)
GRAY = (0, 1)  # of PhotometricInterpretation
FLOAT = 3  # of SampleFormat
REDUCED, MASK = 1, 4 | 8
"""Bits of NewSubfileType: a copy in lower resolution; a transparency mask or depth map."""
OLD_REDUCED = 2  # of SubfileType
RAW_PHOTOMETRIC = (32803, 34892)
"""PhotometricInterpretation of a color filter array, and of LinearRaw."""
RAW_COMPRESSIONS = (262, 32767, 32769, 32770, 32772, 34713, 65000, 65535)
"""Compressions of camera makers: Kodak, Sony, Epson, Samsung, Nikon, Kodak, Pentax."""
RAW_MARKS = (b"CR\x02", b"IIII", b"MMMM")
"""Bytes after the header of raw files by Canon and Phase One."""
MAX_DIRECTORIES = 10_000
MAX_BYTES = 1 << 16  # of the values that are read of a directory

COPIES = Notice(
    "reduced-copies-left-out",
    "it also holds copies in lower resolution, such as a thumbnail, which are left out",
)
MASKS = Notice("mask-left-out", "it also holds a mask or depth map, which is left out")
FURTHER = Notice(
    "further-images-left-out", "it also holds further images below its pages, which are left out"
)


class TiffImage(NamedTuple):
    """One image of a TIFF.

    Attributes:
        options: for libvips' loader, to read it.
        directory: the offset of its directory.
        parent: the offset of the directory in whose SubIFDs it is; None: it is in the chain.
        kind: NewSubfileType.
        width, height: in pixels, as stored.
        bits: bits of each sample.
        compression: Compression, a number.
        samples: samples of each pixel.
        names_too_many: whether ExtraSamples name channels that it does not have.
        extra: kinds of the samples that follow the colors, see `channels`.
        is_planar: whether each channel is stored separately.
        is_tiled: whether it is stored in tiles.
        sample_format: 1 unsigned, 2 signed, 3 floating point, 4 unknown, 5 and 6 complex.
        photometric: PhotometricInterpretation.
        orientation: its own, or else its parent's.
        is_raw: whether it is sensor data.
    """

    options: dict[str, int]
    directory: int
    parent: int | None
    kind: int
    width: int
    height: int
    bits: tuple[int, ...]
    compression: int
    samples: int
    names_too_many: bool
    extra: tuple[int, ...]
    is_planar: bool
    is_tiled: bool
    sample_format: int
    photometric: int
    orientation: int
    is_raw: bool

    @property
    def area(self) -> int:
        """The number of pixels."""
        return self.width * self.height

    @property
    def is_full(self) -> bool:
        """Whether it is marked neither as a copy in lower resolution nor as a mask."""
        return not self.kind & (REDUCED | MASK)

    @property
    def is_float(self) -> bool:
        """Whether its samples are floating point."""
        return self.sample_format == FLOAT

    @property
    def layout(self) -> tuple[object, ...]:
        """The properties that all pages of one result must share."""
        gray = self.photometric in GRAY
        stored = self.width, self.height, self.bits, self.samples, self.sample_format
        return *stored, gray, alpha_of(self.extra)

    def could_be_copy_of(self, other: TiffImage) -> bool:
        """Whether it is smaller, with the same aspect ratio up to rounding."""
        off = abs(self.width * other.height - self.height * other.width)
        return self.area < other.area and off <= max(other.width, other.height)


def find_images(name: str, file: BinaryIO, limits: Limits) -> list[list[TiffImage]]:
    """All images: for each directory of the chain, its own image and those of its SubIFDs.

    Args:
        name: for messages.
        file: the TIFF.
        limits: on its pages.

    Returns:
        An empty list if the first directory is damaged.

    Raises:
        UnreadablePicture: it is camera raw, or a later directory is damaged.
        PictureTooLarge: it has more than MAX_DIRECTORIES.
    """
    try:
        header = read_header(file)
        file.seek(8)
        is_raw = file.read(4).startswith(RAW_MARKS)
        read_directory(file, header, header.first, TAGS, MAX_BYTES)
    except DAMAGE:
        return []
    pages: list[list[TiffImage]] = []
    try:
        for page in _pages(name, file, header, limits):
            pages.append(page)
    except DAMAGE:
        reason = f"is damaged or cut off (the images of page {len(pages) + 1} cannot be found)"
        remedy = "get another copy of it; --partial (partial=True), too, needs to find all pages"
        raise UnreadablePicture(name, reason, remedy) from None
    if is_raw or any(image.is_raw and image.is_full for page in pages for image in page):
        reason = "cannot be read here: camera raw, a sensor's data"
        remedy = "develop it in a raw converter, and save it as TIFF, PNG or JPEG"
        raise UnreadablePicture(name, reason, remedy)
    return pages


def _pages(name: str, file: BinaryIO, header: Header, limits: Limits) -> Iterator[list[TiffImage]]:
    seen: set[int] = set()
    offset = header.first
    for number in itertools.count():
        if not offset or offset in seen:
            return
        tags, following = read_directory(file, header, offset, TAGS, MAX_BYTES)
        seen.add(offset)
        found = [_image(tags, {"page": number}, offset)]
        for k, inner in enumerate(_numbers(tags, SUB_IFDS)[:MAX_DIRECTORIES]):
            if inner in seen:
                continue
            seen.add(inner)
            below, _ = read_directory(file, header, inner, TAGS, MAX_BYTES)
            if ORIENTATION in tags:
                below.setdefault(ORIENTATION, tags[ORIENTATION])
            found.append(_image(below, {"page": number, "subifd": k}, inner, offset))
        if len(seen) > MAX_DIRECTORIES:
            reason = f"has over {MAX_DIRECTORIES:,} pages, more than {limits.pages:,}"
            raise PictureTooLarge(name, reason, "split it")
        yield [image for image in found if image.area]
        offset = following


def _numbers(tags: dict[int, Value], tag: int, usual: tuple[int, ...] = ()) -> tuple[int, ...]:
    return tags[tag].all_numbers or usual if tag in tags else usual


def _image(
    tags: dict[int, Value], options: dict[str, int], directory: int, parent: int | None = None
) -> TiffImage:
    def number(tag: int, usual: int) -> int:
        return _numbers(tags, tag, (usual,))[0]

    kind = number(NEW_SUBFILE_TYPE, 0)
    if NEW_SUBFILE_TYPE not in tags and number(SUBFILE_TYPE, 0) == OLD_REDUCED:
        kind = REDUCED
    photometric, compression = number(PHOTOMETRIC, 0), number(COMPRESSION, 1)
    samples, named = number(SAMPLES, 1), _numbers(tags, EXTRA_SAMPLES)
    extra = extra_samples(photometric, samples, named)
    return TiffImage(
        options=options,
        directory=directory,
        parent=parent,
        kind=kind,
        width=number(WIDTH, 0),
        height=number(HEIGHT, 0),
        bits=_numbers(tags, BITS, (1,)),
        compression=compression,
        samples=samples,
        names_too_many=len(named) > len(extra),
        extra=extra,
        is_planar=samples > 1 and number(PLANES, 1) == 2,
        is_tiled=TILE_WIDTH in tags,
        sample_format=number(SAMPLE_FORMAT, 1),
        photometric=photometric,
        orientation=number(ORIENTATION, 1),
        is_raw=photometric in RAW_PHOTOMETRIC or compression in RAW_COMPRESSIONS,
    )


def full_resolution(
    pages: list[list[TiffImage]], is_copy: Callable[[TiffImage, TiffImage], bool]
) -> list[TiffImage]:
    """The full-resolution image of each page.

    Images that are marked as copies in lower resolution or as masks are left out, unless there is
    no other; so are smaller pages, not marked, that show the same as another.

    Args:
        pages: from `find_images`.
        is_copy: whether the first image shows the same as the second, which is larger.
    """
    best = [max(page, key=lambda image: (image.is_full, image.area)) for page in pages if page]
    best = [image for image in best if image.is_full] or [max(best, key=lambda image: image.area)]
    largest = max(best, key=lambda image: image.area)
    taken: list[TiffImage] = []
    for image in best:  # each beside the nearest page before it, or else the largest
        page = next((one for one in reversed(taken) if one.area == largest.area), largest)
        if not (image.could_be_copy_of(page) and is_copy(image, page)):
            taken.append(image)
    return taken


def left_out_images(pages: list[list[TiffImage]], taken: list[TiffImage]) -> tuple[Notice, ...]:
    """Notices of the images that are left out."""

    def notice(image: TiffImage) -> Notice:
        if image.kind & MASK:
            return MASKS
        small = image.kind & REDUCED or any(image.could_be_copy_of(other) for other in taken)
        return COPIES if small else FURTHER

    others = (image for page in pages for image in page if image not in taken)
    return tuple(sorted({notice(image) for image in others}, key=str))
