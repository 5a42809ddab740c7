"""Pictures inside of files: the members of tar files, and the rows of Parquet files.

Both are found without reading the pictures, and each is read by itself later: tar files by the
offset of a member, Parquet files row by row.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO, NamedTuple, cast

from colornet.archive.places import read
from colornet.errors import OptionError, UnreadablePicture
from colornet.extras import install_hint
from colornet.stores import patiently, reaching
from colornet.tars import CheckedMember
from colornet.urls import is_url, stripped

TAR, PARQUET = ".tar", ".parquet"
COMPRESSED = (".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
BLOCK = 1 << 16
"""Bytes that are read at once of a tar file behind a URL, to go from header to header."""
HEADER = tarfile.BLOCKSIZE
"""Bytes before a member of a tar file that say what it is."""
NAME = 100
"""Bytes of a name in there; longer ones are elsewhere."""
ROWS = 8
"""Pictures of a Parquet file in memory at once."""
CHANGED = "has changed since its pictures were listed", "--plan lists them again"
BYTES_NAMES = ("image", "bytes", "content", "data", "picture", "jpg")
NAME_NAMES = ("path", "file_name", "filename", "name", "key", "__key__", "id", "url")
"""What columns of pictures and of their names are called, the likeliest first."""


class Inside(NamedTuple):
    """A picture in a file.

    Attributes:
        name: its own.
        at: in a tar file, offset and size in bytes; in a Parquet file, row group and row there.
    """

    name: str
    at: tuple[int, int]


def is_container(name: str) -> bool:
    """Whether a file's name promises pictures inside."""
    return name.lower().endswith((TAR, PARQUET))


def without_suffix(name: str) -> str:
    """photos-000.tar -> photos-000."""
    return os.path.splitext(name)[0]


def find(file: str) -> Iterator[Inside]:
    """Everything in a tar or Parquet file, pictures or not.

    Raises:
        UnreadablePicture: it is damaged, or none; what was found before was yielded.
        OptionError: pyarrow is missing.
    """
    try:
        yield from _members(file) if file.lower().endswith(TAR) else _rows(file)
    except (UnreadablePicture, OptionError):
        raise
    except FileNotFoundError:
        raise UnreadablePicture(file, "there is no such file", "check the name") from None
    except Exception as error:  # every file system and format has its own
        reason = f"cannot be read to its end ({error})"
        raise UnreadablePicture(file, reason, "get another copy of it") from None


def _members(file: str) -> Iterator[Inside]:
    with (
        _open(file, BLOCK) as opened,
        tarfile.open(fileobj=opened, mode="r:", tarinfo=CheckedMember) as tar,
    ):
        for member in tar:
            tar.members = []  # type: ignore[attr-defined]  # it would keep them all
            if member.isreg() and not member.sparse:
                yield Inside(member.name, (member.offset_data, member.size))


def _rows(file: str) -> Iterator[Inside]:
    with _open(file) as opened:
        parquet = _parquet(file, opened)
        _, named = _columns(file, parquet)
        number = 0
        for group in range(parquet.num_row_groups):
            count = parquet.metadata.row_group(group).num_rows
            names: list[Any] = [None] * count
            if named:
                table = parquet.read_row_group(group, columns=[named])
                names = [_flat(row).get(named) for row in table.to_pylist()]
            for row, name in enumerate(names):
                yield Inside(str(name) if name else f"{number:08d}", (group, row))
                number += 1


