"""Guidance of colors by the user: `Guidance`, `Hint`, and how they are applied.

Only the schema is imported here, since the other modules need numpy.
"""

from colornet.guidance.schema import (
    MAX_REACH,
    MAX_SATURATION,
    Guidance,
    Hint,
    Prior,
    Suggestion,
    Unit,
    for_picture,
    hints_file,
)

__all__ = [
    "MAX_REACH",
    "MAX_SATURATION",
    "Guidance",
    "Hint",
    "Prior",
    "Suggestion",
    "Unit",
    "for_picture",
    "hints_file",
]
