"""Guidance in a file beside a picture: NAME.hints.json."""

from __future__ import annotations

import os
from pathlib import Path

from colornet.errors import GuidanceError
from colornet.guidance.schema import Guidance
from colornet.paths import exists, is_file


def hints_file(picture: Path) -> Path:
    """The path of the hints for one picture: NAME.hints.json beside it."""
    return picture.with_suffix(".hints.json")


def for_picture(picture: Path, guidance: Guidance) -> Guidance:
    """The guidance, combined with the picture's own hints file if there is one.

    Raises:
        GuidanceError: see `Guidance.load`.
    """
    path = hints_file(picture)
    if not os.path.lexists(path):  # no error for names that are too long
        return guidance
    if exists(path) and not is_file(path):  # reading a pipe might never end
        raise GuidanceError(path, "is not a file, in the place of hints", "move it elsewhere")
    return guidance.over(Guidance.load(path))
