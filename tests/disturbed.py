"""Processes that die or wait at a picture, so that no test depends on how fast they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

DEADLY = """
import os
from colornet.colorizer import Colorizer
write = Colorizer.write
def deadly(self, source, *a, **k):
    if "05" in os.path.basename(str(source)): os.kill(os.getpid(), 9)
    return write(self, source, *a, **k)
Colorizer.write = deadly
"""
HELD = """
import time
from pathlib import Path
from colornet.colorizer import Colorizer
write = Colorizer.write
def held(self, source, *a, **k):
    while int(Path(str(source)).stem) >= int(Path({limit!r}).read_text() or 0): time.sleep(0.01)
    return write(self, source, *a, **k)
Colorizer.write = held
"""
FREED_BY_AN_INTERRUPT = """
import signal
interrupt = signal.default_int_handler
def freed(*a):
    Path({limit!r}).write_text("1000000")
    interrupt(*a)
signal.default_int_handler = freed
signal.signal(signal.SIGINT, signal.SIG_DFL)
"""
HELD_AT_WORK = """
import time
from colornet import stopping, upsample
compute = upsample._compute
def held(*a, **k):
    told = stopping.current_check()
    while not told(): time.sleep(0.01)
    yield from compute(*a, **k)
upsample._compute = held
"""


def deadly(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that are begun from now on be killed by a picture with 05 in its name."""
    _disturb(site, DEADLY, monkeypatch)


class Limit:
    """Pictures are called by numbers; those from this one on wait."""

    def __init__(self, file: Path, number: int) -> None:
        self._file = file
        self.set(number)

    def set(self, number: int) -> None:
        """Let more pictures be colored, or fewer."""
        self._file.write_text(str(number))


def held(site: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Let processes that are begun from now on wait at pictures of this number or a higher one."""
    _disturb(site, HELD.format(limit=str(site / "limit")), monkeypatch)
    return Limit(site / "limit", number)


def held_until_interrupted(site: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, but only until Ctrl-C is heeded."""
    _disturb(site, (HELD + FREED_BY_AN_INTERRUPT).format(limit=str(site / "limit")), monkeypatch)
    Limit(site / "limit", number)


def held_at_work(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that are begun from now on wait in the middle of a picture, whose result is
    begun, until they are told to stop.
    """
    _disturb(site, HELD_AT_WORK, monkeypatch)


def _disturb(site: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site.mkdir()
    (site / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *sys.path]))