def read_member(file: str, member: Inside) -> bytes:
    """A picture in a tar file.

    Raises:
        OSError: the file cannot be read.
        UnreadablePicture: it has changed.
    """
    offset, size = member.at
    data = read(file, offset - HEADER, offset + size)
    try:
        there = tarfile.TarInfo.frombuf(data[:HEADER], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        raise UnreadablePicture(file, *CHANGED) from None
    is_told = member.name.isascii() and len(member.name) < NAME
    if there.size != size or (is_told and there.name != member.name):
        raise UnreadablePicture(file, *CHANGED)
    if len(data) < HEADER + size:
        name = f"{file}::{member.name}"
        raise UnreadablePicture(name, "its file ends before it", "get another copy of it")
    return data[HEADER:]


def read_rows(file: str, members: Iterable[Inside]) -> Iterator[bytes]:
    """Some pictures of a Parquet file, in this order, which is theirs in the file.

    Few are in memory at once.

    Raises:
        UnreadablePicture: it is damaged, or has changed.
    """
    wanted: dict[int, list[Inside]] = {}
    for member in members:
        wanted.setdefault(member.at[0], []).append(member)
    try:
        with _open(file) as opened:
            parquet = _parquet(file, opened)
            columns = _columns(file, parquet)
            for group, rows in wanted.items():
                if group >= parquet.num_row_groups:
                    raise UnreadablePicture(file, *CHANGED)
                yield from _of_group(file, parquet, columns, group, rows)
    except UnreadablePicture:
        raise
    except Exception as error:
        reason = f"cannot be read ({error})"
        raise UnreadablePicture(file, reason, "get another copy of it") from None


def _of_group(
    file: str, parquet: Any, columns: tuple[str, str | None], group: int, members: list[Inside]
) -> Iterator[bytes]:
    column, named = columns
    first, left = 0, list(members)
    batches = parquet.iter_batches(ROWS, row_groups=[group], columns=list(filter(None, columns)))
    for batch in batches:
        while left and left[0].at[1] < first + batch.num_rows:
            member = left.pop(0)
            values = _flat(batch.slice(member.at[1] - first, 1).to_pylist()[0])
            if named and (name := values.get(named)) and name != member.name:
                raise UnreadablePicture(file, *CHANGED)
            data = values.get(column)
            yield data if isinstance(data, bytes) else b""
        first += batch.num_rows
        if not left:
            return


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """The values of a row by the full names of their columns, which may be in structs."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": held for inner, held in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _open(file: str, block: int | None = None) -> BinaryIO:
    if not is_url(file):
        return open(file, "rb")
    fs, path = stripped(file)
    sized = {} if block is None else {"block_size": block, "cache_type": "readahead"}
    with reaching(file, FileNotFoundError):
        opened: Any = patiently(fs, fs.open, path, "rb", **sized)
    if cache := getattr(opened, "cache", None):  # which asks for one block after another
        cache.fetcher = partial(patiently, fs, cache.fetcher)
    return cast(BinaryIO, opened)


def _parquet(file: str, opened: BinaryIO) -> Any:
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError:
        raise OptionError(file, "needs pyarrow", install_hint("archive")) from None
    try:
        return ParquetFile(opened, pre_buffer=False, buffer_size=1 << 20)
    except ArrowInvalid as error:
        reason = f"is not a Parquet file, or is damaged ({error})"
        raise UnreadablePicture(file, reason, "get another copy of it") from None


def _columns(file: str, parquet: Any) -> tuple[str, str | None]:
    """The column of pictures, and that of their names, if there is one."""
    import pyarrow

    binary = (pyarrow.types.is_binary, pyarrow.types.is_large_binary)
    kinds: dict[str, Any] = {}
    for field in parquet.schema_arrow:
        if pyarrow.types.is_struct(field.type):
            kinds |= {f"{field.name}.{inner.name}": inner.type for inner in field.type}
        else:
            kinds[field.name] = field.type
    pictures = [name for name, kind in kinds.items() if any(is_kind(kind) for is_kind in binary)]
    if not pictures:
        reason = "has no column of pictures as bytes"
        raise UnreadablePicture(file, reason, f"it holds {', '.join(kinds) or 'nothing'}")
    column = min(pictures, key=lambda name: _rank(name.partition(".")[0], BYTES_NAMES))
    names = [name for name, kind in kinds.items() if pyarrow.types.is_string(kind)]
    names += [name for name, kind in kinds.items() if pyarrow.types.is_large_string(kind)]
    ranked = [name for name in names if name.rpartition(".")[2] in NAME_NAMES]
    named = min(ranked, key=lambda n: _rank(n.rpartition(".")[2], NAME_NAMES), default=None)
    return column, named


def _rank(name: str, known: tuple[str, ...]) -> int:
    return known.index(name) if name in known else len(known)
