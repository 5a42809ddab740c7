"""Tar files of class/picture, read from front to back: on disk, or behind any URL of fsspec."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from colornet.errors import ColornetError, DataError, OptionError
from colornet.stores import explained, patiently
from colornet.tars import CheckedMember
from colornet.train.data.cache import Split, refuse_empty
from colornet.train.data.samples import SUFFIXES, Sample, as_sample, source_of
from colornet.urls import is_url, local, refuse_password, stripped

BRACES = re.compile(r"\{[^{}]*(,|\.\.)[^{}]*\}")
BLOCK = 8 << 20
"""Bytes that are fetched from behind a URL at once."""


@dataclass(frozen=True)
class Shard:
    """A tar file, and what it holds of the part of the pictures that is wanted.

    Attributes:
        name: path or URL.
        pictures: how many.
        classes, sources: their numbers by class, and by the set they are from.
    """

    name: str
    pictures: int
    classes: dict[str, int]
    sources: dict[str, int]


def expand(names: Sequence[str]) -> list[str]:
    """Names with braces as the many names that they stand for; `a-{000..999}.tar`.

    Raises:
        OptionError: one is a URL that holds a password.
    """
    found: list[str] = []
    for name in names:
        name = local(name)
        refuse_password(name)
        if not BRACES.search(name) or Path(name).exists():
            found.append(name)
        else:
            from webdataset.shardlists import expand_urls

            found += expand_urls(name)
    return found


def survey(names: Sequence[str], split: Split | None, root: Path, threads: int) -> list[Shard]:
    """What each tar file holds; each is read once, and what was found is kept under `root`.

    Raises:
        DataError: one of them cannot be read, or there is nothing in any.
    """
    kept = root / f"shards-{hashlib.sha256(os.fsencode(f'{split} {names}')).hexdigest()[:16]}.jsonl"
    root.mkdir(parents=True, exist_ok=True)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    known = {s.name: s for s in (Shard(**json.loads(line)) for line in lines if _is_whole(line))}
    missing = [name for name in names if name not in known]
    with ThreadPoolExecutor(threads) as pool, kept.open("a", encoding="utf-8") as file:
        for done, shard in enumerate(pool.map(lambda n: _survey_one(n, split), missing), 1):
            known[shard.name] = shard
            print(json.dumps(asdict(shard)), file=file, flush=True)
            if done % 100 == 0:
                print(f"looked into {done} of {len(missing)} tar files", flush=True)
    if not any(known[name].pictures for name in names):
        refuse_empty(split, names[0])
        raise DataError(names[0], "holds no pictures", f"looked for {', '.join(sorted(SUFFIXES))}")
    return [known[name] for name in names]


def _is_whole(line: str) -> bool:
    """Whether a line was written to its end, by a process that may have been killed."""
    return line.endswith("}}")


def _survey_one(name: str, split: Split | None) -> Shard:
    found = list(read_shard(name, split, content=False))
    classes = Counter(sample.class_name for sample in found)
    sources = Counter(source_of(sample, Path(PurePosixPath(name).name)) for sample in found)
    return Shard(name, len(found), dict(classes), dict(sources))


def read_shard(
    name: str, split: Split | None = None, first: int = 0, *, content: bool = True
) -> Iterator[Sample]:
    """The pictures of a tar file in its order, without holding more than one of them.

    Args:
        name: path or URL.
        split: the part of the pictures that is wanted; None: all.
        first: how many of them are passed over.
        content: False: without the pictures' bytes.

    Raises:
        DataError: it cannot be read.
    """
    passed: list[Sample] = []

    def wanted(member: str) -> bool:
        path = PurePosixPath(member)
        if path.suffix.lower() not in SUFFIXES:
            return False
        sample = as_sample(Path(member), b"")
        if split is not None and not split.has(sample):
            return False
        passed.append(sample)
        return content and len(passed) > first

    try:
        with (
            open_shard(name) as file,
            tarfile.open(fileobj=file, mode="r|*", tarinfo=CheckedMember) as tar,
        ):
            for member in tar:
                tar.members = []  # type: ignore[attr-defined]  # it would keep them all
                if member.isreg() and wanted(member.name):
                    passed.clear()
                    first = 0
                    data = tar.extractfile(member)
                    assert data is not None  # it is a regular file
                    yield as_sample(Path(member.name), data.read())
    except DataError:
        raise
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        why = f" ({error})" if isinstance(error, OSError) else ""  # of a disk or a network
        reason = f"cannot be read as a tar file to its end{why}"
        raise DataError(name, reason, "get another copy of it, or leave it out") from error
    if not content:
        yield from passed


def open_shard(name: str) -> BinaryIO:
    """Open it to be read from front to back.

    Raises:
        DataError: it is not there, or what fsspec needs for it is not installed.
    """
    if not is_url(name):
        path = Path(name)
        if not path.is_file():
            reason = "is a folder, and only tar files are streamed" if path.is_dir() else ""
            raise DataError(name, reason or "no such tar file", "name a tar file")
        return path.open("rb")
    try:
        with _reaching(name):
            fs, inside = stripped(name)
            size = patiently(fs, fs.size, inside)
    except OptionError as error:
        raise DataError(name, error.reason, error.remedy) from error
    except FileNotFoundError as error:
        raise DataError(name, "no such tar file", "check the address") from error
    if size is None:
        raise DataError(name, "has no known size", "serve it by a server that tells Content-Length")
    return io.BufferedReader(cast(Any, _Remote(fs, inside, size)), BLOCK)


class _Remote(io.RawIOBase):
    """A file behind a URL, fetched in blocks, each of them again if that fails."""

    def __init__(self, fs: Any, path: str, size: int) -> None:
        self.fs, self.path, self.size = fs, path, size
        self.at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        end = min(self.size, self.at + len(buffer))
        if end == self.at:
            return 0
        start = self.at
        with _reaching(self.path):
            data = patiently(self.fs, self.fs.cat_file, self.path, start=start, end=end)
        if len(data) != end - start:
            raise DataError(self.path, "ended early", "it may have been replaced: start again")
        buffer[: len(data)] = data
        self.at = end
        return len(data)


@contextlib.contextmanager
def _reaching(name: str) -> Iterator[None]:
    """Turns a store's errors into `DataError`; not that of a file that is not there."""
    try:
        yield
    except (ColornetError, FileNotFoundError):
        raise
    except Exception as error:
        why, remedy = explained(error)
        raise DataError(name, f"cannot be reached ({why})", remedy) from error
