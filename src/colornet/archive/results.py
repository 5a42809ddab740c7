"""Where the results of a unit go: files of a tree, or one tar or Parquet file."""

from __future__ import annotations

import tarfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from colornet.archive.order import Into
from colornet.archive.places import Place
from colornet.archive.scratch import no_scratch, reason_of
from colornet.errors import UnwritablePicture, system_reason

ROWS = 8
"""Results in a row group of Parquet, which are in memory at once."""


class Results:
    """The results of one unit; several threads may add to them.

    Used as a context manager: what is packed is complete once `close` was called.
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
        self._packed = scratch / self._name
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._writer: Any = None
        self._rows: list[dict[str, Any]] = []
        self._empty = True

    def __enter__(self) -> Results:
        if self._into == "tar":
            self._writer = self._stack.enter_context(tarfile.open(self._packed, "w"))
        elif self._into == "parquet":
            import pyarrow
            from pyarrow.parquet import ParquetWriter

            self._schema = pyarrow.schema([("path", pyarrow.string()), ("bytes", pyarrow.binary())])
            self._writer = self._stack.enter_context(
                ParquetWriter(self._packed, self._schema, compression="none")
            )
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # it was closed already, or an error is on its way
            self._stack.close()

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

    def add(self, file: Path, name: str) -> str:
        """Take a result that was written to its `target`; returns its name for the manifest.

        Raises:
            UnwritablePicture: the destination cannot be written.
        """
        if self._into == "tree":
            if self._place.path is None:
                self._place.put(file, name)
            return name
        with self._lock:
            try:
                self._pack(file, name)
            except OSError as error:
                raise no_scratch(reason_of(error)) from None
        return f"{self._name}::{name}"

    def _pack(self, file: Path, name: str) -> None:
        self._empty = False
        if self._into == "tar":
            member = tarfile.TarInfo(name)
            member.size = file.stat().st_size
            with file.open("rb") as content:
                self._writer.addfile(member, content)
            return
        path = name.encode(errors="backslashreplace").decode()
        self._rows.append({"path": path, "bytes": file.read_bytes()})
        if len(self._rows) == ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow

        if self._rows:
            self._writer.write_table(pyarrow.Table.from_pylist(self._rows, self._schema))
            self._rows.clear()

    def close(self) -> None:
        """Put what was packed into the destination; without results there is no file.

        Raises:
            UnwritablePicture: that cannot be done.
        """
        if self._writer is None:
            return
        self._flush()
        self._stack.close()
        if not self._empty:
            self._place.put(self._packed, self._name)
