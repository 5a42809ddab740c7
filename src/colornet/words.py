"""Numbers of things in messages."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """1 picture, 2 pictures; with a plural of its own, 1 class, 2 classes."""
    return f"{number} {one if number == 1 else several or one + 's'}"
