"""Calls in a process of their own, so that a picture which ends its process is found by that."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet.errors import UnreadablePicture

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

Call = Callable[..., Any]

_colorizer: Colorizer | None = None
"""In the other process."""


@contextlib.contextmanager
def apart(model: str, threads: int | None) -> Iterator[Call]:
    """Yields what calls a function with a model, a picture's path and more, in another process.

    Where that ends it, there is another one for the next call, and an `UnreadablePicture` for this.
    """
    pools: list[ProcessPoolExecutor] = []

    def call(do: Call, source: Path, *more: Any) -> Any:
        if not pools:
            spawn = multiprocessing.get_context("spawn")
            pools.append(ProcessPoolExecutor(1, spawn, _load, (model, threads)))
        try:
            return pools[0].submit(_call, do, source, *more).result()
        except BrokenProcessPool:
            pools.pop().shutdown()
            reason = "ends the process that reads or colors it"
            raise UnreadablePicture(source, reason, "get another copy of it") from None

    try:
        yield call
    finally:
        for pool in pools:
            pool.shutdown()


def _load(model: str, threads: int | None) -> None:
    global _colorizer
    from colornet.colorizer import Colorizer

    _colorizer = Colorizer(model, threads=threads)


def _call(do: Call, *arguments: Any) -> Any:
    return do(_colorizer, *arguments)
