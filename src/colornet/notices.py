"""Notices: what a user should know about a result.

Functions return them as data. Only the public methods of `colornet` raise them as Python warnings.
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
        code: a stable identifier, such as "gain-map-left-out".
        text: the message without its subject, such as "is in color already; ..".
        subject: what it is about, such as "scan.jpg, hint 2".
    """

    code: str
    text: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" if self.subject else self.text

    def about(self, subject: str) -> Notice:
        """The same notice, about this subject."""
        return replace(self, subject=subject)


def warn(notices: Iterable[Notice]) -> None:
    """Raise notices as warnings that name the line which called the caller of this function."""
    for notice in notices:
        warnings.warn(str(notice), ColornetWarning, stacklevel=3)
