"""Guidance of colors by the user: `Guidance`, `Hint`, and how they are applied.

Only what needs no numpy is imported here.
"""

from colornet.guidance.beside import for_picture, hints_file
from colornet.guidance.hint import MAX_REACH, Hint, Unit
from colornet.guidance.schema import MAX_SATURATION, Guidance, Prior

__all__ = [
    "MAX_REACH",
    "MAX_SATURATION",
    "Guidance",
    "Hint",
    "Prior",
    "Unit",
    "for_picture",
    "hints_file",
]
