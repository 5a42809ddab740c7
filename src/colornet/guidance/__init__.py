"""What the user says about color, and what becomes of it.

    checks.py        numbers, points and objects that users give, and bounds on them
    css_colors.py    colors as the user writes them, by CSS's names
    schema.py        Guidance, Hint and their JSON form
    reference.py     another photograph's colors for the places that resemble it
    brush.py         which cells of a grid a brush covers
    raster.py        hints on the grid of the model's colors, exact in the full picture
    strokes.py       how far the segment under a stroke extends
    propagation.py   how hints change the colors of all other places
    variants.py      suggestions, uncertainty and other plausible colors

Only the schema is imported here: the rest needs numpy.
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
