"""Batches of an epoch in a reproducible order.

An epoch's pictures, order, crops and flips depend on the seed and the epoch's number alone, so a
run that was killed and started again sees the same batches as one that was not, and so do several
processes together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from colornet.errors import DataError
from colornet.train.data.cache import PictureCache, refuse_too_few
from colornet.train.data.crops import Crops, cut_out, cut_out_there, draw_crops, middle_crops
from colornet.train.on_device import to_device

OTHERS = "*"
"""Stands for each source without a name in `source_caps`."""


def epoch_counts(cache: PictureCache, source_caps: Mapping[str, float]) -> dict[int, int]:
    """How many pictures of each source make an epoch, so that none has more than its share.

    Args:
        cache: the pictures.
        source_caps: largest share of an epoch by name of source; OTHERS is that of each source
            that is not named, and without OTHERS these are shown whole.

    Returns:
        Pictures by index of source.

    Raises:
        DataError: the shares allow no epoch, as the sources are too few; there is no such source.
    """
    names = cache.summary.sources
    if unknown := sorted(set(source_caps) - {*names, OTHERS}):
        reason = f"has no source {', '.join(unknown)}, which source_caps names"
        there = f"{', '.join(names[:5])}{' ..' * (len(names) > 5)}"
        raise DataError("training data", reason, f"its sources are {there}")
    counts = dict(enumerate(cache.source_counts().values()))
    shares = {i: source_caps.get(n, source_caps.get(OTHERS, 1.0)) for i, n in enumerate(names)}
    capped: set[int] = set()
    while True:  # what one source loses makes the share of the others larger
        whole = sum(n for i, n in counts.items() if i not in capped)
        left = 1 - sum(shares[i] for i in capped)
        if whole == 0 or left <= 0:
            raise DataError(
                "training data",
                f"has too few sources ({len(names)}) for the shares of source_caps",
                "train on more, or leave source_caps out of the recipe",
            )
        total = whole / left
        over = {i for i, n in counts.items() if i not in capped and n > shares[i] * total}
        if not over:
            return {i: int(shares[i] * total) if i in capped else n for i, n in counts.items()}
        capped |= over


class Batches:
    """An epoch of batches (rgb8 (B,3,S,S) uint8, labels (B,) int64), resumable at any step.

    The pictures, crops and flips of a step are the same whatever number of processes and parts
    shares them.

    Args:
        cache: where the pictures come from.
        batch: pictures per batch; a last, smaller step is dropped in training.
        crop: side of the square that is cut out at random (in validation: the middle).
        seed: everything random follows from it and the epoch's number.
        shuffle: False for validation: fixed order, middle crop, no flip, nothing dropped.
        source_caps: largest share of an epoch by name of source; see `epoch_counts`.
        rank, world: this process and their number, when several share an epoch.
        parts: batches of this process that make a step, one after the other.
        min_crop_scale: smallest share of a picture's side that is cut out, and then scaled to the
            crop; 1: crops are not scaled.
        on_device: the cache's pictures on the device that trains, to be cut out there.
    """

    def __init__(
        self,
        cache: PictureCache,
        batch: int,
        crop: int,
        seed: int = 0,
        *,
        shuffle: bool = True,
        source_caps: Mapping[str, float] | None = None,
        rank: int = 0,
        world: int = 1,
        parts: int = 1,
        min_crop_scale: float = 1.0,
        on_device: Tensor | None = None,
    ) -> None:
        self.counts = epoch_counts(cache, source_caps or {})
        pictures = sum(self.counts.values())
        if shuffle:
            refuse_too_few(pictures, batch * world * parts)
        self.cache, self.batch, self.crop, self.seed = cache, batch, crop, seed
        self.shuffle, self.min_crop_scale = shuffle, min_crop_scale
        self.rank, self.world, self.parts = rank, world, parts
        self.on_device = on_device
        if shuffle:
            self.steps = pictures // (batch * world * parts)
        else:
            self.steps = -(-pictures // (batch * world))
            if pictures < self.steps * world:  # too few to share
                self.steps, self.rank, self.world = -(-pictures // batch), 0, 1
        self.epoch = 0
        self.start = 0

    def __len__(self) -> int:
        return self.steps * self.parts

    def state_dict(self) -> dict[str, int]:
        """Where the epoch stands, in steps, for a checkpoint; and what batches they are made of."""
        start = self.start // self.parts
        return {"epoch": self.epoch, "start": start, "world": self.world, "parts": self.parts}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there."""
        self.epoch, self.start = state["epoch"], self.position(state)

    def position(self, state: dict[str, int]) -> int:
        """How many batches of the epoch were over in that state."""
        return state["start"] * self.parts

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        if self.start >= len(self):  # the epoch before is done
            self.epoch, self.start = self.epoch + 1, 0
        order = self._order()
        for index in range(self.start, len(self)):
            self.start = index + 1
            chosen, crops = self._choose(order, index)
            labels = self.cache.labels[chosen]
            if self.on_device is not None:
                pictures = self.on_device[to_device(chosen, self.on_device.device)]
                yield cut_out_there(pictures, labels, crops, self.crop)
            else:
                yield cut_out(self.cache.rgb8[chosen], labels, crops, self.crop)

    def _order(self) -> NDArray[np.int64]:
        if not self.shuffle:
            return np.arange(len(self.cache))
        rng = np.random.default_rng([self.seed, self.epoch])
        chosen = [
            rng.permutation(np.flatnonzero(self.cache.sources == source))[:count]
            for source, count in self.counts.items()
        ]
        return rng.permutation(np.concatenate(chosen))

    def _choose(self, order: NDArray[np.int64], index: int) -> tuple[NDArray[np.int64], Crops]:
        """The pictures (B,) of a batch, and what is cut out of them."""
        whole = self.cache.rgb8.shape[1]
        if not self.shuffle:
            chosen = np.array_split(order, self.steps * self.world)[index * self.world + self.rank]
            return chosen, middle_crops(len(chosen), whole, self.crop)
        step, part = divmod(index, self.parts)
        count = self.batch * self.world * self.parts
        chosen = np.sort(order[step * count :][:count])
        rng = np.random.default_rng([self.seed, self.epoch, step, 0])
        crops = draw_crops(rng, count, whole, self.crop, self.min_crop_scale)
        own = slice(part * self.world + self.rank, None, self.world * self.parts)
        return chosen[own], crops[own]
