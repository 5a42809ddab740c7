"""The files of a report, and the work on them: files of others are not replaced."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from colornet.errors import OptionError

GRAY, COLOR = "black_white", "color"
LABELS, PREDICTIONS = "labels.png", "predictions.png"
PAGE_NAME, FIGURES = "report.html", "report.json"
NAMES = (GRAY, COLOR, LABELS, PREDICTIONS, PAGE_NAME, FIGURES)
UNFINISHED = {"unfinished": True}
"""The figures of a report that is being made, or was killed."""


@contextlib.contextmanager
def begun(folder: Path) -> Iterator[None]:
    """Work on a report; of a new one that does not come to its end, nothing is left.

    Raises:
        OptionError: a file in the folder is of no report, but has the name of one's.
    """
    try:
        there = json.loads((folder / FIGURES).read_bytes())
        is_whole = isinstance(there, dict) and there.keys() >= {"model", "data", "pictures"}
        is_report = is_whole or there == UNFINISHED
    except (OSError, ValueError):
        is_report = False
    found = [folder / name for name in NAMES if os.path.lexists(folder / name)]
    if found and not is_report:
        remedy = "choose another folder, or move it elsewhere"
        raise OptionError(found[0], "is not of a report, which would replace it", remedy)
    try:
        yield
    except BaseException:
        for path in () if found else (folder / name for name in NAMES):
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                path.unlink()
        raise


def mark(folder: Path) -> None:
    """Tell of a new report that it is one, before its pictures come, lest it is killed."""
    with contextlib.suppress(OSError):  # the pictures cannot be written, either
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / FIGURES).exists():
            (folder / FIGURES).write_text(json.dumps(UNFINISHED), encoding="utf-8")
