"""What a run over a folder did: report.json, which also tells the next run what is done.

A result counts as done if the report says that it was made from a source of this name, size and
time, and it is itself as it was left.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from colornet import __version__
from colornet.errors import OptionError, UnwritablePicture
from colornet.picture import whole_file

Status = Literal["done", "skipped", "failed"]
REPORT = "report.json"
EVERY = 10.0  # seconds; a run that was killed loses no more of its report


@dataclass(frozen=True)
class Stamp:
    """How a file is told from another that has its name."""

    size: int
    modified: int
    """In nanoseconds."""

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """None if there is no such file."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns)


@dataclass(frozen=True)
class Entry:
    """One picture."""

    source: str
    target: str
    status: Status
    error: str | None = None
    source_stamp: Stamp | None = None
    target_stamp: Stamp | None = None


class Record:
    """The entries of this run, and what earlier ones left."""

    def __init__(self, path: Path, model: str) -> None:
        """Begin with what an earlier run wrote there, if any.

        Raises:
            OptionError: there is another kind of file.
        """
        self._path = path
        self._model = model
        self._began = self._saved = time.monotonic()
        self._known = {entry.target: entry for entry in _load(path)}
        self._entries: list[Entry] = []

    def is_current(self, source: Path, target: Path) -> bool | None:
        """Whether a result was made from the source as it is now; None: nothing is known of it."""
        entry = self._known.get(str(target))
        if entry is None or entry.target_stamp is None or entry.target_stamp != Stamp.of(target):
            return None
        return entry.source == str(source) and entry.source_stamp == Stamp.of(source)

    def add(self, source: Path, target: Path, status: Status, error: str | None = None) -> None:
        """Note what became of a picture, and now and then write it down."""
        known = self._known.get(str(target))
        if status == "skipped" and known is not None:
            entry = replace(known, status=status)
        else:
            made = Stamp.of(target) if status == "done" else None
            entry = Entry(str(source), str(target), status, error, Stamp.of(source), made)
        self._entries.append(entry)
        if time.monotonic() > self._saved + EVERY:
            with contextlib.suppress(UnwritablePicture):  # told at the end
                self.save()

    def save(self) -> None:
        """Write the report, whole or not at all; what this run has not come to yet stays in it.

        Raises:
            UnwritablePicture: it cannot be written, or another run is writing it.
        """
        self._saved = time.monotonic()
        new = {entry.target for entry in self._entries}
        old = [entry for target, entry in self._known.items() if target not in new]
        statuses = [entry.status for entry in self._entries]
        report = {
            "colornet": __version__,
            "model": self._model,
            "seconds": round(self._saved - self._began, 2),
            **{status: statuses.count(status) for status in ("done", "skipped", "failed")},
            "pictures": [asdict(entry) for entry in self._entries],
            "earlier": [asdict(entry) for entry in old],
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self._path) as file:
                file.write(json.dumps(report, indent=1).encode())
        except OSError as error:
            mend = "check the folder, its permissions and the space left"
            raise UnwritablePicture(self._path, f"cannot be written ({error})", mend) from None


def _load(path: Path) -> list[Entry]:
    try:
        report = json.loads(path.read_bytes())
        return [_entry(**each) for each in report["earlier"] + report["pictures"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError):
        reason = "is there already, and no report of colornet"
        raise OptionError(path, reason, "move it, or choose another folder") from None


def _entry(
    source_stamp: dict[str, int] | None, target_stamp: dict[str, int] | None, **rest: Any
) -> Entry:
    source, target = (Stamp(**each) if each else None for each in (source_stamp, target_stamp))
    return Entry(**rest, source_stamp=source, target_stamp=target)
