"""Models of what the server says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ModelInfo(BaseModel):
    """A model, and the guidance that it supports."""

    name: str
    title: str
    description: str
    license: str
    weaknesses: list[str]
    settings: list[str] = Field(description="The default first.")
    hints: bool
    suggestions: bool


class FilmLimits(BaseModel):
    """The limits on films."""

    max_bytes: int
    max_seconds: float
    max_open: int


class ServerInfo(BaseModel):
    """The loaded models, the default first, and the limits on uploads."""

    models: list[ModelInfo]
    max_bytes: int
    max_pixels: int
    films: FilmLimits | None = Field(description="Null: this server takes none.")


class Health(BaseModel):
    """Whether the server answers."""

    status: Literal["ok"] = "ok"
