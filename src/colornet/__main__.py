"""`colornet`, and `python -m colornet`: the program's way in."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn

import colornet.cli  # noqa: F401  first: it sets how many threads numpy starts
from colornet.cli.interrupts import end_at_once
from colornet.cli.startup import ClosedOutput


def run() -> NoReturn:
    """Run the program as a process."""
    _open_streams()
    end_at_once()
    from colornet.cli.app import run as run_command

    run_command()


def _open_streams() -> None:
    """Open closed standard streams on nothing: else files would get their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files may hold what it cannot encode
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    run()
