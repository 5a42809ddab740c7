"""Warnings about a picture, collected by the thread that meets them."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from colornet.notices import ColornetWarning

_of_thread = threading.local()


@contextmanager
def listening() -> Iterator[None]:
    """For as long as this lasts, `collected` gets the warnings; those of others are shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", ColornetWarning)
        show = warnings.showwarning

        def collect(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            found = getattr(_of_thread, "found", None)
            if found is not None and issubclass(category, ColornetWarning):
                found.append(str(message) if _of_thread.named else str(message).rpartition(": ")[2])
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = collect
        yield


@contextmanager
def collected(named: bool = False) -> Iterator[list[str]]:
    """What is warned of in this thread meanwhile, one line each.

    Args:
        named: with the picture's name and what in it is concerned.
    """
    found: list[str] = []
    _of_thread.found, _of_thread.named = found, named
    try:
        yield found
    finally:
        _of_thread.found = None
