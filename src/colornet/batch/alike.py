"""Results whose names differ, but not to the file system that they are written to.

To many file systems, `A.jpg` and `a.jpg` are the same name, and so are two ways to write an
accented letter. Only the file system knows, so it is asked.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from colornet.batch.planning import Job, Plan, Refusal, collision
from colornet.paths import folded


def kept_apart(plan: Plan) -> Plan:
    """Refuse each picture whose result would be written over that of another.

    The folder of results has to exist. In place, results have names that are there already.
    """
    alike: dict[str, list[Job]] = {}
    for job in plan.jobs:
        if not job.in_place:
            alike.setdefault(folded(job.target), []).append(job)
    groups = [jobs for jobs in alike.values() if len(jobs) > 1]
    if not groups:
        return plan
    refused: list[Refusal] = []
    with contextlib.suppress(OSError), _temporary(plan.output) as folder:
        for group in groups:
            refused += _in_the_way(group, plan.output, Path(folder))
    sources = {refusal.source for refusal in refused}
    jobs = tuple(job for job in plan.jobs if job.source not in sources)
    return replace(plan, jobs=jobs, refused=(*plan.refused, *refused))


def _in_the_way(jobs: Sequence[Job], output: Path, folder: Path) -> Iterator[Refusal]:
    """Those whose names are taken once there are files with the names of those before."""
    for job in jobs:
        place = folder / job.target.relative_to(output)
        with contextlib.suppress(
            OSError
        ):  # a name that is not allowed is reported when its result is written
            place.parent.mkdir(parents=True, exist_ok=True)
            if _is_taken(place):
                yield collision(job, jobs[0])
            else:
                place.touch()


def _temporary(parent: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=".colornet-", dir=parent)


def _is_taken(place: Path) -> bool:
    return os.path.lexists(place)
