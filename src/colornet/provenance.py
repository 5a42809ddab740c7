"""The model and options of a coloring, as they are recorded in files and reports."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from colornet import __version__
from colornet.guidance import Prior
from colornet.guidance.reference import Reference
from colornet.guidance.schema import SCALARS
from colornet.levels import Levels
from colornet.paths import path_of_source
from colornet.picture import Encoding, Provenance

if TYPE_CHECKING:
    from colornet.guidance import Guidance
    from colornet.model import ModelCard
    from colornet.picture import Source

FOUND = "found levels"
"""The option that has what `auto` found in the picture."""
ALWAYS_TOLD = ("strength", "saturation", "variant")
"""Of the values of a guidance; others are recorded where they are not the defaults."""
HINTS_IN_FULL = 4000
"""Most characters of hints in JSON that are recorded in full: a JPEG's XMP holds 64 kB."""


def provenance(card: ModelCard, guidance: Guidance, levels: Levels) -> Provenance:
    """The provenance of a picture that a model colors with this guidance, and under these levels.

    Raises:
        OSError: the reference cannot be read.
    """
    options = guidance_options(card, guidance)
    if guidance.levels == "auto":
        options[FOUND] = list(levels)
    return Provenance(__version__, card.name, card.sha256, options)


def is_made_with(made: Provenance, card: ModelCard, guidance: Guidance, encoding: Encoding) -> bool:
    """Whether a picture was colored by this model with this guidance, and so encoded.

    Raises:
        OSError: the reference cannot be read.
    """
    wanted = json.loads(json.dumps(guidance_options(card, guidance) | encoding.said))
    options = {name: value for name, value in made.options.items() if name != FOUND}
    return (made.model_sha256, options) == (card.sha256, wanted)


def guidance_options(card: ModelCard, guidance: Guidance) -> dict[str, Any]:
    """The options of a guidance that affect the result, as JSON values.

    A reference is recorded by name and SHA-256, and many hints by number and SHA-256.

    Raises:
        OSError: the reference cannot be read.
    """
    told = guidance.to_json()
    told["setting"] = guidance.setting or next(iter(card.settings), None)
    options = {
        name: told[name]
        for name, usual in SCALARS.items()
        if name in ALWAYS_TOLD or told[name] != usual
    }
    if guidance.hints:
        text = json.dumps(told["hints"])
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        brief = {"number": len(guidance.hints), "sha256": sha256}
        options["hints"] = told["hints"] if len(text) <= HINTS_IN_FULL else brief
    if guidance.reference is not None:
        options["reference"] = _identified(guidance.reference)
    return options


def _identified(reference: Source | Prior | Reference) -> dict[str, str]:
    """The name of a reference, if it has one, and a SHA-256."""
    if isinstance(reference, Reference):
        return dict(reference.origin)
    if isinstance(reference, Prior):
        return {"prior": hashlib.sha256(reference.values.tobytes()).hexdigest()}
    return identify(reference)


def identify(source: Source) -> dict[str, str]:
    """The name of a photograph, if it has one, and the SHA-256 of its file or its pixels.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        path = path_of_source(source)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"name": path.name, "sha256": digest}
    if isinstance(source, bytes | bytearray | memoryview):
        return {"sha256": hashlib.sha256(source).hexdigest()}
    if hasattr(source, "tobytes"):
        return {"pixels": hashlib.sha256(source.tobytes()).hexdigest()}
    return {"name": str(getattr(source, "name", "a stream"))}
