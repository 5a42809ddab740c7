"""Where the results of a unit go: files of a tree, or one tar or Parquet file."""

from __future__ import annotations

import tarfile
from pathlib import Path

from colornet.archive.order import Into
from colornet.archive.places import Place
from colornet.archive.scratch import no_scratch, reason_of
from colornet.errors import UnwritablePicture, system_reason

ROWS = 8
"""Results in a row group of Parquet, which are in memory at once."""


class Results:
    """The results of one unit; several threads may add to them.

    Those that are packed wait on this disk until `close`, to be in the order of the plan: so the
    same unit made twice gives the same file.
    """

    def __init__(self, place: Place, into: Into, number: int, scratch: Path) -> None:
        """Begin.

        Args:
            place: the destination.
            into: what results become.
            number: of the unit, by which its file is called.
            scratch: a folder on this disk.
        """
        self._place, self._into = place, into
        self._name = f"{number:06d}.{into}"
        self._scratch = scratch
        self._waiting: dict[int, tuple[Path, str]] = {}

    def target(self, name: str, scratch: Path) -> Path:
        """The path that a result is to be written to: its final one, where that is on disk.

        Raises:
            UnwritablePicture: its folder cannot be made.
        """
        if self._into == "tree" and self._place.path is not None:
            try:
                return self._place.folder_of(name)
            except OSError as error:
                reason = f"its folder cannot be made ({system_reason(error)})"
                remedy = "check its name, the permissions and the space left"
                raise UnwritablePicture(self._place / name, reason, remedy) from None
        return scratch / f"result{Path(name).suffix}"

    def add(self, file: Path, name: str, number: int) -> str:
        """Take a result that was written to its `target`; returns its name for the manifest.

        Args:
            file: the result.
            name: its name.
            number: of its picture in the unit.

        Raises:
            UnwritablePicture: the destination cannot be written.
        """
        if self._into == "tree":
            if self._place.path is None:
                self._place.put(file, name)
            return name
        self._waiting[number] = file.rename(self._scratch / f"{number}.result"), name
        return f"{self._name}::{name}"

    def close(self) -> None:
        """Pack what waits for that, and put it into the destination; without results there is no
        file.

        Raises:
            UnwritablePicture: that cannot be done.
        """
        if not self._waiting:
            return
        packed = self._scratch / self._name
        ordered = [self._waiting[number] for number in sorted(self._waiting)]
        try:
            (_write_tar if self._into == "tar" else _write_parquet)(packed, ordered)
        except OSError as error:
            raise no_scratch(reason_of(error)) from None
        self._place.put(packed, self._name)


def _write_tar(packed: Path, results: list[tuple[Path, str]]) -> None:
    with tarfile.open(packed, "w") as tar:
        for file, name in results:
            member = tarfile.TarInfo(name)
            member.size = file.stat().st_size
            with file.open("rb") as content:
                tar.addfile(member, content)
            file.unlink()


def _write_parquet(packed: Path, results: list[tuple[Path, str]]) -> None:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = pyarrow.schema([("path", pyarrow.string()), ("bytes", pyarrow.binary())])
    with ParquetWriter(packed, schema, compression="none") as writer:
        for first in range(0, len(results), ROWS):
            group = results[first : first + ROWS]
            paths = [name.encode(errors="backslashreplace").decode() for _, name in group]
            content = [file.read_bytes() for file, _ in group]
            writer.write_table(pyarrow.table([paths, content], schema))
            for file, _ in group:
                file.unlink()
