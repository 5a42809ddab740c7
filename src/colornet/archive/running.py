"""The units of one process, one after another."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from colornet.archive.manifest import part_of
from colornet.archive.units import Plan, Unit
from colornet.archive.work import Outcome, Worker


def run(
    plan: Plan,
    units: Iterable[Unit],
    *,
    jobs: int,
    threads: int | None = None,
    again: bool = False,
) -> Generator[Outcome, None, None]:
    """Color units; those that another process has finished meanwhile are passed over.

    Args:
        plan: what to color, and how.
        units: of the plan.
        jobs: pictures at a time.
        threads: of each run of the network; None: one for each core.
        again: also those that are finished.

    Raises:
        UnwritablePicture: the destination cannot be written; the unit stays to be done.
        ModelNotFound, ModelDamaged, OptionError: see `Worker`.
    """
    worker = Worker(plan, threads, jobs)
    for unit in units:
        if again or not plan.place.exists(part_of(unit)):
            yield worker(unit)
