"""The report of a folder: JSON Lines that are added to, and by which a later run goes on.

Several processes may work by one report. Each row is written at once, under a lock; a row that a
killed process wrote in part is taken off by the next. Rows that later ones replace are dropped when
the last process ends.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from colornet.batch import lock
from colornet.batch.rows import FIRST, Row
from colornet.errors import CHECK_FOLDER, OptionError, UnwritablePicture, system_reason
from colornet.paths import exists, is_file, is_folder
from colornet.whole_files import whole_file

REPORT = "report.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one picture.

    Attributes:
        done: how its result was made.
        last: a later try that failed, or was not finished.
    """

    done: Row | None = None
    last: Row | None = None

    def after(self, row: Row) -> Entry:
        """What is known after one more row."""
        return Entry(row) if row.status == "done" else Entry(self.done, row)

    @property
    def rows(self) -> list[Row]:
        """One or two."""
        return [row for row in (self.done, self.last) if row]


class Report:
    """A report that is open; for several threads.

    Attributes:
        path: of the file.
        has_locks: whether processes can be kept apart where it lies.
        was_busy: whether another process was at work by it.
    """

    def __init__(self, path: Path) -> None:
        """Open the report, or begin it.

        Raises:
            OptionError: there is another kind of file, a damaged one, or a device.
            UnwritablePicture: it cannot be opened.
        """
        self.path = Path(os.path.realpath(path))
        if exists(self.path) and not (is_file(self.path) or is_folder(self.path)):
            self._refuse("it is no file")  # but a device, say, which would be removed in the end
        self.has_locks = True
        self.was_busy = False
        self._mutex = threading.RLock()
        self._opened: list[BinaryIO] = []
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._open()
            try:
                with self._alone():
                    self._load()
            except BaseException:
                self._close()
                raise

    def entry(self, key: str) -> Entry:
        """What is known of a picture, by any process."""
        with self._mutex, self._told():
            with self._alone():
                self._load()
            return self._entries.get(key, Entry())

    def known(self, key: str) -> Entry:
        """What was known of a picture when the report was last read."""
        with self._mutex:
            return self._entries.get(key, Entry())

    def add(self, row: Row, durable: bool = False) -> None:
        """Write a row.

        Args:
            row: to be written.
            durable: it is on the disk before this returns.

        Raises:
            UnwritablePicture: it cannot be written.
        """
        with self._mutex, self._told(), self._alone():
            self._load()
            end = self._file.seek(0, os.SEEK_END)
            line = row.to_line()
            try:
                if self._file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if durable:
                    os.fsync(self._file.fileno())
            except BaseException:
                with contextlib.suppress(OSError):
                    self._file.truncate(end)
                raise
            self._load()

    @contextlib.contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """A picture for this process alone; False: another one is at work on it."""
        place = lock.offset_of(key)
        with self._mutex, self._told():
            mine = True
            with self._without_locks():
                mine = lock.acquire(self._file, place)
                while mine and self._is_replaced():
                    self._open()
                    mine = lock.acquire(self._file, place)
            file = self._file
        self.was_busy |= not mine
        try:
            yield mine
        finally:
            if mine:
                lock.release(file, place)

    def close(self) -> None:
        """Drop rows that later ones replaced, unless another process is at work.

        Raises:
            UnwritablePicture: the file cannot be written.
        """
        with self._mutex, self._told():
            try:
                with self._without_locks():
                    alone = lock.acquire(self._file, lock.RECORDS, lock.TO_THE_END)
                    if alone and not self._is_replaced():
                        self._load()
                        self._compact()
            finally:
                self._close()

    def _close(self) -> None:
        for file in self._opened:
            file.close()

    def _compact(self) -> None:
        rows = [row for entry in self._entries.values() for row in entry.rows]
        if not rows:
            self.path.unlink()  # nothing was done
        elif len(rows) < self._lines:
            with whole_file(self.path) as file:
                file.write(b"".join(row.to_line() for row in rows))

    def _open(self) -> None:
        """Begin with the file that is at the path now, and an earlier one stays open for a while.

        Closing that would end its locks.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        self._opened.append(os.fdopen(descriptor, "rb+", buffering=0))
        self._read, self._lines = 0, 0
        self._entries: dict[str, Entry] = {}

    @property
    def _file(self) -> BinaryIO:
        return self._opened[-1]

    def _is_replaced(self) -> bool:
        """Whether the file that is open is no longer the one at the path."""
        try:
            return not os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """The file's end for this process alone."""
        with contextlib.ExitStack() as stack:
            with self._without_locks():
                stack.enter_context(lock.locked(self._file, lock.RECORDS))
                while self._is_replaced():
                    stack.close()
                    self._open()
                    stack.enter_context(lock.locked(self._file, lock.RECORDS))
            yield

    @contextlib.contextmanager
    def _without_locks(self) -> Iterator[None]:
        """Goes on where the file system has none."""
        try:
            yield
        except lock.NoLocks:
            self.has_locks = False

    def _load(self) -> None:
        """Read what was added, and take off what was written in part; to be called alone."""
        if os.fstat(self._file.fileno()).st_size == self._read:
            return
        self._file.seek(self._read)
        rest = b""
        options: Mapping[str, Any] | None = None
        for line in io.BytesIO(self._file.read()):
            if not line.endswith(b"\n"):
                rest = line
                break
            self._lines += 1
            try:
                row = Row.from_line(line, options)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
                self._refuse(f"its line {self._lines} is not a row of a report")
            options = row.options
            self._entries[row.key] = self._entries.get(row.key, Entry()).after(row)
            if row.status == "done":
                self._entries.pop(row.source.path, None)  # there was no place for its result
            self._read += len(line)
        if rest:
            if not (rest.startswith(FIRST) or FIRST.startswith(rest) or rest.strip(b"\0") == b""):
                self._refuse("its last line is not a row of a report")
            self._file.truncate(self._read)

    def _refuse(self, reason: str) -> None:
        raise OptionError(
            self.path,
            f"is not a report of colornet, or is damaged: {reason}",
            "move it away, or choose another folder; results there are then replaced only with "
            "--overwrite",
        )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = f"cannot be written ({system_reason(error)})"
            raise UnwritablePicture(self.path, reason, CHECK_FOLDER) from None
