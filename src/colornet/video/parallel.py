"""The parts of a film, colored in this process or in several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, MutableSequence, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any

from colornet.errors import UnwritableFilm
from colornet.model import usable_cores
from colornet.stopping import checkpoint, stoppable
from colornet.video.part_coloring import Job, PartDone, Reader, color_part
from colornet.video.parts import Part

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

Tell = Callable[[Sequence[int], Sequence[int]], None]

SECONDS = 0.2
"""Between two looks at how far other processes are."""


def color_parts(
    colorizer: Colorizer,
    job: Job,
    parts: Sequence[Part],
    begun: Sequence[int],
    jobs: int,
    tell: Tell,
) -> list[PartDone]:
    """Color all parts.

    Args:
        colorizer: the model.
        job: the film.
        parts: all of it.
        begun: for each part, the frame after those that are written already.
        jobs: processes, at most.
        tell: called as the work goes on with the same, and with the frames after those read.

    Raises:
        Stopped: the work was told to stop.
        UnwritableFilm: another process was ended; or see `color_part`.
    """
    left = [part for part in parts if begun[part.number] < part.end]
    if min(jobs, len(left)) > 1:
        return _in_processes(colorizer, job, left, begun, min(jobs, len(left)), tell)
    written, read, reader = list(begun), list(begun), Reader(job, colorizer)

    def told(number: int) -> Callable[[int, int], None]:
        def at(*position: int) -> None:
            written[number], read[number] = position
            tell(written, read)

        return at

    return [color_part(reader, part, told(part.number)) for part in left]


def _in_processes(
    colorizer: Colorizer,
    job: Job,
    left: Sequence[Part],
    begun: Sequence[int],
    jobs: int,
    tell: Tell,
) -> list[PartDone]:
    spawn = multiprocessing.get_context("spawn")
    positions = spawn.RawArray("q", [*begun, *begun])  # written, and read
    stop = spawn.Event()
    model, threads, limits = colorizer._arguments
    arguments = (model, threads or max(usable_cores() // jobs, 1), limits)
    pool = ProcessPoolExecutor(jobs, spawn, _begin, (arguments, job, positions, stop))
    try:
        running = [pool.submit(_color, part) for part in left]
        _await(running, positions, tell)
        return [future.result() for future in running]
    except BrokenProcessPool:
        reason = "a process that colored it was ended from outside"
        remedy = "run the same command again, with fewer --jobs if memory was short"
        raise UnwritableFilm(job.segments.folder, reason, remedy) from None
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _await(running: Sequence[Future[PartDone]], positions: Sequence[int], tell: Tell) -> None:
    """Until all are done, or one has failed."""
    seen: list[int] = []
    failed = False
    waiting: Any = running
    while waiting and not failed:
        checkpoint()
        done, waiting = wait(waiting, SECONDS, FIRST_EXCEPTION)
        failed = any(future.exception() for future in done)
        if seen != list(positions) and not failed:
            seen = list(positions)
            middle = len(seen) // 2
            tell(seen[:middle], seen[middle:])
    for future in running:
        if future.done():
            future.result()


class _Process:
    """What another process knows."""

    reader: Reader
    positions: MutableSequence[int]
    stop: Any


def _begin(arguments: Any, job: Job, positions: MutableSequence[int], stop: Any) -> None:
    from colornet.colorizer import Colorizer

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that began this one tells it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    model, threads, limits = arguments
    colorizer = Colorizer(model, threads=threads, limits=limits)
    _Process.reader, _Process.positions, _Process.stop = Reader(job, colorizer), positions, stop


def _end_with_parent() -> None:
    """End this process with the one that began it, which may be killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _color(part: Part) -> PartDone:
    def tell(written: int, read: int) -> None:
        positions = _Process.positions
        positions[part.number] = written
        positions[len(positions) // 2 + part.number] = read

    with stoppable(_Process.stop.is_set):
        return color_part(_Process.reader, part, tell)
