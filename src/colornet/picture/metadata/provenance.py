"""How a picture was colored, as the CreatorTool of its XMP says:

colornet 0.1.0 {"model": {"name": "general", "sha256": ".."}, "options": {"strength": 0.7, ..}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOOL = "colornet "
BEFORE = "; before: "


@dataclass(frozen=True)
class Provenance:
    """How a picture was colored.

    Attributes:
        version: of colornet.
        model: the model's name.
        model_sha256: see `ModelCard.sha256`.
        options: all options that affected the result, as JSON values.
        before: the original's CreatorTool; empty if it had none.
    """

    version: str
    model: str
    model_sha256: str
    options: Mapping[str, Any]
    before: str = ""

    @property
    def text(self) -> str:
        """The text of the CreatorTool."""
        model = {"name": self.model, "sha256": self.model_sha256}
        told = json.dumps({"model": model, "options": dict(self.options)})
        return f"{TOOL}{self.version} {told}" + (self.before and BEFORE + self.before)

    @classmethod
    def from_text(cls, text: str) -> Provenance | None:
        """Parse a CreatorTool; None: it is not one of colornet."""
        version, brace, rest = text.removeprefix(TOOL).partition(" {")
        if not text.startswith(TOOL) or not brace:
            return None
        rest = "{" + rest
        try:
            told, end = json.JSONDecoder().raw_decode(rest)
            model, options = told["model"], dict(told["options"])
            name, sha256 = str(model["name"]), str(model["sha256"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return cls(version, name, sha256, options, rest[end:].removeprefix(BEFORE))
