"""Films: colors that hold still, in the same container with the same sound.

    colorize       a film from file to file
    Steady         gray frames in, colored frames out; needs no PyAV
    FilmGuidance   what the user says about single shots

Needs the extra `video`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colornet.video.film import colorize
    from colornet.video.hints import FilmGuidance, ShotGuidance
    from colornet.video.options import FilmOptions, FilmReport, Progress
    from colornet.video.steady import Steady

__all__ = [
    "FilmGuidance",
    "FilmOptions",
    "FilmReport",
    "Progress",
    "ShotGuidance",
    "Steady",
    "colorize",
]

_PLACES = {
    "FilmGuidance": "hints",
    "FilmOptions": "options",
    "FilmReport": "options",
    "Progress": "options",
    "ShotGuidance": "hints",
    "Steady": "steady",
    "colorize": "film",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
