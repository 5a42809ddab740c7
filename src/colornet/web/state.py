"""What the routes share."""

from __future__ import annotations

from dataclasses import dataclass

from colornet.colorizer import Colorizer
from colornet.web.canvases import Canvases
from colornet.web.jobs import Jobs
from colornet.web.problems import Refused
from colornet.web.settings import Settings


@dataclass(frozen=True)
class State:
    """One for each application."""

    settings: Settings
    colorizers: dict[str, Colorizer]
    jobs: Jobs
    canvases: Canvases

    def colorizer(self, name: str | None) -> tuple[str, Colorizer]:
        """The model of that name, never of a path.

        Raises:
            Refused: there is none.
        """
        name = name or next(iter(self.colorizers))
        if name not in self.colorizers:
            mend = f"use {' or '.join(self.colorizers)}"
            raise Refused(404, "no_such_model", "model", "there is none of that name", mend)
        return name, self.colorizers[name]
