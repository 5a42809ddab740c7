"""Photographs for training, decoded once: folders or tar files -> one uint8 array on disk."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colornet.errors import DISK_FULL, DataError, system_reason
from colornet.train.data.samples import (
    COLORLESS,
    UNREADABLE,
    Sample,
    decode_square,
    iter_samples,
    refuse_missing,
    source_of,
)
from colornet.train.whole_folders import building

ADD_PICTURES = "add photographs in color"
CHUNK = 1024
"""Pictures that are sent to a GPU at once."""
SHARE = 0.5
"""Of a GPU's free memory, that pictures may take."""


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
    sha256: str = ""
    """Of the keys and bytes of all of these, those left out included, in order; empty: of the
    pictures of a stream, or of a cache made before this was noted."""


@dataclass(frozen=True)
class Split:
    """A part of the pictures: one in `every` is held out, always the same ones."""

    every: int
    held_out: bool = False
    """Whether these are the ones held out, or those to train on."""

    def has(self, sample: Sample) -> bool:
        """Whether the sample belongs to this part."""
        return is_held_out(sample.key, self.every) == self.held_out


def is_held_out(key: str, every: int) -> bool:
    """Whether the SHA-1 of a picture's key, as a number, is divisible by `every`."""
    digest = hashlib.sha1(os.fsencode(key), usedforsecurity=False).digest()
    return int.from_bytes(digest) % every == 0


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

    def on_device(self, device: torch.device) -> Tensor | None:
        """The pictures (N,S,S,3) on a GPU; None: it is none, or has too little free memory."""
        if device.type != "cuda" or self.rgb8.nbytes > SHARE * torch.cuda.mem_get_info(device)[0]:
            return None
        there = torch.empty(self.rgb8.shape, dtype=torch.uint8, device=device)
        for start in range(0, len(self), CHUNK):
            part = slice(start, start + CHUNK)
            there[part] = torch.from_numpy(np.array(self.rgb8[part])).to(device)
        return there

    def source_counts(self) -> dict[str, int]:
        """How many pictures are of each source."""
        names = self.summary.sources
        counts = np.bincount(self.sources, minlength=len(names)).tolist()
        return dict(zip(names, counts, strict=True))


def open_cache(
    sources: Iterable[Path],
    size: int,
    root: Path,
    workers: int,
    split: Split | None = None,
    *,
    build: bool = True,
) -> PictureCache:
    """Open the cache of these sources under `root`; `workers` threads build it if it is missing.

    Args:
        sources: folders or tar files.
        size: side of the cached squares in pixels.
        root: folder that holds caches; each has its own name, made of what went into it.
        split: the part of the pictures that is wanted; None is all of them.
        build: False: another process has built it.

    Raises:
        DataError: a source is missing, or no picture in color was found; or there is no cache and
            it is not to be built.
    """
    sources = list(sources)
    folder = root / _fingerprint(sources, size, split)
    if not is_built(folder, build):
        samples = (
            (source_of(sample, source), sample)
            for source in sources
            for sample in iter_samples(source)
            if split is None or split.has(sample)
        )
        build_cache(samples, size, folder, workers, sources[0], split)
    return PictureCache(folder)


def is_built(folder: Path, build: bool) -> bool:
    """Whether a cache is there.

    Args:
        folder: of the cache.
        build: False: another process has built it, if all is well.

    Raises:
        DataError: it is not there, and should be.
    """
    if folder.is_dir() or build:
        return folder.is_dir()
    reason = f"is not there on {socket.gethostname()}, but another process has just built it"
    raise DataError(folder, reason, "let all machines share the folders of data and output")


def _fingerprint(sources: list[Path], size: int, split: Split | None) -> str:
    """A name made of all that decides what a cache holds: folders are classes and sources."""
    digest = hashlib.sha256(f"4 {size} {split}".encode())
    for source in sources:
        refuse_missing(source)
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for path in files:
            stat = path.stat()
            place = path.relative_to(source.parent).as_posix()
            digest.update(os.fsencode(f"{place} {stat.st_size} {stat.st_mtime_ns}\n"))
    return digest.hexdigest()[:16]


