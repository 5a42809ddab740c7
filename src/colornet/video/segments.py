"""A film in work, kept in the folder OUT.colornet, so that a rerun goes on where one was stopped.

plan.json          what is being made, from what and by what; another one is an error
lock               held by the process that works on it
00000-000.mp4 ..   colored frames of a part, in pieces; one that has its name is whole
00000-000.npz ..   what the part's next segment begins with
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from colornet.access import access_of
from colornet.errors import CHECK_FOLDER, UnreadableFilm, UnwritableFilm, system_reason

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows
    flock = None  # type: ignore[assignment]

HEAD = 1 << 20
"""Bytes of a film's beginning, and of its end, that tell whether it is the same."""
PLAN = "plan.json"
LOCK = "lock"
STATE = ".npz"
SEGMENT = "[0-9]" * 5 + "-" + "[0-9]" * 3 + ".*"
"""What the names of segments' files are like."""


def fingerprint(path: Path) -> dict[str, Any]:
    """By which a film is known again: its size, and the SHA-256 of its two ends.

    Raises:
        UnreadableFilm: it cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            digest = hashlib.sha256(file.read(HEAD))
            file.seek(max(size - HEAD, 0))
            digest.update(file.read(HEAD))
    except OSError as error:
        reason = f"cannot be read ({system_reason(error)})"
        raise UnreadableFilm(path, reason, "check the file") from None
    return {"bytes": size, "sha256": digest.hexdigest()}


@dataclass(frozen=True)
class Segments:
    """The folder of a film in work.

    Attributes:
        folder: OUT.colornet.
        suffix: of the segments' container.
        part: of the film.
    """

    folder: Path
    suffix: str
    part: int = 0

    @classmethod
    @contextlib.contextmanager
    def begun(cls, output: Path, suffix: str, plan: Mapping[str, Any]) -> Iterator[Segments]:
        """Make the folder, or go on with the one that is there, and hold it for this process.

        Raises:
            UnwritableFilm: it cannot be made, another process works in it, or it has segments of
                another film or other options, or files that are not of a film in work, since it is
                removed in the end.
        """
        folder = output.with_name(f"{output.name}.colornet")
        segments = cls(folder, suffix)
        with _gone_if_empty(folder), contextlib.ExitStack() as stack:
            try:
                # who may not read a film that will be replaced may not read what replaces it
                folder.mkdir(0o700 if access_of(output) else 0o777, exist_ok=True)
                _check_no_others(folder)
                stack.enter_context(_held(folder, output))
                segments._plan(plan)
            except OSError as error:
                reason = f"cannot be made ({system_reason(error)})"
                raise UnwritableFilm(folder, reason, CHECK_FOLDER) from None
            yield segments

    def _plan(self, plan: Mapping[str, Any]) -> None:
        """Write the plan, or compare it with that of the segments that are there."""
        path, new = self.folder / PLAN, self.folder / f"{PLAN}.new"
        if path.is_file() and not self.is_empty:
            try:
                there = dict(json.loads(path.read_text("utf-8")))
            except (TypeError, ValueError):
                reason = "has a damaged plan.json"
                raise UnwritableFilm(self.folder, reason, "remove the folder") from None
            _check_same(self.folder, there, plan)
            return
        new.write_text(json.dumps(plan, indent=1, sort_keys=True), "utf-8")
        new.replace(path)

    @property
    def is_empty(self) -> bool:
        """Whether no part has a segment that is whole."""
        return not any(self.folder.glob(f"*{STATE}"))

    def of(self, part: int) -> Segments:
        """Those of a part of the film, by its number."""
        return replace(self, part=part)

    def path(self, number: int) -> Path:
        """Of a segment."""
        return self._path(number, f".{self.suffix}")

    def new_path(self, number: int) -> Path:
        """Of a segment that is not whole yet."""
        return self._path(number, ".new")

    def all(self) -> list[Path]:
        """The segments of all parts that are whole, in order."""
        found: list[Path] = []
        part = 0
        while own := self.of(part).whole():
            found += own
            part += 1
        return found

    def next_frame(self) -> int | None:
        """The frame after those that are whole; None: there are none.

        Raises:
            UnwritableFilm: a file is damaged.
        """
        done = len(self.whole())
        return int(self.state(done - 1)["film.next"]) if done else None

    def whole(self) -> list[Path]:
        """The segments that are whole, from the first on."""
        found: list[Path] = []
        while self.path(len(found)).is_file() and self._state(len(found)).is_file():
            found.append(self.path(len(found)))
        return found

    def keep(self, number: int, state: Mapping[str, NDArray[Any]]) -> None:
        """Give a segment its name, with what the next one begins with.

        Raises:
            UnwritableFilm: there is no space, or no permission.
        """
        try:
            new = self._path(number, f"{STATE}.new")
            with new.open("wb") as file:
                np.savez(file, **state)  # type: ignore[arg-type]
            new.replace(self._state(number))
            self.new_path(number).replace(self.path(number))
            if number:  # the state before it is not needed any more, but says that it is whole
                self._state(number - 1).write_bytes(b"")
        except OSError as error:
            reason = f"cannot be written ({system_reason(error)})"
            raise UnwritableFilm(self.folder, reason, "make room, and run it again") from None

    def state(self, number: int) -> dict[str, NDArray[Any]]:
        """What the segment after this one begins with.

        Raises:
            UnwritableFilm: the file is damaged.
        """
        try:
            with self._state(number).open("rb") as file, np.load(file) as state:
                return dict(state)
        except (OSError, ValueError, EOFError, BadZipFile, zlib.error) as error:
            reason = f"is damaged ({error})"
            raise UnwritableFilm(self._state(number), reason, "remove its folder") from None

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _state(self, number: int) -> Path:
        return self._path(number, STATE)

    def _path(self, number: int, suffix: str) -> Path:
        return self.folder / f"{self.part:05d}-{number:03d}{suffix}"


@contextlib.contextmanager
def _gone_if_empty(folder: Path) -> Iterator[None]:
    """Remove a folder that a file which was open has kept, as on network file systems."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it has files, or is gone
            folder.rmdir()


