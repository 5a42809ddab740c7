"""The pictures of a run: decoded once into a cache, or streamed from tar files."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

import torch

from colornet.errors import OptionError, RecipeError
from colornet.sheets import evenly
from colornet.train.config import Recipe
from colornet.train.data.cache import PictureCache, Split, build_cache, is_built, open_cache
from colornet.train.data.sampler import Batches
from colornet.train.data.samples import Sample, refuse_missing, source_of
from colornet.train.data.shards import Shard, expand, read_shard, survey
from colornet.train.data.stream import Picked, StreamedBatches
from colornet.train.processes import Processes
from colornet.urls import is_url
from colornet.words import counted

SAMPLED, SHARDS_SAMPLED = 2000, 20
"""Pictures of a stream that are decoded beforehand, and the tar files that they are taken from:
for the ab bins of its colors, and for previews."""


@dataclass(frozen=True)
class Part:
    """The pictures to train on, or those of validation.

    Attributes:
        cache: all of them, or a sample of what is streamed.
        shards: the tar files that are streamed; None: the cache has all pictures.
        split: the part of the tar files' pictures that is wanted.
    """

    cache: PictureCache
    shards: Sequence[Shard] | None = None
    split: Split | None = None

    def batches(
        self, recipe: Recipe, processes: Processes, share: int, parts: int, shuffle: bool
    ) -> Batches | StreamedBatches:
        """This process's share of the batches.

        Args:
            recipe: how pictures are drawn and cut out.
            processes: that share them.
            share: pictures per batch of this process.
            parts: batches of this process that make a step.
            shuffle: False for validation.
        """
        rank, world = processes.rank, processes.world
        if self.shards is not None:
            classes = self.cache.summary.classes
            picked = Picked(classes, self.split, recipe.size, recipe.crop, recipe.min_crop_scale)
            return StreamedBatches(
                self.shards,
                picked,
                share,
                recipe.seed,
                shuffle=shuffle,
                rank=rank,
                world=world,
                parts=parts,
                readers=recipe.workers,
            )
        return Batches(
            self.cache,
            share,
            recipe.crop,
            recipe.seed,
            shuffle=shuffle,
            source_caps=recipe.source_caps if shuffle else None,
            rank=rank,
            world=world,
            parts=parts,
            min_crop_scale=recipe.min_crop_scale,
            on_device=self.cache.on_device(processes.device),
        )

    def report(self, role: str) -> str:
        """What the data is, and what was left out, as one line."""
        summary = self.cache.summary
        left_out = f"{summary.colorless} without color, {summary.unreadable} unreadable"
        if self.shards is not None:
            left_out = f"of a sample of {len(self.cache)}: {left_out}"
        pictures = counted(summary.pictures, "picture")
        classes = counted(len(summary.classes), "class", "classes")
        return f"{role}: {pictures} in {classes} (left out: {left_out})"


def check_names(names: Sequence[str | Path], output: Path) -> None:
    """Check names as `open_part` takes them.

    Raises:
        DataError: one is of nothing on disk.
        OptionError: the output, whose pictures would be learned from too, lies in one.
    """
    for name in expand([str(name) for name in names]):
        if not is_url(name):
            refuse_missing(path := Path(name))
            if path.is_dir() and output.resolve().is_relative_to(path.resolve()):
                reason = f"lies in the data {path}"
                raise OptionError(output, reason, "choose another folder with -o")


def open_part(
    names: Sequence[str | Path],
    recipe: Recipe,
    output: Path,
    split: Split | None,
    *,
    stream: bool,
    build: bool,
) -> Part:
    """Decode pictures into a cache, or look into the tar files that are streamed.

    Args:
        names: folders, tar files and URLs of tar files, which may have braces.
        recipe: size and workers.
        output: the run's folder, which gets the cache.
        split: the part of them that is wanted.
        stream: whether tar files on disk are streamed, too; URLs always are.
        build: False: another process has done it.

    Raises:
        DataError: a name stands for nothing that can be read, or there are no pictures in color.
        RecipeError: the recipe asks for what a stream cannot do.
    """
    expanded = expand([str(name) for name in names])
    folder = output / "cache"
    if not (stream or any(map(is_url, expanded))):
        paths = [Path(name) for name in expanded]
        return Part(open_cache(paths, recipe.size, folder, recipe.workers, split, build=build))
    if recipe.source_caps:
        raise RecipeError("source_caps", "are not kept in streams", "leave them out")
    shards = survey(expanded, split, folder, recipe.workers)
    return Part(_sample(shards, recipe, folder, split, build), shards, split)


class _Sample(PictureCache):
    """A sample of what is streamed, that tells what all of it is."""

    def __init__(self, folder: Path, shards: Sequence[Shard]) -> None:
        super().__init__(folder)
        totals = [Counter[str](), Counter[str]()]
        for shard in shards:
            totals[0].update(shard.classes)
            totals[1].update(shard.sources)
        self.totals = {name: totals[1][name] for name in sorted(totals[1])}
        self.summary = replace(
            self.summary,
            classes=sorted(totals[0]),
            sources=list(self.totals),
            pictures=sum(self.totals.values()),
            sha256="",
        )

    def source_counts(self) -> dict[str, int]:
        return self.totals


def _sample(
    shards: Sequence[Shard], recipe: Recipe, root: Path, split: Split | None, build: bool
) -> PictureCache:
    described = f"{recipe.size} {split} {[shard.name for shard in shards]}"
    folder = root / f"sample-{hashlib.sha256(os.fsencode(described)).hexdigest()[:16]}"
    chosen = evenly([shard for shard in shards if shard.pictures], SHARDS_SAMPLED)

    def samples() -> Iterator[tuple[str, Sample]]:
        for shard in chosen:
            container = Path(PurePosixPath(shard.name).name)
            for sample in islice(read_shard(shard.name, split), SAMPLED // len(chosen)):
                yield source_of(sample, container), sample

    if not is_built(folder, build):
        build_cache(samples(), recipe.size, folder, recipe.workers, shards[0].name)
    return _Sample(folder, shards)


def share_of_batch(batch: int, processes: int, accumulate: int) -> int:
    """The pictures that one process runs at once, if all of them share the recipe's batch.

    Args:
        batch: of all processes.
        processes: that share it.
        accumulate: parts of each one's share.

    Raises:
        OptionError: it cannot be split evenly, or shares are too small for batch normalization.
    """
    shares = processes * accumulate
    by = ["--accumulate"] * (accumulate > 1) + ["the number of processes"] * (processes > 1)
    made = f"{accumulate} in each of {processes} processes"
    parts = counted(shares, "part") + f" ({made})" * (len(by) == 2)
    together = processes if torch.cuda.is_available() else 1  # that normalize what they share
    least = 2 if together == 1 else 1
    if batch % shares:
        near = sorted({max(least, n) * shares for n in (batch // shares, -(-batch // shares))})
        reason = f"of {counted(batch, 'picture')} cannot be split into {parts} of the same size"
        remedy = f"use --batch {' or '.join(map(str, near))}, or change {' or '.join(by)}"
        raise OptionError("batch", reason, remedy)
    if batch // shares < least:
        each = f" has one in each of {parts}," if by else " is"
        reason = f"of {counted(batch, 'picture')}{each} too few to normalize"
        lower = f", or lower {' or '.join(by)}" if by else ""
        raise OptionError("batch", reason, f"use --batch {2 * shares}{lower}")
    return batch // shares
