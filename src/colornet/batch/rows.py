"""A row of the report: what became of one picture. docs/folders.md describes it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from sys import intern  # what all rows have is in memory once
from typing import Any, Literal, get_args

from colornet import __version__
from colornet.notices import Notice

Status = Literal["begun", "done", "failed"]
FIRST = b'{"colornet": '
"""How each row begins."""
TOLERANCE = 2_000_000_000
"""Nanoseconds by which a file system may round the time of a result."""


@dataclass(frozen=True, slots=True)
class FileState:
    """How a file is told from another that has its name.

    Attributes:
        path: of a source in full, of a result from the report's folder on.
        size: in bytes; None: there was no file.
        modified: in nanoseconds since 1970; None: there was no file.
    """

    path: str
    size: int | None = None
    modified: int | None = None

    @classmethod
    def of(cls, file: Path, name: str | None = None) -> FileState:
        """A file as it is now.

        Args:
            file: what to look at.
            name: to be its path; None: the real one, links followed.
        """
        path = os.path.realpath(file) if name is None else name
        try:
            found = file.stat()
        except (OSError, ValueError):
            return cls(path)
        return cls(path, found.st_size, found.st_mtime_ns)

    def is_still(self, now: FileState) -> bool:
        """Whether the file is the same, if its time may have been rounded since."""
        if self.modified is None or now.modified is None:
            return self == now
        return self.size == now.size and abs(self.modified - now.modified) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one picture.

    Attributes:
        status: begun: it is being made, or the process that made it was killed.
        source: the original.
        results: what was made, or is to be; if begun, as the files were before. Variants are
            several; none if there is no place for them.
        model: its name.
        model_sha256: see `ModelCard.sha256`.
        options: all that shape the result, as JSON.
        seconds: that it took.
        notices: what may not be as expected in the result.
        error: why it failed.
        time: when, in ISO 8601.
    """

    status: Status
    source: FileState
    results: tuple[FileState, ...]
    model: str
    model_sha256: str
    options: Mapping[str, Any]
    seconds: float | None = None
    notices: tuple[Notice, ...] = ()
    error: str | None = None
    time: str = ""

    @property
    def key(self) -> str:
        """What the report knows the picture by: the path of its result, or else of its source."""
        return self.results[0].path if self.results else self.source.path

    def with_options(self, options: Mapping[str, Any]) -> Row:
        """The same with these options."""
        return replace(self, options=options)

    def ended(self, status: Status, **changes: Any) -> Row:
        """The row of the same picture afterwards."""
        return replace(self, status=status, **changes)

    def to_line(self) -> bytes:
        """The row as a line of the report. Names that are not UTF-8 become JSON's escapes."""
        files = [_state_to_json(state) for state in self.results]
        more = files[1:]
        told = {
            "colornet": __version__,
            "status": self.status,
            "source": _state_to_json(self.source),
            "result": files[0] if files else None,
            **({"more_results": more} if more else {}),
            "model": {"name": self.model, "sha256": self.model_sha256},
            "options": self.options,
            "seconds": self.seconds,
            "notices": [asdict(notice) for notice in self.notices],
            "error": self.error,
            "time": self.time or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        return json.dumps(told, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"

    @classmethod
    def from_line(cls, line: bytes, options: Mapping[str, Any] | None = None) -> Row:
        """Read a line; what is unknown in it is passed over.

        Args:
            line: of the report.
            options: those of another row, which are in memory once where they are the same.

        Raises:
            ValueError, KeyError, TypeError: it is no row.
        """
        told = json.loads(line)
        if told["status"] not in get_args(Status):
            raise ValueError(told["status"])
        files = ([told["result"]] if told["result"] else []) + told.get("more_results", [])
        return cls(
            status=told["status"],
            source=_state_from_json(told["source"]),
            results=tuple(map(_state_from_json, files)),
            model=intern(str(told["model"]["name"])),
            model_sha256=intern(str(told["model"]["sha256"])),
            options=options
            if options is not None and told["options"] == options
            else {intern(name): value for name, value in told["options"].items()},
            seconds=told["seconds"],
            notices=tuple(Notice(n["code"], n["text"], n["subject"]) for n in told["notices"]),
            error=told["error"],
            time=str(told["time"]),
        )


def _state_to_json(state: FileState) -> dict[str, Any]:
    known = {} if state.size is None else {"size": state.size, "modified": state.modified}
    return {"path": state.path, **known}


def _state_from_json(told: Mapping[str, Any]) -> FileState:
    size, modified = told.get("size"), told.get("modified")
    if size is None or modified is None:
        return FileState(str(told["path"]))
    return FileState(str(told["path"]), int(size), int(modified))
