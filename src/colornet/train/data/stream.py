"""Batches of pictures that are read from tar files while they are trained on, and kept nowhere.

Every epoch puts the tar files in another order and cuts the row of all their pictures into equal
pieces, one for each reader: a thread of one of the processes. A reader takes its piece in blocks,
and shuffles each. So each picture is shown once, all processes have the same number of batches
whatever the tar files' sizes, and a run goes on within a tar file: what came before is known from
the numbers of pictures, and at most a block is read again.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from colornet.errors import DataError
from colornet.train.data.cache import Split, no_color, refuse_too_few
from colornet.train.data.crops import cut_out, draw_crops, middle_crops
from colornet.train.data.samples import Sample, decode_square
from colornet.train.data.shards import Shard, read_shard

T = TypeVar("T")

BLOCK = 256
"""Pictures that a reader shuffles at once. It has half as many more at hand, not decoded yet."""
READY = 2
"""Batches that a reader has ready."""


@dataclass(frozen=True)
class Piece:
    """Pictures of a tar file that follow one another: from `first` on, `count` of them."""

    shard: Shard
    first: int
    count: int


def pieces(shards: Sequence[Shard], first: int, count: int) -> list[Piece]:
    """Where the pictures first .. first + count of the row of all pictures are."""
    found, begin = [], 0
    for shard in shards:
        start, end = max(first, begin), min(first + count, begin + shard.pictures)
        if start < end:
            found.append(Piece(shard, start - begin, end - start))
        begin += shard.pictures
    return found


@dataclass(frozen=True)
class Picked:
    """How a stream's pictures are read and cut out.

    Attributes:
        classes: their names, in the order of the labels.
        split: the part of the tar files' pictures that is wanted.
        size: side in pixels of the squares that pictures are decoded to.
        crop: side of what is cut out of them; at random, or in validation the middle.
        min_crop_scale: smallest share of a picture's side that is cut out and scaled to the crop.
    """

    classes: Sequence[str]
    split: Split | None
    size: int
    crop: int
    min_crop_scale: float = 1.0


class StreamedBatches:
    """As `Batches`, of tar files that are read as they are needed.

    A picture that cannot be read or has no color is replaced by another one of the epoch, so that
    every step is full.

    Args:
        shards: the tar files.
        picked: how they are read.
        batch: pictures per batch; a last, smaller step is dropped in training.
        seed: everything random follows from it and the epoch's number.
        shuffle: False for validation: fixed order, middle crop, no flip, nothing dropped.
        rank, world: this process and their number.
        parts: batches of this process that make a step.
        readers: threads of each process that read and decode.
    """

    def __init__(
        self,
        shards: Sequence[Shard],
        picked: Picked,
        batch: int,
        seed: int = 0,
        *,
        shuffle: bool = True,
        rank: int = 0,
        world: int = 1,
        parts: int = 1,
        readers: int = 1,
    ) -> None:
        self.shards, self.picked, self.batch, self.seed = shards, picked, batch, seed
        self.shuffle, self.rank, self.world, self.parts = shuffle, rank, world, parts
        self.pictures = sum(shard.pictures for shard in shards)
        together = batch * world * parts
        if shuffle:
            refuse_too_few(self.pictures, together)
        self.steps = self.pictures // together if shuffle else -(-self.pictures // (batch * world))
        self.readers = min(readers, len(self))
        self.epoch = 0
        self.start = 0
        self.left_out: Counter[str] = Counter()
        """By reason, of the epoch, in this process."""

    def __len__(self) -> int:
        return self.steps * self.parts

    def state_dict(self) -> dict[str, int]:
        """Where the epoch stands, in steps, for a checkpoint; and who shares it."""
        place = {"epoch": self.epoch, "start": self.start // self.parts}
        return {**place, "world": self.world, "parts": self.parts, "readers": self.readers}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there."""
        self.epoch, self.start = state["epoch"], self.position(state)

    def position(self, state: dict[str, int]) -> int:
        """How many batches of the epoch were over in that state; 0 if others shared it then."""
        same = all(state.get(k) == getattr(self, k) for k in ("world", "parts", "readers"))
        return state["start"] * self.parts if same or state["start"] >= self.steps else 0

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        if self.start >= len(self):  # the epoch before is done
            self.epoch, self.start = self.epoch + 1, 0
        if not self.shuffle:
            self.start = 0
        self.left_out.clear()
        done = [len(range(reader, self.start, self.readers)) for reader in range(self.readers)]
        rows = [ahead(self._row(*each), READY) for each in enumerate(done)]
        try:
            for index in range(self.start, len(self)):
                self.start = index + 1
                batch = next(rows[index % self.readers], None)
                if self.start == len(self):
                    self._tell()
                if batch:  # validation may have fewer
                    yield batch
        finally:
            for row in rows:
                row.close()

    def _tell(self) -> None:
        """Say what was left out of the epoch."""
        if self.shuffle and self.left_out:
            said = ", ".join(f"{count} {reason}" for reason, count in self.left_out.items())
            print(f"epoch {self.epoch + 1}, process {self.rank}: replaced {said}", flush=True)

    def plan(self, reader: int) -> tuple[int, int]:
        """The first picture of a reader's piece of the row of all pictures, and how many it has."""
        if not self.shuffle:
            number, all_readers = self.rank * self.readers + reader, self.world * self.readers
            ends = [self.pictures * i // all_readers for i in (number, number + 1)]
            return ends[0], ends[1] - ends[0]
        counts = [len(range(i, len(self), self.readers)) * self.batch for i in range(self.readers)]
        return self.rank * sum(counts) + sum(counts[:reader]), counts[reader]

    def _row(self, reader: int, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of a reader, from that number on."""
        decoded = self._decoded(reader, number * self.batch)
        size, crop = self.picked.size, self.picked.crop
        while chosen := list(islice(decoded, self.batch)):
            rgb8, labels = map(np.stack, zip(*chosen, strict=True))
            crops = middle_crops(len(chosen), size, crop)
            if self.shuffle:
                name = [self.seed, self.epoch, self.rank * self.readers + reader, number + 1]
                rng = np.random.default_rng(name)
                crops = draw_crops(rng, len(chosen), size, crop, self.picked.min_crop_scale)
            yield cut_out(rgb8, labels, crops, crop)
            number += 1

    def _decoded(self, reader: int, done: int) -> Iterator[tuple[NDArray[np.uint8], np.int64]]:
        """Its pictures (S,S,3), shuffled in blocks, and their labels."""
        spare, owed = None, 0
        for sample in self._shuffled(reader, done):
            found = self._decode(sample)
            if found is None and spare is None:
                owed += self.shuffle
                continue
            if found is None and not self.shuffle:
                continue
            spare = found or spare
            assert spare is not None
            for _ in range(1 + owed):
                yield spare
            owed = 0
        if owed:
            raise no_color("training data")

    def _decode(self, sample: Sample) -> tuple[NDArray[np.uint8], np.int64] | None:
        square, reason = decode_square(sample, self.picked.size)
        if square is None:
            self.left_out[reason] += 1
            return None
        classes = self.picked.classes
        known = sample.class_name in classes  # -100: the classifier does not learn from it
        label = classes.index(sample.class_name) if known else -100
        return square, np.int64(label)

    def _shuffled(self, reader: int, done: int) -> Iterator[Sample]:
        first, count = self.plan(reader)
        block = done // BLOCK
        samples = ahead(self._samples(first + block * BLOCK, count - block * BLOCK), BLOCK // 2)
        passed = done % BLOCK
        try:
            while chunk := list(islice(samples, BLOCK if self.shuffle else 1)):
                order = np.arange(len(chunk))
                if self.shuffle:
                    name = [self.seed, self.epoch, self.rank * self.readers + reader, block]
                    order = np.random.default_rng([*name, 1]).permutation(len(chunk))
                yield from (chunk[i] for i in order[passed:])
                block, passed = block + 1, 0
        finally:
            samples.close()

    def _samples(self, first: int, count: int) -> Iterator[Sample]:
        order = np.arange(len(self.shards))
        if self.shuffle:
            order = np.random.default_rng([self.seed, self.epoch]).permutation(len(self.shards))
        for piece in pieces([self.shards[int(i)] for i in order], first, count):
            found = 0
            there = read_shard(piece.shard.name, self.picked.split, piece.first)
            for sample in islice(there, piece.count):
                found += 1
                yield sample
            if found < piece.count:
                reason = "holds fewer pictures than when it was looked into"
                raise DataError(piece.shard.name, reason, "remove the cache of OUTPUT")


def ahead(items: Iterator[T], count: int) -> Generator[T, None, None]:
    """The items, of which up to `count` are made ahead of time by a thread."""
    ready: queue.Queue[Any] = queue.Queue(count)
    stopped = threading.Event()
    end = object()

    def put(item: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((end, None))
        except BaseException as error:
            put((end, error))
        finally:
            items.close()  # type: ignore[attr-defined]

    def taken() -> Generator[T, None, None]:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while True:
                item, error = ready.get()
                if error is not None:
                    raise error
                if item is end:
                    return
                yield item
        finally:
            stopped.set()
            thread.join()

    return taken()
