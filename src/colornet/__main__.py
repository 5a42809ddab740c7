"""`colornet`, and `python -m colornet`: the program's way in.

The default model's graphs are opened aside while the command line is being imported, which takes as
long: by that, and by looking for garbage less often, a small picture is there a twentieth sooner.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import colornet.cli  # noqa: F401  first: it sets what numpy's threads do
from colornet.errors import ColornetError
from colornet.model import DEFAULT_MODEL, open_ahead

OBJECTS = 50_000
"""New ones, before garbage is looked for: what is imported, which stays, is fewer."""


def run() -> NoReturn:
    """The program as a process."""
    _open_streams()
    gc.set_threshold(OBJECTS)
    if _asks_for_default_model(sys.argv[1:]):
        with contextlib.suppress(ColornetError):  # told where the model is asked for
            open_ahead(DEFAULT_MODEL)
    from colornet.cli.app import run as run_command

    run_command()


def _open_streams() -> None:
    """Open closed ones on nothing: else files would get their numbers, and be written into."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _asks_for_default_model(arguments: Sequence[str]) -> bool:
    command, picture = (*arguments, "", "")[:2]
    another = any(argument.startswith(("-m", "--model")) for argument in arguments)
    return command == "colorize" and Path(picture).is_file() and not another


if __name__ == "__main__":
    run()
