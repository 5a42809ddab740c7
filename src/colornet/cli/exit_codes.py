"""The exit codes of `colornet`.

0   everything asked for was done
1   something failed
2   the command line is invalid
130 interrupted
143 terminated
"""

from __future__ import annotations

from colornet.errors import ColornetError, GuidanceError, OptionError

FAILED, USAGE = 1, 2
INTERRUPTED, TERMINATED = 130, 143


def code_of(error: ColornetError) -> int:
    """That of an error."""
    return USAGE if isinstance(error, OptionError | GuidanceError) else FAILED
