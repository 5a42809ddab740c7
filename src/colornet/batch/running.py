"""Color the pictures of a plan, several at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from colornet.batch.alike import kept_apart
from colornet.batch.parallel import in_parallel, share_memory
from colornet.batch.planning import Job, Plan, identity
from colornet.batch.report import REPORT, Report
from colornet.batch.worker import Replace, Result, Worker
from colornet.guidance import Guidance
from colornet.notices import Notice
from colornet.picture import Encoding

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

PATIENCE = 10.0
"""Seconds to wait, at the end, for pictures that other processes are coloring."""
LOOKED_AT = 256
"""Pictures whose results are looked for together, as each alone would cost less than a thread."""
NO_LOCKS = "has no locks: let only one process at a time work there"
BUSY = "another process is at work there, and what it makes is skipped"


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
    """Color the pictures of a plan; a picture that fails does not stop the others.

    A result that the report in the output folder knows to be made from the same original, by the
    same model and with the same options, is skipped. Each file is written whole or not at all, so
    a run that was killed goes on when it is started again.

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
        ModelLacks: the model has no such setting or no variants, or takes no hints.
        UnreadablePicture, PictureTooLarge: the reference cannot be read.
        OptionError: in the report's place is another file.
        UnwritablePicture: the report cannot be written.
    """
    share_memory()
    asked = Guidance.of(guidance)
    guidance, notices = colorizer.prepare(asked)
    if any(job.variants for job in plan.jobs):
        colorizer.card.check_distribution()
    with contextlib.ExitStack() as stack:
        report = Report(plan.output / REPORT)
        stack.callback(report.close)
        if not report.has_locks:
            notices += (Notice("no-locks", NO_LOCKS, str(plan.output)),)
        plan = kept_apart(plan)
        sources = frozenset(job.source for job in plan.jobs)
        encoding = Encoding.of(encoding)
        worker = Worker(colorizer, asked, guidance, encoding, replace, partial, report, sources)
        results = stack.enter_context(contextlib.closing(_results(worker, plan, jobs)))
        was_busy = False
        for result in results:
            if report.was_busy and not was_busy:
                notices += (Notice("folder-in-use", BUSY, str(plan.output)),)
            was_busy = report.was_busy
            yield dataclasses.replace(result, notices=(*notices, *result.notices))
            notices = ()


def _results(worker: Worker, plan: Plan, jobs: int | None) -> Generator[Result, None, None]:
    for refusal in plan.refused:
        yield worker.refuse(refusal)
    left: list[int] = []
    starts = range(0, len(plan.jobs), LOOKED_AT)
    with contextlib.closing(in_parallel(lambda k: _known(worker, plan, k), starts, jobs)) as looks:
        for start, known in looks:
            left += (start + k for k, result in enumerate(known) if result is None)
            yield from filter(None, known)
    held: list[Job] = []
    todo, later = _one_name_each([plan.jobs[k] for k in sorted(left)])
    with contextlib.closing(in_parallel(worker, todo, jobs)) as finished:
        for job, result in finished:
            if result.status == "held":
                held.append(job)
            else:
                yield result
    yield from _once_free(worker, [*held, *later])


def _one_name_each(jobs: Iterable[Job]) -> tuple[list[Job], list[Job]]:
    """Jobs that may run at a time, and those in place for further names of the same files.

    A file is locked while a result takes its place under one of its names.
    """
    files: set[tuple[int, int]] = set()
    first, others = list[Job](), list[Job]()
    for job in jobs:
        file = identity(job.source) if job.in_place else None
        (others if file in files else first).append(job)
        if file:
            files.add(file)
    return first, others


def _known(worker: Worker, plan: Plan, start: int) -> list[Result | None]:
    return [worker.known(job) for job in plan.jobs[start : start + LOOKED_AT]]


def _once_free(worker: Worker, held: list[Job]) -> Iterator[Result]:
    """Results of pictures that other processes were coloring, and may have finished by now."""
    end = time.monotonic() + PATIENCE
    for job in held:
        while (result := worker(job)).status == "held" and time.monotonic() < end:
            time.sleep(0.1)
        yield result
