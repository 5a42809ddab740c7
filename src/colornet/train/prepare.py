"""The founding document's folders: split 1:9, then augment the training part by a factor of ten.

    WORK/test_data/<class>/    a tenth of the pictures, byte for byte
    WORK/train_data/<class>/   the others, byte for byte
    WORK/aug_images/<class>/   `copies` random transforms of each picture in train_data
    WORK/split.json            how the pictures were split

Everything is built in a hidden folder beside WORK, which is renamed at the end: WORK is complete or
missing.
"""

from __future__ import annotations

import json
import os
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path, PurePosixPath

from PIL import Image
from rich.console import Console
from rich.progress import track

from colornet.errors import CHECK_FOLDER, DataError, system_reason
from colornet.paths import refuse_current, refuse_file
from colornet.train.data.augment import augment, build_augmentation
from colornet.train.data.samples import Sample, decode_rgb8, iter_samples, refuse_missing
from colornet.train.whole_folders import building

SPLIT_FILE = "split.json"
ONE_CLASS = "faces"
"""The class of pictures that came without class folders."""

TEST_SHARE = 0.1
TEST_SHARE_RANGE = (0.08, 0.12)
"""What counts as a tenth when only whole persons can be moved."""

CLEAR_SHARE = 0.25
"""Test persons are drawn from the clearest clusters that hold this share of the pictures."""

JPEG_QUALITY = 95


@dataclass(frozen=True)
class Split:
    """How the pictures were divided; what split.json holds."""

    method: str
    """"random", or by what persons were told apart."""
    seed: int
    counts: dict[str, int]
    """Pictures in each folder of WORK."""
    clusters: list[list[str]] | None
    """Keys of the pictures that are taken for one person each; None for a random split."""
    test: list[str]
    """Keys ("class/name.jpg") of the pictures in test_data."""
    left_out: dict[str, str]
    """Key of each picture that could not be read, with the reason."""

    @classmethod
    def from_file(cls, path: Path) -> Split:
        """Read split.json."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def to_file(self, path: Path) -> None:
        """Write split.json."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def prepare(
    faces: Path,
    work: Path,
    *,
    by_person: bool = False,
    encoder: Path | None = None,
    seed: int = 0,
    copies: int = 10,
) -> Split:
    """Split the pictures of `faces` 1:9 and augment the training part.

    Args:
        faces: a folder or tar of pictures, in class folders or not. A single class folder is no
            class: its pictures go to the class `faces`.
        work: the folder to make; must not exist, or be empty.
        by_person: keep every person's pictures on one side, as far as faces can be told apart.
        encoder: weights (.npz) of the MobileNetEdgeTPU that tells faces apart; without it,
            `by_person` compares gradients, textures and colors, and a few persons may end up on
            both sides.
        seed: of the split and the transforms; the same seed makes the same files.
        copies: transformed pictures per training picture.

    Raises:
        DataError: `work` is not empty or cannot be written, or `faces` holds too few pictures.
        CheckpointError: `encoder` cannot be used.
        UnwritablePicture: another process is preparing the same folder.
    """
    refuse_current(work)
    work = Path(os.path.realpath(work))  # a link stays one
    refuse_file(work)
    if work.exists() and any(work.iterdir()):
        raise DataError(work, "is not empty", "choose another folder, or delete this one first")
    refuse_missing(faces)
    try:
        with building(work) as folder:
            split = _build(folder, faces, by_person, encoder, seed, copies)
            if work.exists():
                work.rmdir()
            folder.rename(work)
    except OSError as error:
        raise DataError(
            work, f"cannot be written ({system_reason(error)})", CHECK_FOLDER
        ) from error
    return split


def _build(
    work: Path, faces: Path, by_person: bool, encoder: Path | None, seed: int, copies: int
) -> Split:
    """Write all that `prepare` does into an empty folder."""
    keys, left_out = survey(faces)
    method, clusters, test = divide(faces, keys, by_person, encoder, seed)
    one_class = len({PurePosixPath(key).parent for key in keys}) == 1
    for sample in show(readable(faces, keys), len(keys), "Split and augment"):
        folder = Path(ONE_CLASS if one_class else sample.class_name)
        if sample.key in test:
            copy(sample, work / "test_data" / folder)
        else:
            copy(sample, work / "train_data" / folder)
            write_augmented(sample, work / "aug_images" / folder, copies, seed)
    train = len(keys) - len(test)
    counts = {"test_data": len(test), "train_data": train, "aug_images": train * copies}
    split = Split(method, seed, counts, clusters, sorted(test), left_out)
    split.to_file(work / SPLIT_FILE)
    return split


