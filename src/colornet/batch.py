"""A folder of pictures, or several: plan, skip what is done, go on after failures, report."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet.colorizer import numbered
from colornet.errors import ColornetError, OptionError, UnreadablePicture, UnwritablePicture
from colornet.guidance import Guidance, Prior, for_picture, hints_file
from colornet.modelfile import usable_cores
from colornet.picture import SUFFIXES, Encoding, is_picture_name, result_name
from colornet.record import Record, Status
from colornet.reference import Reference

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer
    from colornet.picture import Format

MAX_DEFAULT_JOBS = 4
"""A large picture takes some hundred megabytes while it is written."""
M_ARENA_MAX = -8
"""Of glibc's mallopt."""


@dataclass(frozen=True)
class Job:
    """One picture to color."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Result:
    """What became of one picture."""

    source: Path
    status: Status
    error: ColornetError | None = None
    """Why it failed."""
    target: Path | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be done, in order, and what cannot be."""

    jobs: tuple[Job, ...]
    refused: tuple[Result, ...]

    def __len__(self) -> int:
        return len(self.jobs) + len(self.refused)


# Planning


def plan(
    inputs: Sequence[Path], output: Path, format: Format | None = None, overwrite: bool = False
) -> Plan:
    """Find the pictures and their places.

    One folder's tree goes into `output` as it is; of several inputs, each folder's goes under its
    own name. Hidden files, and an output folder within an input, are left out; links to folders
    are not followed. `a.jpg` that becomes a PNG is called `a.jpg.png`, so that an `a.png` beside
    it, now or later, has its own place.

    Raises:
        OptionError: the results would take the places of their sources.
        UnreadablePicture: there is nothing to color.
    """
    if output.exists() and not output.is_dir():
        raise OptionError(output, "is a file, but several pictures need a folder", "name a folder")
    if not overwrite:
        _keep_apart([path for path in inputs if path.is_dir()], output)
    jobs: dict[Path, Job] = {}
    refused: list[Result] = []
    for root in inputs:
        folder = output / root.resolve().name if len(inputs) > 1 and root.is_dir() else output
        for found in _find(root, output):
            if isinstance(found, ColornetError):
                refused.append(_failed(Path(found.subject), found))
                continue
            inner = found.relative_to(root) if root.is_dir() else Path(found.name)
            job = Job(found, folder / result_name(inner, format))
            if job.target in jobs:
                refused.append(_collision(job, jobs[job.target]))
            else:
                jobs[job.target] = job
    if not overwrite:
        _keep_originals(jobs.values())
    if not jobs and refused and refused[0].error:
        raise refused[0].error
    return Plan(tuple(jobs.values()), tuple(refused))


def _find(root: Path, output: Path) -> Iterator[Path | ColornetError]:
    """The pictures in a folder's tree, sorted, and the folders in it that cannot be read."""
    if not root.is_dir():
        yield root
        return
    unreadable: list[OSError] = []
    empty = True
    for name, folders, files in os.walk(root, onerror=unreadable.append):
        folder = Path(name)
        folders[:] = sorted(
            inner
            for inner in folders
            if not inner.startswith(".") and not _is_same(folder / inner, output)
        )
        for path in (folder / file for file in sorted(files) if is_picture_name(file)):
            empty = False
            yield path
    for error in unreadable:
        reason = f"cannot be read ({error.strerror})"
        yield UnreadablePicture(error.filename, reason, "allow reading the folder (chmod +rx)")
    if empty and not unreadable:
        known = ", ".join(suffixes[0] for suffixes in SUFFIXES.values())
        yield UnreadablePicture(root, "holds no pictures", f"name a folder with some of {known}")


def _is_same(path: Path, other: Path) -> bool:
    return other.exists() and path.samefile(other)


def _keep_apart(folders: Iterable[Path], output: Path) -> None:
    for folder in folders:
        if _is_same(folder, output):
            reason = "is the folder of the originals"
            raise OptionError(output, reason, "choose another, or --overwrite the originals")


def _keep_originals(jobs: Iterable[Job]) -> None:
    originals = {job.source.resolve() for job in jobs}
    for job in jobs:
        if job.target.resolve() in originals:
            reason = "is an original, which a result would replace"
            raise OptionError(job.target, reason, "choose another folder, or --overwrite it")


def _collision(job: Job, first: Job) -> Result:
    reason = f"its result would replace that of {first.source}"
    return _failed(job.source, UnwritablePicture(job.source, reason, "color it by itself"))


def _failed(source: Path, error: ColornetError, target: Path | None = None) -> Result:
    return Result(source, "failed", error, target)


