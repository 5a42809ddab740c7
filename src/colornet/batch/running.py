"""Color the pictures of a plan, several at a time, and write the report."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colornet import inplace
from colornet.batch.parallel import in_parallel, share_memory
from colornet.batch.planning import Job, Plan
from colornet.batch.report import REPORT, Entry, Report
from colornet.batch.rows import FileState, Row
from colornet.batch.standing import Standing, standing
from colornet.errors import ColornetError, UnreadablePicture, UnwritablePicture
from colornet.guidance import Guidance, for_picture
from colornet.notices import ColornetWarning, Notice, warn
from colornet.picture import Encoding, Written, provenance, remove_leftover
from colornet.provenance import guidance_options

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

Status = Literal["done", "skipped", "failed", "different", "held", "own"]
Replace = Literal["nothing", "different", "all"]

PATIENCE = 10.0
"""Seconds that a process waits at the end for what others are making."""
NO_LOCKS = "has no locks: let only one process at a time work there"
REDO = "--redo makes it anew"
BUSY = "another process is at work there, and what it makes is skipped"


@dataclass(frozen=True)
class Result:
    """What became of one picture.

    Attributes:
        source: the original.
        status: done; skipped: it was already; different: what is there was made otherwise;
            held: another process is making it; own: it is itself a result of colornet; failed.
        error: why it failed.
        target: its place.
        standing: of what is at that place.
        notices: what the picture's owner should know.
    """

    source: Path
    status: Status
    error: ColornetError | None = None
    target: Path | None = None
    standing: Standing = Standing.FREE
    notices: tuple[str, ...] = field(default=())


def run(
    colorizer: Colorizer,
    plan: Plan,
    guidance: Guidance | None = None,
    *,
    encoding: Encoding | None = None,
    replace: Replace = "nothing",
    jobs: int | None = None,
    partial: bool = False,
) -> Generator[Result, None, None]:
    """Color the pictures of a plan; no failure of one stops the others.

    What the report in the output folder says was made from the same original by the same model
    with the same options is skipped. Each file is written whole or not at all, so that a run that
    was killed is taken up by running it again.

    Args:
        colorizer: the model.
        plan: what to do.
        guidance: how to color them all; what a picture's own NAME.hints.json says is added.
        encoding: format, quality, metadata of them all.
        replace: of what is there: nothing; what is different, made from the same original; or all.
        jobs: pictures at a time; None: as many as cores, up to 4.
        partial: color what there is of pictures that end too early, see `Colorizer.open`.

    Yields:
        A result for each picture, as it is finished.

    Raises:
        ModelLacks, UnreadablePicture: the reference cannot be used.
        OptionError: in the report's place is another file.
        UnwritablePicture: the report cannot be written.
    """
    share_memory()
    guidance, told = colorizer.prepare(guidance or Guidance())
    warn(told)
    encoding = encoding or Encoding()
    with contextlib.ExitStack() as stack:
        report = Report(plan.output / REPORT)
        stack.callback(report.close)
        if not report.has_locks:
            warnings.warn(f"{plan.output}: {NO_LOCKS}", ColornetWarning, stacklevel=2)
        sources = frozenset(job.source for job in plan.jobs)
        worker = _Worker(colorizer, guidance, encoding, replace, partial, report, sources)
        for refusal in plan.refused:
            worker.note(_refused(refusal.source, colorizer, refusal.error))
            yield Result(refusal.source, "failed", refusal.error)
        finished = stack.enter_context(contextlib.closing(in_parallel(worker, plan.jobs, jobs)))
        held: list[Job] = []
        for job, result in finished:
            if result.status == "held":
                if not held:
                    warnings.warn(f"{plan.output}: {BUSY}", ColornetWarning, stacklevel=2)
                held.append(job)
            else:
                yield result
        yield from _once_free(worker, held)


def _once_free(worker: _Worker, held: list[Job]) -> Iterator[Result]:
    """Results of what other processes held, which they have made by now, or soon."""
    end = time.monotonic() + PATIENCE
    for job in held:
        while (result := worker(job)).status == "held" and time.monotonic() < end:
            time.sleep(0.1)
        yield result


@dataclass(frozen=True)
class _Worker:
    """Does one job after another; for several threads."""

    colorizer: Colorizer
    guidance: Guidance
    encoding: Encoding
    replace: Replace
    partial: bool
    report: Report
    sources: frozenset[Path]

    def __call__(self, job: Job) -> Result:
        """Color one picture, if that is to be done."""
        wanted = self._wanted(job)
        try:
            with self.report.claim(wanted.key) as mine:
                if not mine:
                    return Result(job.source, "held")
                wanted = self._wanted(job)  # now that no other process is at work on it
                if job.found and not job.in_place and provenance(job.source):
                    self._check_original(job)
                    return Result(job.source, "own")
                wish = for_picture(job.source, self.guidance)
                wanted = wanted.with_options(self._options(job, wish))
                return self._do(job, wish, wanted)
        except ColornetError as error:
            return self._failed(job, wanted, error)
        except Exception as error:  # one picture's bad luck is not the others'
            reason = f"{type(error).__name__}: {error}"
            return self._failed(job, wanted, ColornetError(job.source, reason))

    def _do(self, job: Job, wish: Guidance, wanted: Row) -> Result:
        files = {self._name(path): path for path in job.targets}
        entry = self.report.entry(wanted.key)
        found = self._standing(job, wanted, files, entry)
        place = job.targets[0]
        if not self._is_to_be_made(found):
            if entry.last and entry.last.status == "begun":
                self._tidy(job, entry)
            status: Status = "skipped" if found is Standing.SAME else "different"
            return Result(job.source, status, target=place, standing=found)
        empty = [path for path in job.targets if FileState.of(path).size == 0]
        _make_folder(place.parent)
        before = tuple(FileState.of(path, name) for name, path in files.items())
        self.report.add(wanted.ended("begun", results=before), durable=True)
        start = time.monotonic()
        made = self._make(job, wish, overwrite=any(map(os.path.lexists, job.targets)))
        told = [str(notice) for notice in made.notices]
        told += [f"{path}: was empty, and is made anew" for path in empty]
        row = wanted.ended(
            "done",
            results=tuple(FileState.of(path, self._name(path)) for path in made.result),
            seconds=round(time.monotonic() - start, 3),
            notices=tuple(told),
        )
        self.report.add(row)
        if self._source(job) != wanted.source:
            raise UnreadablePicture(job.source, "has changed since it was begun", REDO)
        return Result(job.source, "done", target=place, notices=tuple(told))

    def _is_to_be_made(self, found: Standing) -> bool:
        if self.replace == "different" and found.can_be_redone:
            return True
        return self.replace == "all" or found is Standing.FREE

    def _tidy(self, job: Job, entry: Entry) -> None:
        """Take away what a process left that was killed before it replaced the result."""
        for path in job.targets:
            remove_leftover(path)
        if job.in_place:
            inplace.remove_leftover(job.target)
        if entry.done:
            self.report.add(entry.done)

    def _standing(self, job: Job, wanted: Row, files: dict[str, Path], entry: Entry) -> Standing:
        if job.in_place and inplace.is_untouched(job.target):
            return Standing.FREE
        found = standing(entry, wanted, files)
        if job.in_place and found is Standing.UNKNOWN:
            inplace.check_result(job.target)
        return found

    def _make(self, job: Job, wish: Guidance, overwrite: bool) -> Written[list[Path]]:
        """The files that were made."""
        how: Any = {"encoding": self.encoding, "overwrite": overwrite}
        if job.in_place:
            notices: list[Notice] = []

            def color(original: Path, result: Path) -> None:
                written = self.colorizer.write(
                    original, result, wish, encoding=self.encoding, partial=self.partial
                )
                notices.extend(written.notices)

            inplace.put(job.target, color)
            return Written([job.target], tuple(notices))
        if job.variants is None:
            written = self.colorizer.write(
                job.source, job.target, wish, partial=self.partial, **how
            )
            return Written([written.result], written.notices)
        canvas = self.colorizer.encode(job.source, partial=self.partial)
        made = canvas.write_variants(job.variants, job.target, wish, **how)
        return Written(made.result, (*canvas.notices, *made.notices))

    def _options(self, job: Job, wish: Guidance) -> dict[str, Any]:
        """All that shape the result."""
        told = guidance_options(self.colorizer.card, wish)
        stored = asdict(self.encoding)
        return told | stored | {"partial": self.partial, "variants": job.variants}

    def _wanted(self, job: Job) -> Row:
        """The row of a job before its options are known."""
        card = self.colorizer.card
        return Row(
            status="begun",
            source=self._source(job),
            results=tuple(FileState(self._name(path)) for path in job.targets[:1]),
            model=card.name,
            model_sha256=card.sha256,
            options={},
        )

    def _source(self, job: Job) -> FileState:
        """The original as it is now."""
        return FileState.of(job.original, os.path.realpath(job.kept))

    def _check_original(self, job: Job) -> None:
        """Raises `UnreadablePicture` if a result took its place since the folder was read."""
        kept = inplace.kept_place(job.source)
        if kept not in self.sources and os.path.lexists(kept):
            reason = f"was replaced by another process, and is kept as {kept.name}"
            raise UnreadablePicture(job.source, reason, "run this again")

    def _name(self, path: Path) -> str:
        """As the report calls a result."""
        folder = Path(os.path.realpath(path.parent))
        return Path(os.path.relpath(folder / path.name, self.report.path.parent)).as_posix()

    def _failed(self, job: Job, wanted: Row, error: ColornetError) -> Result:
        self.note(wanted.ended("failed", error=str(error)))
        return Result(job.source, "failed", error, job.target)

    def note(self, row: Row) -> None:
        """Write a row about a failure, if it can be written: on a full disk, it cannot."""
        with contextlib.suppress(ColornetError):
            self.report.add(row)


def _refused(source: Path, colorizer: Colorizer, error: ColornetError) -> Row:
    card = colorizer.card
    return Row(
        "failed", FileState.of(source), (), card.name, card.sha256, options={}, error=str(error)
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made ({(error.strerror or str(error)).lower()})"
        raise UnwritablePicture(folder, reason, "check its name, permissions and place") from None
