"""Folders for what is on its way, in the system's folder for temporary files, and their errors."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from colornet.errors import DISK_FULL, UnwritablePicture, system_reason
from colornet.temporary import temporary_folder

PREFIX = "colornet-archive-"


def no_scratch(reason: str) -> UnwritablePicture:
    """An error about the folder for temporary files as a whole, not about a file in there."""
    remedy = "make room there, or set TMPDIR to another folder"
    try:
        return UnwritablePicture(tempfile.gettempdir(), reason, remedy)
    except FileNotFoundError:
        return UnwritablePicture("TMPDIR", reason, remedy)


def reason_of(error: OSError) -> str:
    """Why a temporary file cannot be written, in the operating system's words."""
    return f"cannot be written ({system_reason(error)})"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that vanishes with its user.

    Raises:
        UnwritablePicture: it cannot be made, or there was no room in it for its user.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder(PREFIX))
        except OSError as error:
            raise no_scratch(reason_of(error)) from None
        try:
            yield folder
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            raise no_scratch(reason_of(error)) from None
