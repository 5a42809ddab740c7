"""Photographs for training: folders or tar files -> a uint8 cache.

Pictures are decoded once, squashed to a square as the runtime does it, and kept as one array on
disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colornet.color import rgb_to_lab
from colornet.errors import DataError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif"}
LEAST_AB = 5.0
"""A picture whose ab all stay within this is gray or toned: nothing to learn color from."""
SET_AND_HASH = re.compile(r"(?P<set>.+)-[0-9a-f]{10}")
"""Stem of a picture's name that tells which set it is from, as in `flickr8k-8a17cb6d92`."""


@dataclass(frozen=True)
class Sample:
    """One encoded picture of a data set."""

    key: str
    """`class/name.jpg`."""
    class_name: str
    data: bytes


@dataclass(frozen=True)
class CacheSummary:
    """What went into a cache, and what did not."""

    classes: list[str]
    sources: list[str]
    """Names of the sets that the pictures are from; see `source_of`."""
    pictures: int
    colorless: int
    """Left out because they have no color to learn from."""
    unreadable: int


@dataclass(frozen=True)
class Split:
    """One in `every` pictures is held out, the same ones always: by the SHA-1 of their keys."""

    every: int
    held_out: bool = False
    """Whether these are the ones held out, or those to train on."""

    def has(self, sample: Sample) -> bool:
        """Whether the sample belongs to this part."""
        return is_held_out(sample.key, self.every) == self.held_out


def is_held_out(key: str, every: int) -> bool:
    """Whether the SHA-1 of a picture's key, as a number, is divisible by `every`."""
    digest = hashlib.sha1(key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest) % every == 0


def source_of(sample: Sample, container: Path) -> str:
    """The set that a picture is from: told by its name (SET_AND_HASH), or by its folder or tar."""
    told = SET_AND_HASH.fullmatch(Path(sample.key).stem)
    return told["set"] if told else container.stem


def iter_samples(source: Path) -> Iterator[Sample]:
    """Every picture of a folder or tar file, in the order of its key.

    The layout is `class/picture`; pictures that lie in no folder belong to the class `faces`.

    Raises:
        DataError: the source does not exist, is no tar file, or holds no picture.
    """
    if source.is_dir():
        samples = _iter_folder(source)
    elif source.is_file():
        samples = _iter_tar(source)
    else:
        raise DataError(source, "no such folder or tar file")
    empty = True
    for sample in samples:
        empty = False
        yield sample
    if empty:
        raise DataError(source, "holds no pictures", f"looked for {', '.join(sorted(SUFFIXES))}")


def _iter_folder(folder: Path) -> Iterator[Sample]:
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        yield _sample(path.relative_to(folder), path.read_bytes())


def _iter_tar(path: Path) -> Iterator[Sample]:
    try:
        with tarfile.open(path) as tar:
            members = [m for m in tar.getmembers() if m.isfile()]
            for member in sorted(members, key=lambda m: m.name):
                if Path(member.name).suffix.lower() in SUFFIXES:
                    content = tar.extractfile(member)
                    assert content is not None  # it is a regular file
                    yield _sample(Path(member.name), content.read())
    except tarfile.TarError as error:
        raise DataError(path, f"not a readable tar file ({error})") from error


def _sample(relative: Path, data: bytes) -> Sample:
    class_name = relative.parent.name or "faces"
    if class_name == "..":  # a name from a tar file must not lead out of a folder
        class_name = "faces"
    return Sample(f"{class_name}/{relative.name}", class_name, data)


def decode_rgb8(sample: Sample) -> NDArray[np.uint8]:
    """Pixels (H, W, 3), upright, sRGB 0..255.

    Raises:
        DataError: the bytes are no picture, or a damaged one.
    """
    try:
        with Image.open(io.BytesIO(sample.data)) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(sample.key, f"unreadable ({error})") from error


def is_colorless(rgb8: NDArray[np.uint8]) -> bool:
    """Whether no region of the picture (H, W, 3) has an |a*| or |b*| above LEAST_AB."""
    small = Image.fromarray(rgb8).resize((32, 32), Image.Resampling.BOX)
    ab = rgb_to_lab(np.asarray(small) / 255.0)[..., 1:]
    return bool(np.abs(ab).max() <= LEAST_AB)


