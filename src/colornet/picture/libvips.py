"""libvips and pyvips: their settings, and their warnings, told apart by thread."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

log = logging.getLogger("pyvips")
log.addHandler(logging.NullHandler())  # otherwise, warnings go to stderr where no log is set up
if log.level == logging.NOTSET:
    log.setLevel(logging.WARNING)  # pyvips logs every operation, and some while it is imported

import pyvips  # noqa: E402

from colornet.errors import OptionError  # noqa: E402

pyvips._remove_log_handler()  # in Python, so that an interrupt that arrives there would be lost
pyvips.cache_set_max(0)  # nothing is asked of libvips twice; its cache would only take memory

DOMAIN, WARNING = b"VIPS", 1 << 4  # of GLib's log


def _text_of(message: Any) -> str:
    """A message of libvips, which may repeat bytes of a file that are not UTF-8."""
    return str(pyvips.ffi.string(message).decode(errors="replace"))


# pyvips' own would raise UnicodeDecodeError, and again ever after
pyvips.error._to_string = _text_of

_user: list[int] = []
"""The process that has begun to use libvips' threads, if one has."""


def refuse_forked() -> None:
    """Refuse to work in a process that was forked after libvips had begun threads.

    libvips would wait for them for ever: they are in the parent alone.

    Raises:
        OptionError: this is such a process.
    """
    if not _user:
        _user.append(os.getpid())
    if _user[0] != os.getpid():
        reason = "was forked from a process that had read pictures, and cannot read any"
        remedy = 'start processes by multiprocessing.get_context("spawn")'
        raise OptionError("this process", reason, remedy)


class _Threads(threading.local):
    """The lists that collect each thread's warnings."""

    def __init__(self) -> None:
        self.lists: list[list[str]] = []


_threads = _Threads()


@contextlib.contextmanager
def caught_warnings() -> Iterator[list[str]]:
    """Collect libvips' warnings from this thread, in order.

    Warnings from libvips' worker threads are missed, so decode with `pyvips.Region`, which runs in
    the calling thread.
    """
    told: list[str] = []
    _threads.lists.append(told)
    try:
        yield told
    finally:
        _threads.lists[:] = [each for each in _threads.lists if each is not told]


@pyvips.ffi.callback("GLogFunc")  # type: ignore[untyped-decorator]
def _hear(domain: Any, level: int, message: Any, data: Any) -> None:
    text = _text_of(message).strip()
    for told in _threads.lists:
        told.append(text)
    log.log(logging.WARNING if not _threads.lists else logging.DEBUG, "VIPS: %s", text)


_handler = pyvips.glib_lib.g_log_set_handler(DOMAIN, WARNING, _hear, pyvips.ffi.NULL)
"""Takes the place of pyvips' handler for warnings alone; what else there is goes to no log."""
atexit.register(pyvips.glib_lib.g_log_remove_handler, DOMAIN, _handler)