@contextlib.contextmanager
def _held(folder: Path, output: Path) -> Iterator[None]:
    """Keep other processes out of the folder."""
    if flock is None:  # nor could the folder be removed with a file that is open
        yield
        return
    path = folder / LOCK
    busy = UnwritableFilm(output, "is being written by another process", "wait for its end")
    with path.open("ab") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise busy from None
        except OSError:  # a file system that has no locks
            pass
        try:
            is_there = os.path.samestat(os.fstat(lock.fileno()), path.stat())
        except FileNotFoundError:
            is_there = False
        if not is_there:  # the film was finished between opening and locking
            raise busy
        yield


def _check_no_others(folder: Path) -> None:
    """Raises `UnwritableFilm` if the folder has files and is not that of a film in work."""
    own = {PLAN, f"{PLAN}.new", LOCK}
    names = [path.name for path in folder.iterdir()]
    if PLAN not in names and not all(Path(n).match(SEGMENT) or n in own for n in names):
        reason = "is needed while the film is colored, and has other files"
        raise UnwritableFilm(folder, reason, "move them, or choose another output")


def _check_same(folder: Path, there: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    wanted = json.loads(json.dumps(plan))
    differ = [name for name in sorted({*there, *wanted}) if there.get(name) != wanted.get(name)]
    if differ:
        words = dict.fromkeys(("options", "sheet"), "other options") | {"state": "another version"}
        kinds = " and ".join(dict.fromkeys(words.get(name, f"another {name}") for name in differ))
        remedy = "finish it with what it was begun with, or remove the folder to begin anew"
        raise UnwritableFilm(folder, f"was begun with {kinds}", remedy)
