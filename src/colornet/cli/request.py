"""What `colornet colorize` is asked to do with each picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet.guidance import Guidance, for_picture

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer
    from colornet.picture import Encoding


@dataclass(frozen=True)
class Request:
    """The options that count for every picture; the command's help describes them."""

    model: str
    guidance: Guidance
    encoding: Encoding
    variants: int | None
    partial: bool
    redo: bool
    overwrite: bool
    jobs: int | None

    def colorizer(self, threads: int | None = None) -> Colorizer:
        """The model, loaded."""
        from colornet.colorizer import Colorizer

        return Colorizer(self.model, threads=threads)

    def guidance_of(self, picture: Path) -> Guidance:
        """With that of the picture's own hints file."""
        return for_picture(picture, self.guidance)

    @property
    def stored(self) -> dict[str, Any]:
        """How results are stored."""
        return {"encoding": self.encoding, "overwrite": self.overwrite}
