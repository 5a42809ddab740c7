"""`colornet`, and `python -m colornet`: the program's way in."""

from __future__ import annotations

import os
from typing import NoReturn

import colornet.cli  # noqa: F401  first: it sets how many threads numpy starts


def run() -> NoReturn:
    """Run the program as a process."""
    _open_streams()
    from colornet.cli.app import run as run_command

    run_command()


def _open_streams() -> None:
    """Open closed standard streams on nothing: else files would get their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    run()
