"""The pictures of a unit, brought to this machine's disk: from stores, tar and Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from colornet.archive import inside
from colornet.archive.places import read
from colornet.archive.sources import Picture
from colornet.errors import UnreadablePicture
from colornet.urls import is_url


class Task(NamedTuple):
    """One picture: its number in the unit, and its bytes where they were read with others."""

    number: int
    picture: Picture
    data: bytes | None = None


def on_disk(task: Task, folder: Path) -> Path:
    """The picture as a file of this machine.

    Raises:
        UnreadablePicture: it cannot be read.
    """
    picture = task.picture
    if not picture.at and not is_url(picture.file):
        return Path(picture.file)
    suffix = Path(picture.member or picture.file.partition("?")[0]).suffix
    path = folder / f"source{suffix if len(suffix) < 10 else ''}"
    path.write_bytes(_fetch(picture) if task.data is None else task.data)
    return path


def tasks(todo: list[Picture]) -> Iterator[Task]:
    """A task for each picture; rows of Parquet files are read on the way, in their order."""
    in_rows: dict[str, list[tuple[int, Picture]]] = {}
    for number, picture in enumerate(todo):
        if picture.at and picture.file.lower().endswith(inside.PARQUET):
            in_rows.setdefault(picture.file, []).append((number, picture))
        else:
            yield Task(number, picture)
    for file, wanted in in_rows.items():
        yield from _rows_of(file, wanted)


def _rows_of(file: str, wanted: list[tuple[int, Picture]]) -> Iterator[Task]:
    read = inside.read_rows(file, [_inside(p) for _, p in wanted])
    for k, (number, picture) in enumerate(wanted):
        try:
            yield Task(number, picture, next(read))
        except (UnreadablePicture, StopIteration) as error:
            reason = str(error) or f"{file}: has fewer rows than it had"
            for rest, one in wanted[k:]:
                yield Task(rest, one._replace(error=reason))
            return


def _fetch(picture: Picture) -> bytes:
    """Raises `UnreadablePicture`."""
    try:
        if not picture.at:
            return read(picture.file)
        return inside.read_member(picture.file, _inside(picture))
    except UnreadablePicture:
        raise
    except FileNotFoundError:
        reason, remedy = "there is no such file", "check the name"
    except PermissionError:
        reason, remedy = "permission denied", "allow reading it"
    except Exception as error:  # every file system has its own
        reason, remedy = f"cannot be read ({error or type(error).__name__})", "--retry tries again"
    raise UnreadablePicture(picture.input, reason, remedy)


def _inside(picture: Picture) -> inside.Inside:
    offset, size = picture.at
    return inside.Inside(picture.member, (offset, size))
