"""Time and memory of processes that do one thing, and a picture for them to do it to."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyvips

Work = Callable[[], object]


class Worker:
    """A process of its own that does one thing whenever it is told to."""

    def __init__(self, make: Callable[..., Work], *arguments: Any) -> None:
        """Start it; it prepares itself by `make(*arguments)`, which gives what is to be done."""
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, arguments))
        self._process.start()
        theirs.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.join()

    def seconds(self) -> float:
        """Do it once."""
        self._connection.send(None)
        return float(self._connection.recv())

    def megabytes(self, kind: str = "VmHWM") -> float:
        """The most that it has held since its start; of kind VmRSS, what it holds now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(kind))
        return int(line.split()[1]) / 1024


def _serve(connection: Connection, make: Callable[..., Work], arguments: tuple[Any, ...]) -> None:
    work = make(*arguments)
    while True:
        try:
            connection.recv()
        except EOFError:
            return
        start = time.perf_counter()
        work()
        connection.send(time.perf_counter() - start)


def in_turn(rounds: int, *works: Callable[[], float]) -> list[float]:
    """The median seconds of each; they alternate, so that what disturbs one disturbs all."""
    for work in works:
        work()  # warm
    times = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(each) for each in zip(*times, strict=True)]


def gray(width: int, height: int) -> pyvips.Image:
    """Photographs side by side, unscaled: as much detail in each pixel as a camera gives."""
    import pyvips
    from skimage import data

    colored = [make()[..., 1] for make in (data.astronaut, data.coffee, data.chelsea, data.rocket)]
    photographs = [*colored, data.camera(), data.moon(), data.brick(), data.gravel()]
    tiles = [pyvips.Image.new_from_array(each[:300, :400].copy()) for each in photographs]
    mosaic = pyvips.Image.arrayjoin(tiles, across=4)
    across, down = width // mosaic.width + 1, height // mosaic.height + 1
    return mosaic.replicate(across, down).crop(0, 0, width, height)
