"""The options of `colornet colorize` that apply to each picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from colornet.guidance import Guidance, for_picture

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer
    from colornet.picture import Encoding


class Request(NamedTuple):
    """The options that apply to each picture; the command's help describes them."""

    model: str
    guidance: Guidance
    encoding: Encoding
    variants: int | None
    partial: bool
    page: int | None
    redo: bool
    overwrite: bool
    jobs: int | None

    def colorizer(self, threads: int | None = None) -> Colorizer:
        """The loaded model."""
        from colornet.colorizer import Colorizer

        return Colorizer(self.model, threads=threads)

    def guidance_of(self, picture: Path) -> Guidance:
        """The guidance of a picture, with its own hints file."""
        return for_picture(picture, self.guidance)

    @property
    def stored(self) -> dict[str, Any]:
        """The encoding of results."""
        return {"encoding": self.encoding, "overwrite": self.overwrite}
