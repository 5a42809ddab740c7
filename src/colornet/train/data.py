"""Photographs for training: folders or tar files -> a uint8 cache -> batches, in a fixed order.

Pictures are decoded once, squashed to a square as the runtime does it, and kept as one array on
disk. An epoch's order, crops and flips depend on nothing but the seed and the epoch's number, so a
run that is killed and started again sees the very batches that it would have seen.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from colornet.color import rgb_to_lab
from colornet.errors import DataError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif"}
LEAST_AB = 5.0
"""A picture whose ab all stay within this is gray or toned: nothing to learn color from."""


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
    """Names of the folders and tar files, without suffix."""
    pictures: int
    colorless: int
    """Left out because they have no color to learn from."""
    unreadable: int


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


def open_cache(sources: Iterable[Path], size: int, root: Path, workers: int) -> PictureCache:
    """The cache of these sources under `root`, made by `workers` threads if it is not there yet.

    Args:
        sources: folders or tar files.
        size: side of the cached squares in pixels.
        root: folder that holds caches; each has its own name, made of what went into it.

    Raises:
        DataError: a source is missing, or no picture in color was found.
    """
    sources = list(sources)
    folder = root / _fingerprint(sources, size)
    if not folder.is_dir():
        building = folder.with_suffix(f".{os.getpid()}.part")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        try:
            _build_cache(sources, size, building, workers)
            building.replace(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return PictureCache(folder)


def _fingerprint(sources: list[Path], size: int) -> str:
    digest = hashlib.sha256(f"2 {size}".encode())
    for source in sources:
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for path in files:
            if not path.is_file():
                raise DataError(path, "no such folder or tar file")
            stat = path.stat()
            digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _build_cache(sources: list[Path], size: int, folder: Path, workers: int) -> None:
    def decode(item: tuple[int, Sample]) -> tuple[int, str, NDArray[np.uint8] | None]:
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
    origins: list[int] = []
    left_out = {"unreadable": 0, "colorless": 0}
    stream = ((i, sample) for i, source in enumerate(sources) for sample in iter_samples(source))
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
        raise DataError(sources[0], "holds no picture in color that can be read")
    classes = sorted(set(names))
    shape = (len(names), size, size, 3)
    raw = np.memmap(folder / "pixels", dtype=np.uint8, mode="r", shape=shape)
    np.save(folder / "rgb8.npy", raw)
    (folder / "pixels").unlink()
    np.save(folder / "labels.npy", np.array([classes.index(n) for n in names], dtype=np.int64))
    np.save(folder / "sources.npy", np.array(origins, dtype=np.int64))
    stems = [source.stem for source in sources]
    summary = CacheSummary(
        classes, stems, len(names), left_out["colorless"], left_out["unreadable"]
    )
    (folder / "summary.json").write_text(json.dumps(asdict(summary), indent=1))


def epoch_counts(cache: PictureCache, at_most: Mapping[str, float]) -> dict[int, int]:
    """How many pictures of each source make an epoch, so that none has more than its share.

    Args:
        cache: the pictures.
        at_most: largest share of an epoch by name of source; sources without one are shown whole.
    """
    counts = dict(enumerate(np.bincount(cache.sources).tolist()))
    limits = {i: at_most[n] for i, n in enumerate(cache.summary.sources) if n in at_most}
    whole = sum(count for i, count in counts.items() if i not in limits)
    total = whole / (1 - sum(limits.values()))
    return {i: min(n, int(limits.get(i, 1) * total)) if i in limits else n
            for i, n in counts.items()}  # fmt: skip


class Batches:
    """An epoch of batches (rgb8 (B,3,S,S) uint8, labels (B,) int64), resumable at any batch.

    Args:
        cache: where the pictures come from.
        batch: pictures per batch; a last, smaller batch is dropped in training.
        crop: side of the square that is cut out at random (in validation: the middle).
        seed: everything random follows from it and the epoch's number.
        shuffle: False for validation: fixed order, middle crop, no flip, nothing dropped.
        at_most: largest share of an epoch by name of source; see `epoch_counts`.
        rank, world: this process and their number, when several share an epoch.
        zoom: smallest share of a picture's side that is cut out, and then scaled to the crop; 1:
            crops are as large in the picture as they come out.
    """

    def __init__(
        self,
        cache: PictureCache,
        batch: int,
        crop: int,
        seed: int = 0,
        *,
        shuffle: bool = True,
        at_most: Mapping[str, float] | None = None,
        rank: int = 0,
        world: int = 1,
        zoom: float = 1.0,
    ) -> None:
        self.counts = epoch_counts(cache, at_most or {})
        self.pictures = sum(self.counts.values())
        if shuffle and self.pictures < batch * world:
            raise DataError("training data", f"{self.pictures} pictures do not fill one batch")
        self.cache, self.batch, self.crop, self.seed = cache, batch, crop, seed
        self.shuffle, self.rank, self.world, self.zoom = shuffle, rank, world, zoom
        self.epoch = 0
        self.start = 0

    def __len__(self) -> int:
        if self.shuffle:
            return self.pictures // (self.batch * self.world)
        return -(-self.pictures // self.batch)

    def state_dict(self) -> dict[str, int]:
        """Where the epoch stands, for a checkpoint."""
        return {"epoch": self.epoch, "start": self.start}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there."""
        self.epoch, self.start = state["epoch"], state["start"]

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        if self.start >= len(self):  # the epoch before is done
            self.epoch, self.start = self.epoch + 1, 0
        order = self._order()
        step = self.batch * self.world
        for index in range(self.start, len(self)):
            first = index * step + self.rank * self.batch
            chosen = np.sort(order[first : first + self.batch])
            self.start = index + 1
            yield self._load(chosen, index)

    def _order(self) -> NDArray[np.int64]:
        if not self.shuffle:
            return np.arange(len(self.cache))
        rng = np.random.default_rng([self.seed, self.epoch])
        chosen = [
            rng.permutation(np.flatnonzero(self.cache.sources == source))[:count]
            for source, count in self.counts.items()
        ]
        return rng.permutation(np.concatenate(chosen))

    def _load(self, chosen: NDArray[np.int64], index: int) -> tuple[Tensor, Tensor]:
        rgb8 = self.cache.rgb8[chosen]  # (B,C,C,3)
        sides = np.full(len(chosen), self.crop)
        if self.shuffle:
            rng = np.random.default_rng([self.seed, self.epoch, index, self.rank])
            if self.zoom < 1:
                whole = rgb8.shape[1]
                sides = rng.integers(round(self.zoom * whole), whole + 1, len(chosen))
            room = rgb8.shape[1] - sides[:, np.newaxis]
            corners = rng.integers(0, room + 1, (len(chosen), 2))
            flips = rng.random(len(chosen)) < 0.5
        else:
            corners = np.full((len(chosen), 2), (rgb8.shape[1] - self.crop) // 2)
            flips = np.zeros(len(chosen), dtype=bool)
        out = np.empty((len(chosen), self.crop, self.crop, 3), dtype=np.uint8)
        for i, (side, (top, left), flip) in enumerate(zip(sides, corners, flips, strict=True)):
            cut = rgb8[i, top : top + side, left : left + side]
            if side != self.crop:
                scaled = (self.crop, self.crop), Image.Resampling.BILINEAR
                cut = np.asarray(Image.fromarray(cut).resize(*scaled))
            out[i] = cut[:, ::-1] if flip else cut
        pixels = torch.from_numpy(out).permute(0, 3, 1, 2)  # (B,3,S,S), channels last in memory
        return pixels, torch.from_numpy(self.cache.labels[chosen])
