"""What several commands share: options, and how they speak to the user."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Literal

import typer

from colornet.modelfile import DEFAULT_MODEL

Format = Literal["jpeg", "png", "tiff", "webp", "avif"]
"""As in `picture`, which is not loaded just to print the help."""

ModelOption = Annotated[
    str, typer.Option("--model", help="Name of a shipped model, or a model folder.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]

__all__ = ["DEFAULT_MODEL", "Format", "ModelOption", "Overwrite", "say"]


def say(message: object) -> None:
    """One line on stderr, whatever the names in it contain."""
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", str(message))
    print(f"colornet: {line}", file=sys.stderr)