def no_color(subject: object) -> DataError:
    """The error of data in which no picture can be used."""
    return DataError(subject, "holds no picture in color that can be read", ADD_PICTURES)


def refuse_too_few(pictures: int, together: int) -> None:
    """Raise `DataError` where pictures do not fill one batch, of all processes together."""
    if pictures < together:
        reason = f"{pictures} pictures do not fill one batch of {together}"
        raise DataError("training data", reason, "use a smaller --batch, or more pictures")


def refuse_empty(split: Split | None, subject: object) -> None:
    """Raise DataError if no pictures are there to be held out."""
    if split and split.held_out:
        reason = f"has too few pictures to hold out one in {split.every}"
        remedy = "name a validation set, or change hold_out in the recipe"
        raise DataError(subject, reason, remedy)


def build_cache(
    samples: Iterable[tuple[str, Sample]],
    size: int,
    folder: Path,
    workers: int,
    subject: object,
    split: Split | None = None,
) -> None:
    """Decode pictures, each with the name of its source, into a folder that `PictureCache` opens.

    Args:
        samples: what it will hold, but for pictures that are unreadable or have no color.
        size: side of the squares in pixels.
        folder: made whole or not at all.
        workers: threads.
        subject: that an error names.
        split: the part of the pictures that the samples are.

    Raises:
        DataError: no picture in color was found, or the cache cannot be written.
    """
    try:
        with building(folder) as new:
            _fill_cache(samples, size, new, workers, subject, split)
            new.replace(folder)
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        reason = f"cannot be written ({system_reason(error)})"
        remedy = "make room for it, or use --stream if the pictures are tar files"
        raise DataError(folder, reason, remedy) from error


def _fill_cache(
    samples: Iterable[tuple[str, Sample]],
    size: int,
    folder: Path,
    workers: int,
    subject: object,
    split: Split | None,
) -> None:
    def decode(item: tuple[str, Sample]) -> tuple[str, str, NDArray[np.uint8] | None]:
        source, sample = item
        square, reason = decode_square(sample, size)
        return source, reason or sample.class_name, square

    def write_header(count: int) -> None:  # whose length numpy keeps when an array grows
        described = {"shape": (count, size, size, 3), "fortran_order": False, "descr": "|u1"}
        np.lib.format.write_array_header_1_0(pixels, described)

    names: list[str] = []
    origins: list[str] = []
    left_out = Counter[str]()
    digest = hashlib.sha256()
    stream = iter(samples)
    with (folder / "rgb8.npy").open("wb") as pixels, ThreadPoolExecutor(workers) as pool:
        write_header(0)
        while chunk := list(islice(stream, 64 * workers)):  # bounds what is held in memory
            for _, sample in chunk:
                digest.update(os.fsencode(sample.key) + b"\0" + sample.data)
            for origin, name, square in pool.map(decode, chunk):
                if square is None:
                    left_out[name] += 1
                else:
                    pixels.write(square.tobytes())
                    names.append(name)
                    origins.append(origin)
        pixels.seek(0)
        write_header(len(names))
    if not names and not left_out:
        refuse_empty(split, subject)
    if not names:
        raise no_color(subject)
    classes, sources = sorted(set(names)), sorted(set(origins))
    places = {name: i for i, name in enumerate(sources)}
    np.save(folder / "labels.npy", np.array([classes.index(n) for n in names], dtype=np.int64))
    np.save(folder / "sources.npy", np.array([places[o] for o in origins], dtype=np.int64))
    summary = CacheSummary(
        classes,
        sources,
        len(names),
        left_out[COLORLESS],
        left_out[UNREADABLE],
        digest.hexdigest(),
    )
    (folder / "summary.json").write_text(json.dumps(asdict(summary), indent=1))
