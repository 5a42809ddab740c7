"""A film in work, kept in the folder OUT.colornet, so that a rerun goes on where one was stopped.

plan.json          what is being made, from what and by what; another one is an error
00000-000.mp4 ..   colored frames of a part, in pieces; one that has its name is whole
00000-000.npz ..   what the part's next segment begins with
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from colornet.errors import UnreadableFilm, UnwritableFilm, system_reason

HEAD = 1 << 20
"""Bytes of a film's beginning, and of its end, that tell whether it is the same."""
PLAN = "plan.json"
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
    def begin(cls, output: Path, suffix: str, plan: Mapping[str, Any]) -> Segments:
        """Make the folder, or go on with the one that is there.

        Raises:
            UnwritableFilm: it cannot be made, has segments of another film or other options, or
                files that are not of a film in work, since it is removed in the end.
        """
        folder = output.with_name(f"{output.name}.colornet")
        segments = cls(folder, suffix)
        text = json.dumps(plan, indent=1, sort_keys=True)
        try:
            if (folder / PLAN).is_file() and not segments.is_empty:
                _check_same(folder, json.loads((folder / PLAN).read_text("utf-8")), plan)
            else:
                folder.mkdir(exist_ok=True)
                new = folder / f"{PLAN}.new"
                others = [p for p in folder.iterdir() if p != new and not p.match(SEGMENT)]
                if others and not (folder / PLAN).exists():
                    reason = "is needed while the film is colored, and has other files"
                    raise UnwritableFilm(folder, reason, "move them, or choose another output")
                new.write_text(text, "utf-8")
                new.replace(folder / PLAN)
        except OSError as error:
            reason = f"cannot be made ({system_reason(error)})"
            raise UnwritableFilm(folder, reason, "check the folder and its permissions") from None
        except ValueError:
            raise UnwritableFilm(folder, "has a damaged plan.json", "remove the folder") from None
        return segments

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


def _check_same(folder: Path, there: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    wanted = json.loads(json.dumps(plan))
    differ = [name for name in sorted({*there, *wanted}) if there.get(name) != wanted.get(name)]
    if differ:
        kinds = " and ".join("other options" if k == "options" else f"another {k}" for k in differ)
        remedy = "run that command again to finish it, or remove the folder"
        raise UnwritableFilm(folder, f"was begun with {kinds}", remedy)