class PictureCache:
    """Decoded pictures on disk.

    Attributes:
        rgb8: (N, size, size, 3) uint8, memory-mapped.
        labels: (N,) int64, indices into `summary.classes`.
        sources: (N,) int64, indices into `summary.sources`.
        summary: what the cache holds.
    """

    def __init__(self, folder: Path) -> None:
        self.rgb8: NDArray[np.uint8] = np.load(folder / "rgb8.npy", mmap_mode="r")
        self.labels: NDArray[np.int64] = np.load(folder / "labels.npy")
        self.sources: NDArray[np.int64] = np.load(folder / "sources.npy")
        self.summary = CacheSummary(**json.loads((folder / "summary.json").read_text()))

    def __len__(self) -> int:
        return len(self.labels)


def open_cache(
    sources: Iterable[Path], size: int, root: Path, workers: int, split: Split | None = None
) -> PictureCache:
    """The cache of these sources under `root`, made by `workers` threads if it is not there yet.

    Args:
        sources: folders or tar files.
        size: side of the cached squares in pixels.
        root: folder that holds caches; each has its own name, made of what went into it.
        split: the part of the pictures that is wanted; None is all of them.

    Raises:
        DataError: a source is missing, or no picture in color was found.
    """
    sources = list(sources)
    folder = root / _fingerprint(sources, size, split)
    if not folder.is_dir():
        building = folder.with_suffix(f".{os.getpid()}.part")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        try:
            _build_cache(sources, size, building, workers, split)
            building.replace(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return PictureCache(folder)


def _fingerprint(sources: list[Path], size: int, split: Split | None) -> str:
    digest = hashlib.sha256(f"3 {size} {split}".encode())
    for source in sources:
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for path in files:
            if not path.is_file():
                raise DataError(path, "no such folder or tar file")
            stat = path.stat()
            digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _build_cache(
    containers: list[Path], size: int, folder: Path, workers: int, split: Split | None
) -> None:
    def decode(item: tuple[str, Sample]) -> tuple[str, str, NDArray[np.uint8] | None]:
        source, sample = item
        try:
            rgb8 = decode_rgb8(sample)
        except DataError:
            return source, "unreadable", None
        if is_colorless(rgb8):
            return source, "colorless", None
        square = Image.fromarray(rgb8).resize((size, size), Image.Resampling.LANCZOS)
        return source, sample.class_name, np.asarray(square)

    names: list[str] = []
    origins: list[str] = []
    left_out = {"unreadable": 0, "colorless": 0}
    stream = (
        (source_of(sample, container), sample)
        for container in containers
        for sample in iter_samples(container)
        if split is None or split.has(sample)
    )
    with (folder / "pixels").open("wb") as pixels, ThreadPoolExecutor(workers) as pool:
        while chunk := list(islice(stream, 64 * workers)):  # bounds what is held in memory
            for origin, name, square in pool.map(decode, chunk):
                if square is None:
                    left_out[name] += 1
                else:
                    pixels.write(square.tobytes())
                    names.append(name)
                    origins.append(origin)
    if not names:
        raise DataError(containers[0], "holds no picture in color that can be read")
    classes, sources = sorted(set(names)), sorted(set(origins))
    places = {name: i for i, name in enumerate(sources)}
    shape = (len(names), size, size, 3)
    raw = np.memmap(folder / "pixels", dtype=np.uint8, mode="r", shape=shape)
    np.save(folder / "rgb8.npy", raw)
    (folder / "pixels").unlink()
    np.save(folder / "labels.npy", np.array([classes.index(n) for n in names], dtype=np.int64))
    np.save(folder / "sources.npy", np.array([places[o] for o in origins], dtype=np.int64))
    summary = CacheSummary(
        classes, sources, len(names), left_out["colorless"], left_out["unreadable"]
    )
    (folder / "summary.json").write_text(json.dumps(asdict(summary), indent=1))
