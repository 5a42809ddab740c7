"""What the routes share."""

from __future__ import annotations

from dataclasses import dataclass

from colornet.colorizer import Colorizer
from colornet.web.canvases import Canvases
from colornet.web.errors import ApiError
from colornet.web.jobs import Jobs
from colornet.web.metrics import Metrics
from colornet.web.settings import Settings


@dataclass(frozen=True)
class AppState:
    """One for each application."""

    settings: Settings
    colorizers: dict[str, Colorizer]
    """By name, the default first."""
    jobs: Jobs
    canvases: Canvases
    metrics: Metrics

    def colorizer(self, name: str | None) -> tuple[str, Colorizer]:
        """The model of that name, never of a path; None: the default.

        Raises:
            ApiError: there is none.
        """
        name = name or next(iter(self.colorizers))
        if name not in self.colorizers:
            remedy = f"use {' or '.join(self.colorizers)}"
            raise ApiError(404, "no_such_model", "model", "there is none of that name", remedy)
        return name, self.colorizers[name]
