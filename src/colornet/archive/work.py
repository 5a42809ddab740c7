"""Color the pictures of one unit: the only place in archives that colors."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from colornet.archive import manifest
from colornet.archive.careful import Call, apart
from colornet.archive.fetching import Task, on_disk, tasks
from colornet.archive.manifest import Row
from colornet.archive.order import Order
from colornet.archive.places import unless_busy
from colornet.archive.results import Results
from colornet.archive.scratch import no_scratch, reason_of, scratch
from colornet.archive.sources import Picture
from colornet.archive.units import Plan, Unit, pictures
from colornet.batch.parallel import in_parallel, share_memory
from colornet.colorizer import Colorizer
from colornet.errors import DISK_FULL, ColornetError, OptionError, UnwritablePicture
from colornet.guidance import for_picture
from colornet.notices import Notice
from colornet.picture import SUFFIXES, Format, Written, is_picture_name, provenance
from colornet.picture import read as read_picture

DEATHS = 2
"""So often a unit's process may end without a part; the third colors it picture by picture."""
GONE = (errno.ESTALE, errno.ENOTCONN)
"""System errors of a disk of another machine that is not there any more."""
ABOUT_THE_PLACE = (*DISK_FULL, *GONE, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
"""System errors of writing that no picture is to blame for."""


class Outcome(NamedTuple):
    """What became of a unit.

    Attributes:
        unit: its id.
        done: pictures that were colored.
        failed: what each one that failed says.
        own: pictures that colornet had made.
        seconds: that it took.
    """

    unit: str
    done: int
    failed: tuple[str, ...]
    own: int
    seconds: float


class Worker:
    """A model, loaded, that colors units of one plan."""

    def __init__(self, plan: Plan, threads: int | None = None, jobs: int = 1) -> None:
        """Load the model.

        Args:
            plan: what to color, and how.
            threads: of each run of the network; None: one for each core.
            jobs: pictures at a time.

        Raises:
            ModelNotFound, ModelDamaged: see `colornet.model`.
            OptionError: the model of that name is another one here.
        """
        share_memory()
        self.plan, self.threads, self.jobs = plan, threads, jobs
        self._options = plan.order.options()
        self.colorizer = Colorizer(plan.order.model, threads=threads)
        if self.colorizer.card.sha256 != plan.order.model_sha256:
            reason = "is another model here than the archive was begun with"
            raise OptionError(plan.order.model, reason, "install the same colornet everywhere")

    def __call__(self, unit: Unit, mark: str = "") -> Outcome:
        """Color a unit, and write its part.

        Args:
            unit: of the plan.
            mark: that it was begun, see `manifest.mark_of`; "": a new one.

        Raises:
            UnwritablePicture: the destination cannot be written; the unit stays to be done.
        """
        start, place = time.monotonic(), self.plan.place
        mark = mark or manifest.mark_of(unit)
        deaths = manifest.begin(place, unit, mark)
        try:
            with ExitStack() as stack:
                folder = stack.enter_context(scratch())
                into = self.plan.order.into
                results = Results(place, into, unit.number, folder)
                call, jobs = self._call, self.jobs
                if deaths >= DEATHS:
                    model, threads = self.plan.order.model, self.threads
                    call, jobs = stack.enter_context(apart(model, threads)), 1
                rows = self._rows(
                    pictures(place, unit), Painter(self.plan, call, results, folder), jobs
                )
                results.close()
            manifest.finish(self.plan, unit, rows, self._options)
        except BaseException:  # an orderly end, which nothing in the unit is to blame for
            manifest.take_back(place, mark)
            raise
        failed = tuple(str(row.error) for row in rows if row.status == "failed")
        own = sum(row.status == "own" for row in rows)
        done = len(rows) - len(failed) - own
        return Outcome(unit.id, done, failed, own, time.monotonic() - start)

    def _call(self, do: Call, *arguments: Any) -> Any:
        return do(self.colorizer, *arguments)

    def _rows(self, todo: list[Picture], paint: Painter, jobs: int) -> list[Row]:
        rows = {task.number: row for task, row in in_parallel(paint, tasks(todo), jobs)}
        return [rows[number] for number in range(len(todo))]


@dataclass(frozen=True)
class Painter:
    """Colors one picture after another, and gives a row for each; for several threads.

    Attributes:
        plan: says how.
        call: calls functions with a model, here or in another process.
        results: where results go.
        folder: for what is on its way.
    """

    plan: Plan
    call: Call
    results: Results
    folder: Path

    def __call__(self, task: Task) -> Row:
        """Color one picture.

        Raises:
            UnwritablePicture: the destination cannot be written.
        """
        picture, start = task.picture, time.monotonic()
        folder = self.folder / str(task.number)
        folder.mkdir()
        try:
            row = self._color(task, folder)
        except ColornetError as error:
            if _is_about_the_place(error):
                raise _without(folder, error) from None
            row = _failed(picture, error, folder)
        except Exception as error:  # one picture must not stop the others
            if isinstance(error, OSError) and error.errno in ABOUT_THE_PLACE:
                raise no_scratch(reason_of(error)) from None
            row = _failed(picture, ColornetError(picture.input, f"{type(error).__name__}: {error}"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return replace(row, seconds=round(time.monotonic() - start, 3))

    def _color(self, task: Task, folder: Path) -> Row:
        picture, name = task.picture, task.picture.output
        if picture.error:
            return Row(picture.input, None, "failed", error=picture.error)
        source = on_disk(task, folder)
        is_own, format = self.call(_look, source, is_picture_name(name))
        if is_own:
            return Row(picture.input, None, "own")
        name += SUFFIXES[format][0] if format else ""
        target = self.results.target(name, folder)
        written = unless_busy(lambda: self.call(_write, source, target, self.plan.order))
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        output = self.results.add(target, name, task.number)
        notices = tuple(_about(notice, picture, folder) for notice in written.notices)
        return Row(picture.input, output, "done", digest, notices=notices)


def _look(_: Colorizer, source: Path, has_suffix: bool) -> tuple[bool, Format | None]:
    """Whether colornet made a picture; the format of its result, if no suffix says it."""
    own = bool(provenance(source))
    return own, None if own or has_suffix else read_picture(source).format or "png"


def _write(colorizer: Colorizer, source: Path, target: Path, order: Order) -> Written[Path]:
    return colorizer.write(
        source,
        target,
        for_picture(source, order.guidance),
        encoding=order.encoding,
        overwrite=True,
        partial=order.partial,
    )


def _failed(picture: Picture, error: ColornetError, folder: Path | None = None) -> Row:
    told = str(error)
    if folder and str(folder) in told:
        told = str(type(error)(picture.input, error.reason, error.remedy))
    return Row(picture.input, None, "failed", error=told)


def _about(notice: Notice, picture: Picture, folder: Path) -> Notice:
    """The same about the picture, where it is about a copy."""
    return notice.about(picture.input) if str(folder) in notice.subject else notice


def _without(folder: Path, error: ColornetError) -> ColornetError:
    """The same, where it is about a result that is on its way, about where that is."""
    if str(folder) not in error.subject:
        return error
    return no_scratch(error.reason)


def _is_about_the_place(error: ColornetError) -> bool:
    """Whether the destination, and not the picture, is why a result could not be written."""
    if not isinstance(error, UnwritablePicture):
        return isinstance(error, OptionError)
    told = error.reason.lower()
    reasons = [os.strerror(number).lower() for number in ABOUT_THE_PLACE]
    return any(reason in told for reason in [*reasons, "write error"])  # libjpeg's only words
