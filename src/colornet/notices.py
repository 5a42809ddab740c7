"""Notices: what a user should know about work that was done nevertheless.

They travel as data, in what functions return. Only the public methods of `colornet` raise them as
Python warnings.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace


class ColornetWarning(UserWarning):
    """Something may not be as expected, though the work was done."""


@dataclass(frozen=True)
class Notice:
    """Something that may not be as expected, though the work was done.

    Attributes:
        code: stable, lower case with hyphens: "gain-map-left-out".
        text: without its subject: "is in color already; its own colors are discarded".
        subject: what it is about: a picture's name, or "scan.jpg, hint 2".
    """

    code: str
    text: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" if self.subject else self.text

    def about(self, subject: str) -> Notice:
        """The same, about this subject."""
        return replace(self, subject=subject)


def warn(notices: Iterable[Notice]) -> None:
    """Raise notices as `ColornetWarning` in the line that called the caller of this function."""
    for notice in notices:
        warnings.warn(str(notice), ColornetWarning, stacklevel=3)
