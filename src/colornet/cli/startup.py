"""The end of a command's process: the one shortcut that saves enough time.

Measured over 18 alternating starts of `colornet colorize one.jpg` on one core: ending Python object
by object takes 8 % more CPU time at the least, and 13 % in the median.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

UNWRITTEN = 1
"""The exit code if the output could not be written."""


def end(code: int, at_once: bool) -> NoReturn:
    """End this process after flushing its output.

    Args:
        code: the exit code.
        at_once: without Python's own cleaning up; all files have to be written and closed.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # nobody reads it any more, or its disk is full
            code = code or UNWRITTEN
    if at_once:
        os._exit(code)
    sys.exit(code)
