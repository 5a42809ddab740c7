"""`colornet colorize` for many pictures: progress, messages and a summary."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet.cli.interrupts import heeding_signals
from colornet.cli.options import say, say_all
from colornet.errors import ColornetError

if TYPE_CHECKING:
    from colornet.batch import Existing, Plan, Result
    from colornet.cli.request import Request

REDO = "--redo makes {} anew"
ELSEWHERE = "--overwrite replaces {}, or choose another folder"
REMEDIES = {
    "SOURCE": ELSEWHERE,
    "UNKNOWN": ELSEWHERE,
    "CHANGED": "--overwrite replaces {}, or delete what is to be made anew",
}
"""The option that replaces an existing result, by the name of its `Existing`; else `REDO`."""


def color_many(inputs: list[Path], output: Path, request: Request, in_place: bool = False) -> bool:
    """Color pictures and folders, and print the outcome.

    Args:
        inputs: pictures and folders.
        output: the folder for results and report.
        request: how to color them.
        in_place: each result takes the place of its original.

    Returns:
        Whether all results are there as they were asked for.
    """
    from colornet.batch import default_jobs, plan, run
    from colornet.model import usable_cores

    todo = plan(inputs, output, request.encoding.format, request.variants, in_place)
    jobs = min(request.jobs or default_jobs(), max(1, len(todo)))
    colorizer = request.colorizer(threads=max(1, usable_cores() // jobs))
    how: Any = {"encoding": request.encoding, "jobs": jobs, "partial": request.partial}
    how["replace"] = "all" if request.overwrite else "different" if request.redo else "nothing"
    results = run(colorizer, todo, request.guidance, **how)
    with heeding_signals(), contextlib.closing(results):
        return _tell(results, todo)


def _tell(results: Iterator[Result], todo: Plan) -> bool:
    """Show progress, a line for each failure and each reason to skip, and a summary."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    counts = Counter(done=0, skipped=0, failed=0)
    different: dict[Existing, list[Path]] = {}
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            for result in bar.track(results, total=len(todo), description="colorizing"):
                counts[result.status] += 1
                say_all(result.notices)
                if result.error:
                    say(result.error)
                if result.status == "different" and result.target:
                    different.setdefault(result.existing, []).append(result.target)
    except ColornetError:
        if any(counts.values()):
            say(_summary(counts))
        raise
    except BaseException:  # an interrupt
        say(_summary(counts))
        raise
    for line in (*todo.left_out.lines(), *_reasons(counts, different), _summary(counts)):
        say(line)
    return not (counts["failed"] or counts["different"] or counts["held"])


def _reasons(counts: Counter[str], different: dict[Existing, list[Path]]) -> Iterator[str]:
    if own := counts["own"]:
        yield f"{own} left out: colornet made {'it' if own == 1 else 'them'}"
    for existing, paths in different.items():
        count, first = len(paths), min(paths)
        such_as = first if count == 1 else f"such as {first}"
        remedy = REMEDIES.get(existing.name, REDO).format("it" if count == 1 else "them")
        verb = "is" if count == 1 else "are"
        yield f"{count} {verb} there, {existing.value} ({such_as}): {remedy}"
    if held := counts["held"]:
        verb = "is" if held == 1 else "are"
        yield f"{held} {verb} being made by another process: run this again when it has ended"


def _summary(counts: Counter[str]) -> str:
    words = {"different": "left as they are", "held": "held by another process"}
    told = ["done", "skipped", "failed", *(status for status in words if counts[status])]
    return ", ".join(f"{counts[status]} {words.get(status, status)}" for status in told)
