"""Films: colors that hold still, in the same container with the same sound.

    colorize       a film from file to file
    Steady         gray frames in, colored frames out
    FilmGuidance   what the user says about single shots

Needs the extra `video`.
"""

from __future__ import annotations

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