def divide(
    faces: Path, keys: list[str], by_person: bool, encoder: Path | None, seed: int
) -> tuple[str, list[list[str]] | None, set[str]]:
    """The method, the clusters if there are any, and the keys of the test part."""
    if by_person:
        from colornet.train import people

        pictures = (
            (sample.key, decode_rgb8(sample))
            for sample in show(readable(faces, keys), len(keys), "Compare faces")
        )
        method, clusters = people.find_people(pictures, encoder)
        return method, clusters, choose_clusters(clusters, len(keys), seed)
    test = choose_random(keys, seed)
    if not 0 < len(test) < len(keys):
        raise DataError(faces, f"{len(keys)} pictures are too few to split 1:9", "add pictures")
    return "random", None, test


def survey(faces: Path) -> tuple[list[str], dict[str, str]]:
    """Keys of the pictures that can be read, sorted, and of those that cannot, with the reason."""
    keys, left_out = [], {}
    for sample in iter_samples(faces):
        try:
            decode_rgb8(sample)
        except DataError as error:
            left_out[sample.key] = error.reason
        else:
            keys.append(sample.key)
    stems = Counter(PurePosixPath(key).with_suffix("") for key in keys)
    if twins := [str(stem) for stem, count in stems.items() if count > 1]:
        raise DataError(faces, f"several pictures are named {twins[0]}", "rename all but one")
    return sorted(keys), left_out


def readable(faces: Path, keys: Iterable[str]) -> Iterator[Sample]:
    """The samples of these keys."""
    wanted = set(keys)
    return (sample for sample in iter_samples(faces) if sample.key in wanted)


def choose_random(keys: Sequence[str], seed: int) -> set[str]:
    """A tenth of the keys, drawn evenly from the classes."""
    shuffled = random.Random(seed).sample(keys, len(keys))
    by_class = sorted(shuffled, key=lambda key: PurePosixPath(key).parent)
    return set(by_class[4::10])


def choose_clusters(clusters: Sequence[Sequence[str]], total: int, seed: int) -> set[str]:
    """Choose whole clusters with about a tenth of the pictures, from the first quarter of them.

    Args:
        clusters: those that are most surely one person, and the whole of one, first.
        total: pictures in all clusters.
        seed: of the draw.

    Raises:
        DataError: no choice of clusters holds 8 to 12 % of the pictures.
    """
    ends = list(accumulate(map(len, clusters)))
    clear = bisect_left(ends, CLEAR_SHARE * total) + 1
    drawn = random.Random(seed).sample(clusters[:clear], min(clear, len(clusters)))
    test: set[str] = set()
    wanted = TEST_SHARE * total
    for cluster in [*drawn, *clusters[clear:]]:
        if abs(len(test) + len(cluster) - wanted) < abs(len(test) - wanted):
            test.update(cluster)
    if not TEST_SHARE_RANGE[0] <= len(test) / total <= TEST_SHARE_RANGE[1]:
        raise DataError(
            f"{len(clusters)} persons",
            "too few, or too unequal in pictures, to put a tenth of the pictures aside",
            "split at random, or add pictures of other persons",
        )
    return test


def copy(sample: Sample, folder: Path) -> None:
    """Store the picture's bytes as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PurePosixPath(sample.key).name).write_bytes(sample.data)


def write_augmented(sample: Sample, folder: Path, copies: int, seed: int) -> None:
    """Store transforms of the picture as NAME-0.jpg, NAME-1.jpg, .. at its own size."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = PurePosixPath(sample.key).stem
    variants = augment(decode_rgb8(sample), copies, f"{seed}/{sample.key}", build_augmentation())
    for number, rgb8 in enumerate(variants):
        Image.fromarray(rgb8).save(
            folder / f"{stem}-{number}.jpg", quality=JPEG_QUALITY, subsampling=0
        )


def show(samples: Iterable[Sample], total: int, title: str) -> Iterator[Sample]:
    """Pass the samples on, with a progress bar on standard error."""
    yield from track(samples, title, total, console=Console(stderr=True))
