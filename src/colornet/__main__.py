"""`colornet`, and `python -m colornet`: the program's way in."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn

import colornet.cli  # noqa: F401  first: it sets how many threads numpy starts
from colornet.cli.interrupts import end_at_once
from colornet.cli.startup import ClosedOutput, Output


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
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = Output.of(sys.stderr)
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = Output.of(sys.stdout)


if __name__ == "__main__":
    run()
