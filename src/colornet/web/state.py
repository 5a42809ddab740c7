"""The state that routes share."""

from __future__ import annotations

from dataclasses import dataclass

from colornet.colorizer import Colorizer
from colornet.web.canvases import Canvases
from colornet.web.errors import ApiError
from colornet.web.films.registry import Films
from colornet.web.jobs import Jobs
from colornet.web.metrics import Metrics
from colornet.web.settings import Settings


@dataclass(frozen=True)
class AppState:
    """The state of one application."""

    settings: Settings
    colorizers: dict[str, Colorizer]
    """The loaded models by name, the default first."""
    model_sources: dict[str, str]
    """Where they were loaded from, by the same names: a name or a folder."""
    jobs: Jobs
    canvases: Canvases
    films: Films
    metrics: Metrics

    def colorizer(self, name: str | None) -> tuple[str, Colorizer]:
        """The loaded model of a name and that name; None: the default.

        Raises:
            ApiError: no loaded model has that name.
        """
        name = next(iter(self.colorizers)) if name is None else name
        if name not in self.colorizers:
            remedy = f"use {' or '.join(self.colorizers)}"
            raise ApiError(404, "no_such_model", "model", "is not loaded", remedy)
        return name, self.colorizers[name]
