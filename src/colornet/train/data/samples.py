"""Encoded pictures of folders and tar files, in the layout `class/picture`."""

from __future__ import annotations

import io
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colornet.color import rgb_to_lab
from colornet.errors import DataError, why_unreadable
from colornet.paths import is_folder
from colornet.tars import CheckedMember

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif"}

LEAST_AB = 5.0
"""Lab units. A picture in which all |a*| and |b*| are smaller is gray or toned, and left out."""

UNREADABLE, COLORLESS = "unreadable", "without color"
"""Why a picture is not learned from."""

SET_AND_HASH = re.compile(r"(?P<set>.+)-[0-9a-f]{10}")
"""The stem of a picture's name that begins with the set it is from, as `flickr8k-8a17cb6d92`."""


@dataclass(frozen=True)
class Sample:
    """One encoded picture of a data set."""

    key: str
    """`class/name.jpg`."""
    class_name: str
    data: bytes


def source_of(sample: Sample, container: Path) -> str:
    """The set that a picture is from, by its name (SET_AND_HASH) or else its folder or tar file."""
    told = SET_AND_HASH.fullmatch(Path(sample.key).stem)
    return told["set"] if told else container.stem


def refuse_missing(source: Path) -> None:
    """Raise `DataError` if there is no such folder or file."""
    if not (source.is_dir() or source.is_file()):
        raise DataError(source, "no such folder or tar file", "check the name")


def iter_samples(source: Path) -> Iterator[Sample]:
    """Every picture of a folder or tar file, in the order of the keys.

    The layout is `class/picture`; pictures in no folder belong to the class `faces`.

    Raises:
        DataError: the source does not exist, is not a tar file, or holds no picture.
    """
    refuse_missing(source)
    empty = True
    for sample in _iter_folder(source) if source.is_dir() else _iter_tar(source):
        empty = False
        yield sample
    if empty:
        raise DataError(source, "holds no pictures", f"looked for {', '.join(sorted(SUFFIXES))}")


def _iter_folder(folder: Path) -> Iterator[Sample]:
    def refuse(error: OSError) -> None:
        remedy = "allow reading the folder (chmod +rx)"
        raise DataError(error.filename, why_unreadable(error), remedy) from None

    found = (Path(at, name) for at, _, names in os.walk(folder, onerror=refuse) for name in names)
    for path in sorted(path for path in found if path.suffix.lower() in SUFFIXES):
        if not is_folder(path):
            yield as_sample(path.relative_to(folder), _read(path))


def _read(path: Path) -> bytes:
    """The content of a file; empty, and so unreadable as a picture, if it cannot be read.

    Reading a pipe might never end.
    """
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def _iter_tar(path: Path) -> Iterator[Sample]:
    try:
        with tarfile.open(path, tarinfo=CheckedMember) as tar:
            members = [m for m in tar.getmembers() if m.isfile()]
            for member in sorted(members, key=lambda m: m.name):
                if Path(member.name).suffix.lower() in SUFFIXES:
                    content = tar.extractfile(member)
                    assert content is not None  # it is a regular file
                    yield as_sample(Path(member.name), content.read())
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        remedy = "name a folder or a tar file of photographs"
        raise DataError(path, "is not a tar file, or a damaged one", remedy) from error
    except OSError as error:
        raise DataError(
            path, why_unreadable(error), "check the name and its permissions"
        ) from error


def as_sample(relative: Path, data: bytes) -> Sample:
    """The picture of this name, in a folder or tar file, and content."""
    class_name = relative.parent.name or "faces"
    if class_name == "..":  # a name from a tar file must not lead out of a folder
        class_name = "faces"
    return Sample(f"{class_name}/{relative.name}", class_name, data)


def decode_rgb8(sample: Sample) -> NDArray[np.uint8]:
    """Pixels (H, W, 3), upright, sRGB 0..255.

    Raises:
        DataError: the bytes are not a picture, or a damaged one.
    """
    try:
        with Image.open(io.BytesIO(sample.data)) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except MemoryError:
        raise
    except Exception as error:  # Pillow's errors of damaged files have no common base
        raise DataError(sample.key, "is not a picture, or a damaged one") from error


def is_colorless(rgb8: NDArray[np.uint8]) -> bool:
    """Whether no region of the picture (H, W, 3) has an |a*| or |b*| above LEAST_AB."""
    small = Image.fromarray(rgb8).resize((32, 32), Image.Resampling.BOX)
    ab = rgb_to_lab(np.asarray(small) / 255.0)[..., 1:]
    return bool(np.abs(ab).max() <= LEAST_AB)


def decode_square(sample: Sample, size: int) -> tuple[NDArray[np.uint8] | None, str]:
    """Pixels (size, size, 3) to learn from, squeezed as the runtime does it; or None, and why."""
    try:
        rgb8 = decode_rgb8(sample)
    except DataError:
        return None, UNREADABLE
    if is_colorless(rgb8):
        return None, COLORLESS
    return np.asarray(Image.fromarray(rgb8).resize((size, size), Image.Resampling.LANCZOS)), ""