# Doing


def run(
    colorizer: Colorizer,
    plan: Plan,
    guidance: Guidance | None = None,
    *,
    encoding: Encoding | None = None,
    overwrite: bool = False,
    jobs: int | None = None,
    variants: int | None = None,
    partial: bool = False,
    report: Path | None = None,
) -> Iterator[Result]:
    """Color the pictures of a plan; no failure of one stops the others.

    What is done is skipped: by the report of an earlier run if there is one, or else if the target
    is newer than its source. Each file is written whole or not at all, so that a run that was
    killed is taken up by running it again.

    Args:
        colorizer: the model.
        plan: what to do.
        guidance: how to color them all; what a picture's own NAME.hints.json says is added.
        encoding: format, quality, metadata of them all.
        overwrite: do again what is done.
        jobs: pictures at a time; None: as many as cores, up to 4.
        variants: of each picture as many, NAME-1, NAME-2 ..; None: one, NAME.
        partial: color what there is of pictures that end too early, see `Colorizer.open`.
        report: a JSON file of what was done, skipped and failed; see `colornet.record`.

    Yields:
        A result for each picture, as it is finished.

    Raises:
        ModelLacks, UnreadablePicture: the reference cannot be used.
        OptionError: in the report's place is another file.
    """
    _share_memory()
    guidance = guidance or Guidance()
    reference = guidance.reference
    if not isinstance(reference, Prior | Reference | None):
        guidance = replace(guidance, reference=colorizer.reference(reference))  # once for all

    record = Record(report, colorizer.card.name) if report else None

    def do(job: Job) -> Result:
        target = job.target if variants is None else numbered(job.target, 1)
        try:
            current = record.is_current(job.source, target) if record else None
            if not overwrite and current is not False and _is_done(job.source, target, current):
                return Result(job.source, "skipped", target=target)
            target.parent.mkdir(parents=True, exist_ok=True)
            wish = for_picture(job.source, guidance)
            how: Any = {"encoding": encoding, "overwrite": overwrite or current is False}
            if variants is None:
                colorizer.colorize(job.source, target, wish, partial=partial, **how)
            else:
                canvas = colorizer.open(job.source, partial=partial)
                canvas.save_variants(variants, job.target, wish, **how)
        except ColornetError as error:
            return _failed(job.source, error, target)
        except Exception as error:  # one picture's bad luck is not the others'
            reason = f"{type(error).__name__}: {error}"
            return _failed(job.source, ColornetError(job.source, reason), target)
        return Result(job.source, "done", target=target)

    with contextlib.closing(_in_parallel(do, plan.jobs, jobs)) as finished:
        try:
            for result in itertools.chain(plan.refused, finished):
                if record:
                    told = str(result.error) if result.error else None
                    record.add(result.source, result.target or result.source, result.status, told)
                yield result
        finally:
            if record:
                record.save()


def _in_parallel(
    do: Callable[[Job], Result], todo: Iterable[Job], jobs: int | None
) -> Generator[Result, None, None]:
    """Results as they are finished, of a few jobs at a time, however many there are."""
    jobs = jobs or default_jobs()
    executor = ThreadPoolExecutor(jobs)
    waiting = iter(todo)
    running = {executor.submit(do, job) for job in itertools.islice(waiting, 2 * jobs)}
    try:
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {
                executor.submit(do, job) for job in itertools.islice(waiting, len(finished))
            }
            for future in finished:
                yield future.result()
    finally:  # after Ctrl-C, too, what was begun is finished, and nothing else is begun
        executor.shutdown(cancel_futures=True)


def _share_memory() -> None:
    """Let threads begun from now on share their free memory: it grows with their number otherwise.

    glibc gives each an arena of its own, and keeps what was freed in it.
    """
    with contextlib.suppress(OSError, TypeError, AttributeError):  # no glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def default_jobs() -> int:
    """Pictures at a time: one for each core, up to some."""
    return min(usable_cores(), MAX_DEFAULT_JOBS)


def _is_done(source: Path, target: Path, known: bool | None) -> bool:
    """Whether the target is there, and newer than its source's hints and, if not known, its source.

    Raises:
        UnwritablePicture: it is there, but older: it may be anything.
    """
    try:
        done = target.stat().st_mtime_ns
    except FileNotFoundError:
        return False
    origins = (hints_file(source),) if known else (source, hints_file(source))
    for origin in filter(Path.exists, origins):
        if done < origin.stat().st_mtime_ns:
            reason = f"is older than {origin}, and so not made from it"
            raise UnwritablePicture(target, reason, "--overwrite it, or choose another folder")
    return True
